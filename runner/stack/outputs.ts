/** Reads a deployed stack from its outputs, given by Pulumi or saved in a file. */
import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { Deployment, earlierOutputs } from "../deployment/deployment.ts";
import { messageOf, type ReplotError, systemCode, UnavailableError, UsageError } from "../errors.ts";
import { root } from "../root.ts";
import { withCurrentNames } from "../settings/earlier-names.ts";

/**
 * @param stack a stack's name, a `.json` file with what `pulumi stack output --json` printed, or undefined for the stack
 *   that is selected in Pulumi
 * @param timeoutSeconds how long Pulumi may take to answer
 */
export async function readDeployment(stack: string | undefined, timeoutSeconds = 60): Promise<Deployment> {
  return stack?.endsWith(".json") ? fromFile(stack) : fromPulumi(stack, timeoutSeconds);
}

async function fromFile(file: string): Promise<Deployment> {
  const text = await readFile(file, "utf8").catch((thrown: unknown) => {
    const why = systemCode(thrown) === "ENOENT" ? "there is no such file" : messageOf(thrown);
    throw new UsageError(`--stack ${file}: ${why}; make it with: pulumi stack output --json > ${file}`);
  });
  return parse(text, `file ${file}`, `pulumi up, then: pulumi stack output --json > ${file}`);
}

async function fromPulumi(stack: string | undefined, timeoutSeconds: number): Promise<Deployment> {
  const chosen = stack === undefined ? [] : ["--stack", stack];
  const words = ["stack", "output", "--json", "--non-interactive", ...chosen];
  const { code, stdout, stderr } = await pulumi(words, timeoutSeconds);
  if (code !== 0) throw refusal(stack, stderr);
  const which = stack === undefined ? "the selected stack" : `stack ${stack}`;
  return parse(stdout, which, ["pulumi up", ...chosen].join(" "));
}

function pulumi(
  words: readonly string[],
  timeoutSeconds: number,
): Promise<{ readonly code: number; stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn("pulumi", words, {
      cwd: root,
      env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" },
      stdio: ["ignore", "pipe", "pipe"],
      // unlike the option `timeout`, leaves no timer behind when the program cannot be started
      signal: AbortSignal.timeout(timeoutSeconds * 1000),
    });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    child.on("error", (error) => {
      // on a timeout "close" follows, with the signal that ended the child
      if (error.name === "AbortError") return;
      reject(
        systemCode(error) === "ENOENT"
          ? new UnavailableError(
              "there is no pulumi on the PATH, which --stack NAME needs to read the stack's outputs; install it " +
                "(https://www.pulumi.com/docs/install), or save the outputs on a machine that has it with " +
                "`pulumi stack output --json > stack.json` and use --stack stack.json",
            )
          : new UnavailableError(`pulumi can't be started: ${error.message}`),
      );
    });
    child.on("close", (code, signal) => {
      if (signal === null) resolve({ code: code ?? 1, stdout, stderr });
      else reject(new UnavailableError(`pulumi ${words.join(" ")} gave no answer within ${timeoutSeconds} s`));
    });
  });
}

/** Remedies for Pulumi's error messages. The error shows Pulumi's own message first, since people search for it. */
const remedies: readonly (readonly [RegExp, "request" | "machine", string])[] = [
  [/no stack named/i, "request", "`pulumi stack ls` lists the stacks; `pulumi up --stack NAME` makes one"],
  [/no stack selected/i, "request", "say which with --stack NAME, or select one with: pulumi stack select NAME"],
  [
    /access.?token|not logged in|pulumi login|unauthorized|401/i,
    "machine",
    "log in to where the stack's state is: pulumi login (or pulumi login s3://BUCKET)",
  ],
  [/passphrase/i, "machine", "set PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE as for pulumi up"],
  [/no Pulumi\.yaml/i, "machine", "run replot from a checkout that has Pulumi.yaml, or give --stack FILE.json"],
];

function refusal(stack: string | undefined, stderr: string): ReplotError {
  const messages = stderr
    .split("\n")
    .map((line) => line.replace(/^error: /, "").trim())
    .filter((line) => line !== "" && !line.startsWith("warning:"));
  const text = messages.join("; ") || "no reason given";
  const [, whose = "machine", remedy = "run it by hand: pulumi stack output --json"] =
    remedies.find(([pattern]) => pattern.test(text)) ?? [];
  const message = `pulumi can't read the outputs of ${stack ?? "the selected stack"}: ${text}\n  ${remedy}`;
  return whose === "request" ? new UsageError(message) : new UnavailableError(message);
}

/** @param again the command that produces outputs this version understands */
function parse(text: string, source: string, again: string): Deployment {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new UsageError(`${source} is not JSON; expected the outputs of a stack, made with: ${again}`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new UsageError(`${source} is not an object with the outputs of a stack, made with: ${again}`);
  }
  const names = Object.keys(value);
  if (names.length === 0) throw new UnavailableError(`${source} has no outputs: it isn't deployed; run: ${again}`);
  const parsed = Deployment.safeParse(withCurrentNames<unknown>({ ...value }, earlierOutputs).values);
  if (parsed.success) return parsed.data;
  const known = Object.keys(Deployment.shape);
  if (known.filter((name) => names.includes(name)).length < known.length / 2) {
    throw new UsageError(`${source} has the outputs of another program (${names.slice(0, 5).join(", ")})`);
  }
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
  throw new UnavailableError(
    `${source} has the outputs of another version of replot; run: ${again}\n  ${problems.join("\n  ")}`,
  );
}
