/** Loaded into the runner by `node --import`: writes its CPU time and its largest memory to PROBE_FILE at its end. */
import { writeFileSync } from "node:fs";

const file = process.env["PROBE_FILE"];
if (file !== undefined) {
  process.on("exit", () => {
    const { user, system } = process.cpuUsage();
    writeFileSync(
      file,
      JSON.stringify({ cpuSeconds: (user + system) / 1e6, maxMegabytes: process.resourceUsage().maxRSS / 1024 }),
    );
  });
}
