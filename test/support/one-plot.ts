/** An installation of one city and one plot, drawn by a shell program: runs that take a second and need no R. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Installation, install } from "./installation.ts";

/** A catalog of one city and one plot. */
export const onePlotCatalog = `model: m
cities: [{code: A, name: Alpha}]
scenarios: {s: Scen}
dimensions: {}
outcomes: {o: {name: O, unit: u, kind: count, dimensions: []}}
statistics: {mean: Mean}
limits: {points: 100, bytes: 20000}
presets: {all: {cities: all, scenarios: all, outcomes: all, statistics: all, facets: all}}
`;

/** Waits while `gate` lies among the marks, and leaves `waiting` there. */
const program = `while [ $# -gt 0 ]; do case $1 in --output-dir) output=$2 ;; esac; shift; done
if [ -e "$FOREIGN_MARKS/gate" ]; then touch "$FOREIGN_MARKS/waiting"; fi
while [ -e "$FOREIGN_MARKS/gate" ]; do sleep 0.1; done
mkdir -p "$output/A/s"
echo '{"data":[{"name":"Baseline","y":[1,2]},{"name":"Scen","y":[1,2]}],"layout":{}}' >"$output/A/s/o_mean_unfaceted.json"
`;

/** @param inputs `without baseline`: nothing can be drawn, and a run ends with gaps */
export async function onePlotInstallation(inputs: "all" | "without baseline" = "all"): Promise<Installation> {
  const made = await mkdtemp(join(tmpdir(), "replot-one-plot-"));
  const simulations = join(made, "data", "simulations", "m");
  await mkdir(join(simulations, "prerun", "A"), { recursive: true });
  await writeFile(join(simulations, "prerun", "A", "s.Rdata"), "scenario");
  if (inputs === "all") {
    await mkdir(join(simulations, "base"));
    await writeFile(join(simulations, "base", "A_base.Rdata"), "baseline");
  }
  const script = join(made, "draw.sh");
  await writeFile(script, program);
  await writeFile(join(made, "catalog.yaml"), onePlotCatalog);
  const here = await install({
    catalog: join(made, "catalog.yaml"),
    data: join(made, "data"),
    environment: { REPLOT_R_COMMAND: JSON.stringify(["sh", script]), REPLOT_WORKERS: "1" },
  });
  return {
    ...here,
    async remove() {
      await here.remove();
      await rm(made, { recursive: true, force: true });
    },
  };
}
