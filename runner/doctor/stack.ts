/** Everything that a run of a deployed stack needs, looked at from outside. */
import { DescribeTableCommand } from "@aws-sdk/client-dynamodb";
import { HeadBucketCommand } from "@aws-sdk/client-s3";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import type { Catalog, Selection } from "../catalog/catalog.ts";
import { messageOf } from "../errors.ts";
import { plotsTable, runsTable } from "../layout.ts";
import type { Stack } from "../stack/open.ts";
import { subscribers } from "../stack/subscribers.ts";
import { awsFailure } from "../stores/aws/failure.ts";
import { openLedger } from "../stores/aws/ledger.ts";
import { findLock } from "../stores/aws/lock.ts";
import { openObjects } from "../stores/aws/objects.ts";
import { describeTime } from "../stores/lease.ts";
import { version } from "../version.ts";
import { type Finding, ok, warn, wrong } from "./check.ts";
import { checkHistory } from "./history.ts";
import { describeInputs, inputsOf } from "./inputs.ts";
import { checkQuota } from "./quota.ts";
import { checkRegistryImage } from "./registry.ts";
import { checkSchedule } from "./schedule.ts";

/** Runs that the task's size is judged by. */
const history = 10;

/** @param command a command to paste that works on this stack, from its name and its own words */
export async function examineStack(
  stack: Stack,
  catalog: Catalog,
  selection: Selection,
  command: (words: string) => string,
): Promise<Finding[]> {
  const { deployment, clients } = stack;
  const credentials = await checkCredentials(stack);
  // without them everything else would only fail in the same words
  if (credentials.state === "wrong") return [checkVersion(stack), credentials];
  const up = "pulumi up";
  return [
    checkVersion(stack),
    credentials,
    ...(await Promise.all([
      look("Bucket of inputs", up, (what) => checkBucket(stack, what, deployment.dataBucket)),
      look("Bucket of plots", up, (what) => checkBucket(stack, what, deployment.plotsBucket)),
      look("Table of plots", up, (what) => checkTable(stack, what, deployment.plotsTable, plotsTable)),
      look("Table of runs", up, (what) => checkTable(stack, what, deployment.runsTable, runsTable)),
      look("Inputs", command("data push DIRECTORY"), async () => {
        const there = new Set<string>();
        const objects = openObjects(clients, deployment.dataBucket);
        for await (const { key } of objects.list(`simulations/${catalog.model}/`)) there.add(key);
        const wanted = selection.cities.flatMap((city) => inputsOf(catalog, selection, city));
        const missing = wanted.filter((path) => !there.has(path));
        const where = `bucket ${deployment.dataBucket}`;
        return describeInputs(wanted, missing, where, `upload them: ${command("data push DIRECTORY")}`);
      }),
      look("Runner's image", up, (what) => checkRegistryImage(stack, what, deployment.runnerImage)),
      look("R's image", up, (what) => checkRegistryImage(stack, what, deployment.rImage)),
      look("Task's size", `${command("runs")} says more`, async () => {
        const ledger = openLedger(clients, deployment.runsTable);
        const runs = await ledger.runs(history);
        const cities = (await Promise.all(runs.map(({ id }) => ledger.cities(id)))).flat();
        return checkHistory(deployment, runs, cities);
      }),
      checkQuota(stack),
      look("E-mails", `try: ${command("notify --test")}`, () => checkSubscribers(stack)),
      look("Lock", up, () => checkLock(stack)),
      look("Schedule", up, (what) => checkSchedule(stack, what)),
    ])),
  ];
}

/** What a check throws is its finding. */
async function look(what: string, remedy: string, check: (what: string) => Promise<Finding>): Promise<Finding> {
  try {
    return await check(what);
  } catch (error) {
    return wrong(what, messageOf(error), remedy);
  }
}

