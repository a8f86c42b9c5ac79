/** `agent.sh` by itself, over a work directory laid out by hand: what any R image may rely on. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { afterEach, before, describe, it } from "mocha";
import {
  type AgentSettings,
  attemptFiles,
  beatRunner,
  createWorkDirectory,
  credentialVariables,
  prepareForAgent,
  readLine,
  submitJob,
  workFiles,
} from "../../../runner/render/workdir.ts";
import { isAlive } from "../../support/processes.ts";
import { skipFor } from "../../support/skip.ts";
import { until } from "../../support/until.ts";
import { clearStages, imageCommand, temporaryDirectory } from "./stage.ts";

const agents: ChildProcess[] = [];
const beating: NodeJS.Timeout[] = [];

interface Running {
  readonly work: string;
  readonly directory: string;
  readonly agent: ChildProcess;
  readonly pid: number;
  said(): string;
  pids(): number[];
  submit(id: string, deadlineSeconds?: number): Promise<void>;
  status(id: string): Promise<string>;
}

interface Start extends Partial<AgentSettings> {
  readonly env?: NodeJS.ProcessEnv;
  readonly program?: readonly string[];
  /** Whether somebody keeps the runner's heartbeat going. */
  readonly runner?: boolean;
}

async function startAgent(body: string, start: Start = {}): Promise<Running> {
  const directory = await temporaryDirectory();
  await chmod(directory, 0o755);
  const work = join(directory, "work");
  const { env = process.env, program = [], runner = true, ...settings } = start;
  await createWorkDirectory(
    work,
    {
      workers: 1,
      command: await imageCommand(directory, body),
      patienceSeconds: 60,
      ...settings,
      environment: { STAGE: directory, ...settings.environment },
    },
    0o755,
  );
  await prepareForAgent(work);
  const [command = "sh", ...args] = [...program, "sh", workFiles(work).agentScript, work];
  const agent = spawn(command, args, { env, detached: true, stdio: ["ignore", "ignore", "pipe"] });
  agents.push(agent);
  let said = "";
  agent.stderr.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  let beats = 0;
  if (runner) beating.push(setInterval(() => void beatRunner(work, ++beats).catch(() => {}), 300));
  return {
    work,
    directory,
    agent,
    pid: agent.pid ?? 0,
    said: () => said,
    pids: () => {
      const file = join(directory, "pids");
      return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n").map(Number) : [];
    },
    submit: (id, deadlineSeconds = 60) =>
      submitJob(attemptFiles(work, id), {
        job: "jobs: []\n",
        args: ["--config", "{}/job.yaml", "--output-dir", "{}/output"],
        deadlineSeconds,
      }),
    async status(id) {
      await until(`${id} is done`, () => existsSync(attemptFiles(work, id).done));
      return (await readLine(attemptFiles(work, id).status)) ?? "";
    },
  };
}

/** A directory with nothing but these programs in it, `sh` being another one's. */
async function onlyPrograms(shell: string, names: readonly string[]): Promise<NodeJS.ProcessEnv> {
  const bin = join(await temporaryDirectory(), "bin");
  await mkdir(bin);
  symlinkSync(which(shell), join(bin, "sh"));
  for (const name of names) symlinkSync(which(name), join(bin, name));
  return { ...process.env, PATH: bin };
}

function which(program: string): string {
  return execFileSync("sh", ["-c", 'command -v "$0"', program], { encoding: "utf8" }).trim();
}

function has(program: string): boolean {
  try {
    return which(program) !== "";
  } catch {
    return false;
  }
}

