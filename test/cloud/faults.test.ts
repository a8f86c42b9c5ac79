/** A fifth of all calls of a whole run fail, and nothing is lost by it. */
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect } from "chai";
import { after, before, it } from "mocha";
import { rEnvironment } from "../../runner/render/engine.ts";
import { settingsTable } from "../../runner/settings/table.ts";
import { openClients } from "../../runner/stores/aws/client.ts";
import { openObjects } from "../../runner/stores/aws/objects.ts";
import type { Call, Fault } from "../support/faulty-proxy.ts";
import { root } from "../support/installation.ts";
import { describeWithMoto } from "../support/moto.ts";
import { Stage } from "./stage.ts";

const execute = promisify(execFile);
const cities = ["C.12580", "C.12940", "C.14460", "C.16740", "C.19100", "C.26420"];
const catalog = join(root, "catalog/ryan-white.yaml");

const ofS3 = (status: number, code: string): Fault => ({
  status,
  body: `<Error><Code>${code}</Code><Message>${code}</Message></Error>`,
});
const ofDynamoDB = (status: number, code: string): Fault => ({
  status,
  body: JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${code}`, message: code }),
});

/** What the services and the network do: throttling, failures of their own, resets before and after they took effect. */
const faults = {
  s3: [ofS3(503, "SlowDown"), ofS3(500, "InternalError"), ofS3(503, "ServiceUnavailable"), "reset", "lost answer"],
  dynamodb: [
    ofDynamoDB(400, "ProvisionedThroughputExceededException"),
    ofDynamoDB(400, "ThrottlingException"),
    ofDynamoDB(500, "InternalServerError"),
    "reset",
    "lost answer",
  ],
} as const;

/** Every fifth call of either service, and every fault in turn. */
function aFifth(): (call: Call) => Fault | undefined {
  const calls = { s3: 0, dynamodb: 0 };
  return ({ target, method }) => {
    const service = target === "S3" ? "s3" : target.startsWith("DynamoDB") ? "dynamodb" : undefined;
    if (service === undefined || (service === "s3" && method === "POST")) return undefined;
    calls[service] += 1;
    const n = calls[service];
    return n % 5 === 0 ? faults[service][(n / 5) % faults[service].length] : undefined;
  };
}

describeWithMoto("a run of six cities of which every fifth call fails", (moto) => {
  let stage: Stage;
  let data: string;
  before(async function () {
    this.timeout(180_000);
    data = await mkdtemp(join(tmpdir(), "replot-medium-"));
    const selected = cities.flatMap((city) => ["--city", city]);
    await execute(
      "Rscript",
      [join(root, "model/exec/simulate"), "--cities", catalog, "--draws", "3", "--output", data, ...selected],
      { env: rEnvironment() },
    );
    stage = await Stage.open(moto.endpoint);
    await stage.stack.upload(data);
  });
  after(async () => {
    await stage.close();
    await rm(data, { recursive: true, force: true });
  });

  it("loses none of its 900 plots, and counts what was repeated", async function () {
    this.timeout(240_000);
    const proxy = await stage.proxy({ faults: aFifth() });
    const task = await stage.start(proxy, ["regenerate", "medium"], {
      catalog,
      environment: {
        [settingsTable.rCommand.variable]: JSON.stringify(["Rscript", join(root, "model/exec/batch")]),
        [settingsTable.rEvents.variable]: "1",
      },
      rEnvironment: { R_LIBS: rEnvironment()["R_LIBS"] },
    });
    const { code, stderr } = await task.ended;
    expect(code, stderr).to.equal(0);

    const { runs, rows, cities: ended } = await stage.state(catalog);
    expect(ended.map(({ state }) => state)).to.deep.equal(cities.map(() => "published"));
    expect(rows).to.have.length(900);
    const clients = openClients({ endpoint: moto.endpoint });
    const stored = new Set<string>();
    for await (const { key } of openObjects(clients, stage.deployed.cloud.plotsBucket).list("plots/")) stored.add(key);
    clients.close();
    expect(rows.filter(({ s3_key }) => !stored.has(s3_key))).to.deep.equal([]);
    expect(stored.size, "nothing is there that no row names").to.equal(new Set(rows.map(({ s3_key }) => s3_key)).size);

    // what came after the report is in no report; the server has hiccups of its own
    const repeated = runs[0]?.repeated ?? 0;
    expect(repeated).to.be.within(proxy.faults() * 0.95, proxy.faults() * 1.05);
    expect(proxy.faults()).to.be.above(200);
    const [email, ...others] = await stage.stack.emails();
    expect(others).to.deep.equal([]);
    expect(email?.subject).to.match(/^\[replot\] complete: 6 cities, 900 of 900 plots, 900 new or changed/);
    expect(email?.body).to.include(`${repeated} calls to AWS repeated.`);
  });
});