function checkVersion({ deployment }: Stack): Finding {
  const what = "Stack";
  const where = `${deployment.stack} in ${deployment.region}, account ${deployment.account}`;
  if (deployment.version === version) return ok(what, `${where}, replot ${version}`);
  return warn(
    what,
    `${where}, has replot ${deployment.version}, and this is ${version}`,
    "pulumi up brings it to this version; or use the checkout that it was deployed from",
  );
}

async function checkCredentials({ deployment, clients }: Stack): Promise<Finding> {
  const what = "Credentials";
  const sts = new STSClient(clients.settings);
  try {
    const { Account: account, Arn: arn = "" } = await sts.send(new GetCallerIdentityCommand({})).catch((thrown) => {
      throw awsFailure({ action: "sts:GetCallerIdentity", on: deployment.region }, thrown);
    });
    if (account === deployment.account) return ok(what, arn);
    return wrong(
      what,
      `${arn} is in account ${account}, and the stack is in ${deployment.account}`,
      "log in to the stack's account, or choose its profile with AWS_PROFILE",
    );
  } catch (error) {
    return wrong(what, messageOf(error), "log in, or choose a profile with AWS_PROFILE");
  } finally {
    sts.destroy();
  }
}

async function checkBucket({ clients }: Stack, what: string, bucket: string): Promise<Finding> {
  await clients.s3.send(new HeadBucketCommand({ Bucket: bucket })).catch((thrown: unknown) => {
    throw awsFailure({ action: "s3:ListBucket", on: `bucket ${bucket}` }, thrown);
  });
  return ok(what, bucket);
}

async function checkTable(
  { clients }: Stack,
  what: string,
  table: string,
  key: { readonly partition: string; readonly sort: string },
): Promise<Finding> {
  const { Table: found } = await clients.dynamodb
    .send(new DescribeTableCommand({ TableName: table }))
    .catch((thrown: unknown) => {
      throw awsFailure({ action: "dynamodb:DescribeTable", on: `table ${table}` }, thrown);
    });
  const names = (found?.KeySchema ?? []).map(({ AttributeName }) => AttributeName).join(", ");
  if (names !== `${key.partition}, ${key.sort}`) {
    return wrong(what, `${table} has the key ${names}, not ${key.partition}, ${key.sort}`, "pulumi up");
  }
  return found?.TableStatus === "ACTIVE"
    ? ok(what, table)
    : wrong(what, `${table} is ${found?.TableStatus}`, "wait until it is ACTIVE");
}

async function checkSubscribers(stack: Stack): Promise<Finding> {
  const what = "E-mails";
  const all = (await subscribers(stack)).filter(({ protocol }) => protocol.startsWith("email"));
  const pending = all.filter(({ confirmed }) => !confirmed).map(({ endpoint }) => endpoint);
  if (all.length === 0) {
    return wrong(
      what,
      "nobody receives e-mails about runs",
      "pulumi config set emails ada@example.org, then pulumi up",
    );
  }
  if (pending.length === 0) return ok(what, `to ${all.map(({ endpoint }) => endpoint).join(", ")}`);
  const remedy = 'follow the link in the e-mail "AWS Notification - Subscription Confirmation"';
  const detail = `not confirmed, so nothing comes: ${pending.join(", ")}`;
  return pending.length === all.length ? wrong(what, detail, remedy) : warn(what, detail, remedy);
}

async function checkLock({ clients, deployment }: Stack): Promise<Finding> {
  const found = await findLock(clients, deployment.runsTable);
  if (found === undefined) return ok("Lock", "no run is at work");
  const { run, since, owner, leaseEnd, lease } = found;
  if (lease === "valid") return ok("Lock", `${run} is at work since ${since}`);
  return warn(
    "Lock",
    `the lock of ${run} (${owner}) ends at ${describeTime(leaseEnd)}: a clock was wrong when it was written`,
    "nothing: the next run watches it for a minute, and takes it over if its holder gives no sign",
  );
}
