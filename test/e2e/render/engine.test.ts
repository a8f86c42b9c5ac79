/** What a container engine is asked to do, by a program that stands in for it. */
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { until } from "../../support/until.ts";
import { clearStages, temporaryDirectory } from "./stage.ts";

/** Notes down how it is called; the image's id is another at each look, as a tag that moves makes it. */
const engine = `#!/bin/sh
echo "$*" >>"$CALLS"
case $1 in
  image) echo '[{"Id": "sha256:'$(wc -l <"$CALLS" | tr -d ' ')'", "RepoDigests": [], "Config": {"WorkingDir": "/app"}}]' ;;
  run) echo $$ >>"\${CALLS%calls}pids"; exec sleep 20 ;;
esac
`;

describe("a container engine", () => {
  afterEach(clearStages);

  it("is asked once what an image is, and to kill what runs when the runner exits at once", async () => {
    const directory = await temporaryDirectory();
    const programs = join(directory, "programs");
    const file = join(directory, "calls");
    await mkdir(programs);
    await writeFile(join(programs, "docker"), engine, { mode: 0o755 });
    const calls = (verb: string) =>
      (existsSync(file) ? readFileSync(file, "utf8") : "").split("\n").filter((line) => line.startsWith(`${verb} `));

    const exiting = fileURLToPath(new URL("exiting.ts", import.meta.url));
    const runner = spawn(process.execPath, [exiting, directory, "docker", "example:1"], {
      env: { ...process.env, PATH: `${programs}:${process.env["PATH"]}`, CALLS: file },
      stdio: "inherit",
    });
    await until("two containers run", () => calls("run").length === 2);
    expect(calls("image")).to.deep.equal(["image inspect example:1"]);
    for (const call of calls("run")) expect(call).to.include(" sha256:1 /work/agent.sh");
    const names = calls("run").map((call) => /--name (\S+)/.exec(call)?.[1]);
    expect(names[0]).to.match(new RegExp(`^replot-${runner.pid}-[0-9a-f]{8}$`));

    await writeFile(join(directory, "exit"), "");
    await until("both are killed", () => calls("kill").length === 2);
    expect(calls("kill").sort()).to.deep.equal(names.map((name) => `kill ${name}`).sort());
  });
});
