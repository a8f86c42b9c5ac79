/** A runner that a test kills with -9: opens a pool and starts one R. Arguments: work directory, stage, command. */
import { CityCode } from "../../../runner/domain.ts";
import { agentAsChild } from "../../../runner/render/agent/child-agent.ts";
import { openRenderPool } from "../../../runner/render/pool.ts";

const [directory = "", stage = "", ...command] = process.argv.slice(2);
const pool = await openRenderPool({
  directory,
  agent: agentAsChild(),
  workers: 1,
  command,
  environment: { STAGE: stage },
});
await pool.attempt({
  city: CityCode.parse("C.1"),
  attempt: 1,
  job: "",
  plots: [],
  html: false,
  cityTimeoutSeconds: 60,
  onPlot: () => Promise.resolve(),
});