describe("agent.sh", () => {
  afterEach(async () => {
    for (const timer of beating.splice(0)) clearInterval(timer);
    for (const { pid } of agents.splice(0)) {
      try {
        if (pid !== undefined) process.kill(-pid, "SIGKILL");
      } catch {
        // ended by itself
      }
    }
    await clearStages();
  });

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
    const ids = Array.from({ length: 60 }, (_, place) => `C.${place}.1`);
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

  it("counts an attempt's seconds as long as its worker lives", async () => {
    const { submit, work } = await startAgent("sleep 1000");
    await submit("C.1.1");
    const seconds = async () => Number(await readLine(attemptFiles(work, "C.1.1").seconds));
    await until("two seconds are counted", async () => (await seconds()) >= 2);
    expect(readdirSync(join(work, "workers", "1"))).to.deep.equal(["C.1.1"]);
  });

  it("leaves no R behind within two seconds of a TERM, and says what became of each", async () => {
    const { agent, submit, pids, work, status } = await startAgent('sleep 1000 & echo $! >>"$STAGE/pids"; sleep 1000', {
      workers: 2,
    });
    await submit("C.1.1");
    await submit("C.2.1");
    await until("both have started", () => pids().length === 4);
    const told = Date.now();
    agent.kill("SIGTERM");
    await until("all are gone", () => !pids().some(isAlive));
    // far under a second; the rest is for a machine with other things to do
    expect(Date.now() - told).to.be.lessThan(2000);
    await until("the agent has ended", () => agent.exitCode === 143);
    expect(await status("C.1.1")).to.match(/^1\d\d agent$/);
    expect(await status("C.2.1")).to.match(/^1\d\d agent$/);
    expect(await readLine(workFiles(work).agent)).to.equal("ended: told to end by a signal");
  });

  it("stops R and ends when the runner shows no sign of life", async () => {
    const { submit, pids, agent, said, status } = await startAgent("sleep 1000", { patienceSeconds: 3, runner: false });
    await submit("C.1.1");
    await until("R has started", () => pids().length === 1);
    await until("the agent has ended", () => agent.exitCode === 1);
    expect(said()).to.contain("no sign of life from the runner for 3 seconds");
    expect(await status("C.1.1")).to.match(/ agent$/);
    expect(pids().filter(isAlive)).to.deep.equal([]);
  });

  it("ends at once when told to stop, or finishes what it does", async () => {
    for (const how of ["now", "finish"]) {
      const { submit, pids, agent, work, status, directory } = await startAgent("await go");
      await submit("C.1.1");
      await until("R has started", () => pids().length === 1);
      await submit("C.2.1");
      await writeFile(workFiles(work).stop, `${how}\n`);
      if (how === "finish") await writeFile(join(directory, "go"), "");
      await until("the agent has ended", () => agent.exitCode === 0);
      expect(await status("C.1.1")).to.match(how === "now" ? / agent$/ : /^0 itself$/);
      expect(readdirSync(workFiles(work).ready)).to.deep.equal(["C.2.1"]);
    }
  });

  it("leaves a work directory that became another agent's", async () => {
    const { agent, work, said } = await startAgent("");
    await until("it works", () => existsSync(workFiles(work).agent));
    await prepareForAgent(work);
    await until("the agent has ended", () => agent.exitCode === 1);
    expect(said()).to.contain("became that of another agent");
  });

  it("tells the runner about jobs that an earlier life of its container had claimed", async () => {
    const { work, agent, submit } = await startAgent("sleep 1000");
    await submit("C.1.1");
    await until("R has started", () => existsSync(attemptFiles(work, "C.1.1").pid));
    const r = Number((await readFile(attemptFiles(work, "C.1.1").pid, "utf8")).split(" ")[0]);
    process.kill(-(agent.pid ?? 0), "SIGKILL"); // agent and workers together, as a container does
    process.kill(-r, "SIGKILL");
    const again = spawn("sh", [workFiles(work).agentScript, work], { detached: true, stdio: "ignore" });
    agents.push(again);
    await until("it is settled", () => existsSync(attemptFiles(work, "C.1.1").done));
    expect(await readLine(attemptFiles(work, "C.1.1").status)).to.equal("137 agent");
  });

  describe("where it may not work as another user", () => {
    const nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];

    before(function () {
      if (process.getuid?.() !== 0 || !has("setpriv")) skipFor(this, "running as two users needs root and setpriv");
    });

    async function prepared(
      change: (work: string) => Promise<void>,
    ): Promise<{ said: string; trouble: string | undefined }> {
      const directory = await temporaryDirectory();
      await chmod(directory, 0o755);
      const work = join(directory, "work");
      await createWorkDirectory(work, { workers: 1, command: ["true"], patienceSeconds: 60 }, 0o755);
      await prepareForAgent(work);
      await change(work);
      await submitJob(attemptFiles(work, "C.1.1"), { job: "", args: [], deadlineSeconds: 9 });
      const [command = "", ...args] = [...nobody, "sh", workFiles(work).agentScript, work];
      const agent = spawn(command, args, { detached: true, stdio: ["ignore", "ignore", "pipe"] });
      agents.push(agent);
      let said = "";
      agent.stderr.setEncoding("utf8").on("data", (text: string) => {
        said += text;
      });
      await until("the agent has ended", () => agent.exitCode !== null);
      expect(agent.exitCode).to.equal(1);
      return { said, trouble: await readLine(workFiles(work).trouble) };
    }

    it("says so at the start when the directory has the sticky bit", async () => {
      const { said, trouble } = await prepared((work) => chmod(join(work, "handshake"), 0o1777));
      expect(said).to.match(/cannot write or rename in the work directory .*(not permitted|denied)/);
      expect(trouble).to.contain("cannot write or rename in the work directory");
    });

    it("says so when it may not write at all", async () => {
      const { said } = await prepared((work) => chmod(join(work, "alive"), 0o755));
      expect(said).to.match(/cannot write or rename in the work directory/);
    });

    it("reports a claim that fails for another reason than that the job is gone", async () => {
      const { said, trouble } = await prepared((work) => chmod(workFiles(work).ready, 0o1777));
      expect(trouble).to.match(/^cannot claim jobs\/ready\/C\.1\.1: .*(not permitted|denied)/);
      expect(said).to.contain("cannot claim");
    });
  });

  describe("in other shells", () => {
    const needed = ["mv", "mkdir", "sleep", "rm", "cat", "touch"];
    const kinds: readonly (readonly [string, string, readonly string[]])[] = [
      ["dash", "dash", [...needed, "setsid"]],
      ["BusyBox", "busybox", [...needed, "setsid"]],
      ["bash without setsid, as on macOS", "bash", needed],
    ];
    for (const [name, shell, programs] of kinds) {
      it(`works in ${name}: statuses, deadline, TERM, and all of R's processes`, async function () {
        if (!has(shell)) skipFor(this, `${shell} is not installed`);
        const { submit, status, pids, agent } = await startAgent(
          'case $city in C.1) draw o1; exit 3;; *) sleep 1000 & echo $! >>"$STAGE/pids"; sleep 1000;; esac',
          { env: await onlyPrograms(shell, programs), workers: 2 },
        );
        await submit("C.1.1");
        await submit("C.2.1", 1);
        expect(await status("C.1.1")).to.equal("3 itself");
        expect(await status("C.2.1")).to.equal("137 deadline");
        expect(pids().filter(isAlive)).to.deep.equal([]);
        await submit("C.3.1");
        await until("R has started", () => pids().length === 5);
        agent.kill("SIGTERM");
        expect(await status("C.3.1")).to.match(/ agent$/);
        await until("the agent has ended", () => agent.exitCode === 143);
        expect(pids().filter(isAlive)).to.deep.equal([]);
      });
    }

    it("ends R itself in dash without setsid, where process groups are not to be had", async () => {
      const { submit, status, pids } = await startAgent("exec sleep 1000", { env: await onlyPrograms("dash", needed) });
      await submit("C.1.1", 1);
      expect(await status("C.1.1")).to.equal("137 deadline");
      expect(pids().filter(isAlive)).to.deep.equal([]);
    });
  });
});
