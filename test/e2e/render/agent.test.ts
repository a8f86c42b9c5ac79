/** `agent.sh` by itself, over a work directory laid out by hand: what any R image may rely on. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { credentialVariables } from "../../../runner/deployment/credential-variables.ts";
import { attemptFiles, readLine, workFiles } from "../../../runner/render/agent/work-directory.ts";
import { until } from "../../support/until.ts";
import { clearAgents, startAgent } from "./agent.ts";

describe("agent.sh", () => {
  afterEach(clearAgents);

  it("passes every word to R as it is", async () => {
    const words = [
      " a b ",
      "'",
      '"',
      "$(touch x)",
      "`x`",
      "*",
      "\\n\\",
      "a\tb",
      "",
      "Ünï",
      "-n",
      "{}",
      "%s",
      "a;b&c|d>e",
      "\r",
    ];
    const { submit, status, directory } = await startAgent("", {
      command: ["sh", "-c", 'for word do printf "%s\\0" "$word"; done >"$STAGE/words"', ...words],
    });
    await submit("C.1.1");
    expect(await status("C.1.1")).to.equal("0 itself");
    const [first, ...got] = (await readFile(join(directory, "words"), "utf8")).split("\0");
    expect([first, ...got].slice(0, words.length - 1)).to.deep.equal(words.slice(1));
    expect(got.slice(words.length - 2)).to.deep.equal([
      "--config",
      `${directory}/work/attempts/C.1.1/job.yaml`,
      "--output-dir",
      `${directory}/work/attempts/C.1.1/output`,
      "",
    ]);
  });

  it("refuses a word with a line break instead of passing on something else", async () => {
    const failure = await startAgent("", { command: ["sh", "a\nb"] }).catch((error: unknown) => error);
    expect(String(failure)).to.contain("has a line break in it");
  });

  it("runs each job exactly once, whatever the number of workers", async () => {
    const { submit, status, directory, work } = await startAgent('echo "$attempt" >>"$STAGE/started"', { workers: 8 });
    const ids = Array.from({ length: 30 }, (_, place) => `C.${place}.1`);
    await Promise.all(ids.map((id) => submit(id)));
    for (const id of ids) expect(await status(id)).to.equal("0 itself");
    const started = (await readFile(join(directory, "started"), "utf8")).trim().split("\n");
    expect(started.sort()).to.deep.equal(ids.map((id) => join(work, "attempts", id)).sort());
  });

  it("gives R its directory, its temporary files, its log, and files that anybody can remove", async () => {
    const { submit, status, work, directory } = await startAgent(
      'pwd; echo "$TMPDIR" >&2; echo "$EXTRA"; touch "$TMPDIR/x"; draw o1; cat',
      { cwd: "/usr", environment: { EXTRA: "a = 'b'  c" } },
    );
    await submit("C.1.1");
    expect(await status("C.1.1")).to.equal("0 itself");
    const files = attemptFiles(work, "C.1.1");
    expect(await readFile(files.log, "utf8")).to.equal(`/usr\n${directory}/work/attempts/C.1.1/tmp\na = 'b'  c\n`);
    expect(statSync(join(files.output, "C.1")).mode & 0o777).to.equal(0o777);
    expect(existsSync(files.temporary)).to.equal(false);
  });

  it("keeps everything that leads to credentials from R, /proc included", async () => {
    const secrets = Object.fromEntries(credentialVariables.map((name) => [name, "s3cret"]));
    const { submit, status, work } = await startAgent(
      `env; for p in $$ $PPID; do cat /proc/$p/environ; done; cat "$STAGE/work/alive/pid"`,
      {
        env: { ...process.env, ...secrets, HARMLESS: "kept" },
      },
    );
    await submit("C.1.1");
    await status("C.1.1");
    const log = await readFile(attemptFiles(work, "C.1.1").log, "utf8");
    expect(log).to.contain("HARMLESS=kept").and.not.contain("s3cret");
    const pid = Number((await readFile(workFiles(work).agentPid, "utf8")).split(" ")[0]);
    expect(readFileSync(`/proc/${pid}/environ`, "utf8"))
      .to.contain("HARMLESS=kept")
      .and.not.contain("s3cret");
  });

  it("counts an attempt's time as long as its worker lives", async () => {
    const { submit, work } = await startAgent("sleep 1000");
    await submit("C.1.1");
    const elapsed = async () => Number(await readLine(attemptFiles(work, "C.1.1").elapsed));
    await until("two ticks are counted", async () => (await elapsed()) >= 200);
    expect(readdirSync(join(work, "workers", "1"))).to.deep.equal(["C.1.1"]);
  });
});
