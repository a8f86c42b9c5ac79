/** A stage for tests with real processes: a small shell program as the R image, a pool over it, and what it drew. */
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CityCode, FacetId, OutcomeId, type PlotId, ScenarioId, StatisticId } from "../../../runner/domain.ts";
import { killGroup } from "../../../runner/processes.ts";
import { agentAsChild } from "../../../runner/render/agent/child-agent.ts";
import type { Timing } from "../../../runner/render/agent/supervisor.ts";
import { type CityRendering, type CityRenderRequest, renderCity } from "../../../runner/render/city-rendering.ts";
import {
  type FinishedPlot,
  openRenderPool,
  type RenderPool,
  type RenderPoolOptions,
} from "../../../runner/render/pool.ts";
import { isAlive } from "../../support/processes.ts";

const city = CityCode.parse("C.1");

/** A plot of the test city, named by its outcome. */
export function plot(outcome: string, of: CityCode = city): PlotId {
  return {
    city: of,
    scenario: ScenarioId.parse("s"),
    outcome: OutcomeId.parse(outcome),
    statistic: StatisticId.parse("mean"),
    facet: FacetId.parse("none"),
  };
}

export const plots = ["o1", "o2", "o3"].map((outcome) => plot(outcome));

/**
 * What every image script can use: `draw OUTCOME` draws a plot as the contract has it, `await FILE` waits for the test,
 * `$number` is the attempt's, `$STAGE` a directory shared with the test. Each start leaves its process id in `$STAGE/pids`.
 */
const prelude = `
while [ $# -gt 0 ]; do
  case $1 in
    --config) config=$2; shift ;;
    --output-dir) out=$2; shift ;;
    --events) events=$2; shift ;;
    --include-html) html=1 ;;
  esac
  shift
done
attempt=\${out%/output} number=\${out%/output} ; number=\${number##*.}
city=\${attempt##*/} ; city=\${city%.*}
mkdir -p "$out/$city/s"
echo $$ >>"$STAGE/pids"
figure() { printf '%s' "$out/$city/s/$1_mean_unfaceted"; }
draw() {
  echo '{"data":[],"layout":{}}' >"$(figure "$1").json"
  echo '{}' >"$(figure "$1")_metadata.json"
  [ -z "$html" ] || echo '<html>' >"$(figure "$1").html"
  announce "$1"
}
announce() {
  [ -z "$events" ] || echo '{"event":"plot","scenario":"s","outcome":"'$1'","statistic":"mean","facet":"none","path":"'$city'/s/'$1'_mean_unfaceted.json"}' >>"$events"
}
await() { while [ ! -e "$STAGE/$1" ]; do sleep 0.02; done; }
`;

/** Undone after each test. */
const open: { pools: RenderPool[]; directories: string[] } = { pools: [], directories: [] };

export async function clearStages(): Promise<void> {
  for (const pool of open.pools.splice(0)) await pool.close();
  for (const directory of [...open.directories]) {
    // what a failed test left working must not outlive it
    for (const pid of pidsIn(directory)) {
      killGroup(pid);
      if (isAlive(pid)) process.kill(pid, "SIGKILL");
    }
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
    open.directories.splice(open.directories.indexOf(directory), 1);
  }
}

export async function temporaryDirectory(): Promise<string> {
  // a name that breaks whatever is not quoted
  const directory = await mkdtemp(join(tmpdir(), 'replot, it\'s "$HOME" '));
  open.directories.push(directory);
  return directory;
}

/** Both sides look around ten times as often as usual. */
const quick: Partial<Timing> = {
  tickSeconds: 0.1,
  lookMilliseconds: 25,
  pollMilliseconds: 20,
  scanMilliseconds: 50,
};

export interface Stage {
  readonly directory: string;
  readonly work: string;
  readonly pool: RenderPool;
  /** Outcomes handed over, in order. */
  readonly drawn: string[];
  readonly troubles: string[];
  /** Process ids of the images started so far, in order. */
  pids(): number[];
  /** Lets an image go on that waits for `name`. */
  release(name: string): Promise<void>;
  render(request?: Partial<CityRenderRequest>): Promise<CityRendering>;
}

/** Writes an image script and gives the command that runs it. */
export async function imageCommand(directory: string, body: string): Promise<string[]> {
  const script = join(directory, "image.sh");
  await writeFile(script, `${prelude}\n${body}\n`);
  return ["sh", script];
}

export async function openStage(body: string, options: Partial<RenderPoolOptions> = {}): Promise<Stage> {
  const directory = await temporaryDirectory();
  const work = options.directory ?? join(directory, "work");
  const troubles: string[] = [];
  const pool = await openRenderPool({
    directory: work,
    agent: agentAsChild(process.env, 500),
    workers: 2,
    command: await imageCommand(directory, body),
    onTrouble: (text) => troubles.push(text),
    ...options,
    timing: { ...quick, ...options.timing },
    environment: { STAGE: directory, ...options.environment },
  });
  open.pools.push(pool);
  const drawn: string[] = [];
  return {
    directory,
    work,
    pool,
    drawn,
    troubles,
    pids: () => pidsIn(directory),
    release: (name) => writeFile(join(directory, name), ""),
    render: (request = {}) =>
      renderCity({
        pool,
        city,
        plots,
        jobFor: (due) => `jobs: [${due.map(({ outcome }) => outcome).join(", ")}]\n`,
        cityTimeoutSeconds: 60,
        html: false,
        ...request,
        onPlot: async (finished: FinishedPlot) => {
          drawn.push(finished.plot.outcome);
          await request.onPlot?.(finished);
        },
      }),
  };
}

/** Process ids that the images of a stage left, in order. */
export function pidsIn(directory: string): number[] {
  const file = join(directory, "pids");
  return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n").map(Number) : [];
}

export async function agentPid(work: string): Promise<number> {
  const [pid] = (await readFile(join(work, "alive", "pid"), "utf8")).split(" ");
  return Number(pid);
}
