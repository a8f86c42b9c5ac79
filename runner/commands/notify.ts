import type { Command } from "commander";
import { ExitCode, UsageError } from "../errors.ts";
import { plural } from "../format/format.ts";
import { runId } from "../run-id.ts";
import { currentUser } from "../stack/current-user.ts";
import { type Stack, withStack } from "../stack/open.ts";
import { type Subscriber, subscribers } from "../stack/subscribers.ts";
import { openTopic } from "../stores/aws/notifier.ts";
import { examples, type StackOptions, stackOption } from "./options.ts";
import { print, printJson } from "./output.ts";

export function addNotify(program: Command): void {
  stackOption(program.command("notify"))
    .description("sends a test e-mail to the subscribers of reports, and lists them")
    .option("--test", "send it")
    .option("--json", "as JSON")
    .addHelpText(
      "after",
      examples([["replot notify --test --stack prod", "check that everybody receives the reports"]]),
    )
    .action(async (options: StackOptions & { test?: boolean; json?: boolean }) => {
      if (options.test !== true)
        throw new UsageError("reports are sent by runs; for a test e-mail: replot notify --test");
      await withStack(options.stack, async (stack) => {
        const all = await subscribers(stack);
        await send(stack);
        process.exitCode = all.some(({ confirmed }) => confirmed) ? ExitCode.complete : ExitCode.cannotWork;
        return options.json
          ? printJson({ topic: stack.deployment.topicArn, subscribers: all })
          : print(describe(stack, all));
      });
    });
}

async function send({ clients, deployment: { stack, topicArn, region, account } }: Stack): Promise<void> {
  const now = new Date();
  await openTopic(clients, topicArn).notify({
    run: runId(now.getTime(), "test"),
    subject: `[replot] test e-mail of stack ${stack}`.slice(0, 99),
    body:
      `${currentUser()} asked for this at ${now.toISOString()} with: replot notify --test\n\n` +
      `Reports of stack ${stack} (account ${account}, ${region}) are sent in the same way. No action is needed.\n`,
  });
}

function describe({ deployment: { topicArn } }: Stack, all: readonly Subscriber[]): string {
  const names = (confirmed: boolean) =>
    all.filter((one) => one.confirmed === confirmed).map(({ endpoint }) => endpoint);
  const [confirmed, pending] = [names(true), names(false)];
  const add = "`pulumi config set emails ada@example.org`, then `pulumi up`";
  return [
    `A test e-mail was accepted by topic ${topicArn}.`,
    confirmed.length === 0 ? "Nobody gets it." : `It goes to ${confirmed.join(", ")}.`,
    ...(pending.length === 0
      ? []
      : [
          `${plural(pending.length, "subscriber")} not confirmed, who ${pending.length === 1 ? "gets" : "get"} nothing: ${pending.join(", ")}.`,
          'Follow the link in the e-mail "AWS Notification - Subscription Confirmation"; it is good for two days, and `pulumi up` sends it again once the old one has gone.',
        ]),
    ...(all.length === 0 ? [`Nobody has subscribed: ${add}.`] : []),
  ].join("\n");
}
