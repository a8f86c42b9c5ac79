/** Whole runs of the deployed task, as the program declares it, with the sample model. */
import { join } from "node:path";
import { GetObjectCommand } from "@aws-sdk/client-s3";
import { expect } from "chai";
import { afterEach, before, it } from "mocha";
import { CityCode } from "../../runner/domain.ts";
import { runKeys } from "../../runner/layout.ts";
import { settingsTable } from "../../runner/settings/table.ts";
import { openClients } from "../../runner/stores/aws/client.ts";
import { root } from "../support/installation.ts";
import { describeWithMoto } from "../support/moto.ts";
import { stackState } from "../support/stack.ts";
import { images, sampleData } from "./images.ts";
import { type Stage, stage } from "./stage.ts";

const catalog = join(root, "catalog/ryan-white.yaml");

describeWithMoto("the deployed task, as containers", (moto) => {
  let here: Stage;

  before(async () => {
    // an image that the stack builds itself gets these two without being asked
    const config = { rReadOnlyRoot: "true", rEvents: "true" };
    here = await stage(moto, { runner: images.runner, r: images.r, data: await sampleData(), config });
  });
  afterEach(() => here.clear());

  it("publishes every plot of four cities, registers them, and reports once", async () => {
    const task = await here.start(["regenerate", "test"]);
    const { code, output } = await task.ended;
    expect(code, output).to.equal(0);

    const { runs, cities, rows } = await stackState(here.stack, moto.endpoint, catalog);
    expect(runs).to.have.length(1);
    expect(runs[0]).to.deep.include({ state: "complete", trigger: "manual", task: task.arn });
    expect(runs[0]?.reportedAt).to.be.a("string");
    expect(runs[0]?.commit).to.match(/^[0-9a-f]{40}$/);
    expect(runs[0]?.image).to.equal(here.rImage);
    expect(cities.map(({ state }) => state)).to.deep.equal(["published", "published", "published", "published"]);
    expect(rows).to.have.length(108);
    const emails = await here.stack.emails();
    expect(emails.map(({ subject }) => subject)).to.deep.equal([
      "[replot] complete: 4 cities, 108 of 108 plots, 108 new or changed (test, manual)",
    ]);
    expect(emails[0]?.body).to.contain(here.rImage);
    expect(`${output}${await task.output("r")}`).not.to.match(/Bootstrapping renv|install\.packages|npm /);
  });

  it("gives R another user, a file system that it can't write, and nothing that leads to credentials", async () => {
    const task = await here.start(["regenerate", "test", "--city", "C.12580", "--force"], {
      [settingsTable.rCommand.variable]: JSON.stringify(["Rscript", "-e", probe.join("; ")]),
      [settingsTable.rEvents.variable]: "false",
      [settingsTable.attempts.variable]: "1",
    });
    const { code, output } = await task.ended;
    expect(code, output).to.equal(1);
    const log = await logOf("C.12580");

    expect(log).to.match(/^user 10001$/m);
    expect(log).to.match(/^the job is of 10002$/m);
    expect(log).to.match(/^mode \/work 777 of 10002$/m);
    expect(log).to.match(/^mode \/srv\/ryanwhite\/simulations 777 of 10002$/m);
    for (const place of [
      "/",
      "/tmp",
      "/var/tmp",
      "/srv/ryanwhite",
      "/srv/ryanwhite/simulations",
      "/opt/ryanwhite/library",
    ]) {
      expect(log).to.contain(`write ${place} FALSE\n`);
    }
    expect(log).to.contain("write /work TRUE\n");
    expect(log).to.contain("renv FALSE\n");

    // it could read what its container was started with, and its own; neither has any of it
    expect(log).to.match(/^environ \/proc\/1\/environ [1-9]\d* bytes$/m);
    expect(log).to.match(/^environ \/proc\/self\/environ [1-9]\d* bytes$/m);
    expect(log).to.contain("R_LIBS=/opt/ryanwhite/library");
    for (const secret of task.secrets) expect(log).not.to.contain(secret);
    expect(log).not.to.match(/^(AWS_[A-Z_]*(KEY|TOKEN|CREDENTIALS|PROFILE|ROLE)|ECS_)/m);
  });

  async function logOf(city: string): Promise<string> {
    const { runs } = await stackState(here.stack, moto.endpoint, catalog);
    const [latest] = runs;
    if (latest === undefined) throw new Error("there is no run");
    const clients = openClients({ endpoint: moto.endpoint });
    try {
      const Key = runKeys.log(latest.id, CityCode.parse(city));
      const { Body } = await clients.s3.send(new GetObjectCommand({ Bucket: here.stack.cloud.plotsBucket, Key }));
      return (await Body?.transformToString()) ?? "";
    } finally {
      clients.close();
    }
  }
});

/** R that tells what it sees, statement by statement. */
const probe = [
  'say <- function(...) cat(paste0(..., "\\n"))',
  'say("user ", system("id -u", intern = TRUE))',
  "arguments <- commandArgs(TRUE)",
  'say("the job is of ", file.info(arguments[match("--config", arguments) + 1])$uid)',
  'for (place in c("/work", file.path(getwd(), "simulations"))) say("mode ", place, " ", format(file.info(place)$mode), " of ", file.info(place)$uid)',
  'for (place in c("/", "/tmp", "/var/tmp", getwd(), file.path(getwd(), "simulations"), "/opt/ryanwhite/library", "/work")) say("write ", place, " ", suppressWarnings(file.create(file.path(place, "probe"))))',
  'invisible(file.remove("/work/probe"))',
  'say("renv ", requireNamespace("renv", quietly = TRUE))',
  'for (file in c(Sys.glob("/proc/[0-9]*/environ"), "/proc/self/environ")) { bytes <- suppressWarnings(tryCatch(readBin(file, "raw", 1e6), error = function(e) raw(0))); say("environ ", file, " ", length(bytes), " bytes"); bytes[bytes == 0] <- as.raw(10); say(rawToChar(bytes)) }',
  'for (name in names(Sys.getenv())) say(name, "=", Sys.getenv(name))',
];
