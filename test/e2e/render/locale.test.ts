/** The locale that R works in, as the agent chooses it. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { agentAsChild } from "../../../runner/render/agent/child-agent.ts";
import { clearStages, openStage, temporaryDirectory } from "./stage.ts";

/** Draws, and says which character set and which language it works in. */
const body = 'echo "set $LC_ALL/$LC_CTYPE/$LANG $(locale charmap) $LANGUAGE"; draw o1; draw o2; draw o3';

describe("R's locale", function () {
  this.timeout(20_000);
  afterEach(clearStages);

  /** @returns what the program says of its locale, and what is remarked on it */
  async function drawn(environment: NodeJS.ProcessEnv) {
    const { LANG, LC_ALL, LC_CTYPE, LANGUAGE, ...others } = process.env;
    const { pool, render } = await openStage(body, { agent: agentAsChild({ ...others, ...environment }) });
    const { logFiles } = await render();
    const log = await readFile(logFiles[0] ?? "", "utf8");
    return { said: /^set (.*)$/m.exec(log)?.[1], remarks: pool.remarks };
  }

  /** A program in the place of the system's `locale`. @returns the PATH on which it comes first */
  async function localeProgram(script: string): Promise<string> {
    const directory = join(await temporaryDirectory(), "bin");
    await mkdir(directory);
    await writeFile(join(directory, "locale"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return `${directory}:${process.env["PATH"]}`;
  }

  const unsuitable: [string, NodeJS.ProcessEnv][] = [
    ["none is set", {}],
    ["C is set", { LC_ALL: "C" }],
    ["POSIX is set", { LANG: "POSIX" }],
    ["one is set that this machine does not have", { LC_ALL: "xx_XX.UTF-8" }],
  ];
  for (const [what, environment] of unsuitable) {
    it(`has UTF-8 where ${what}`, async () => {
      const { said, remarks } = await drawn(environment);
      expect(said).to.match(/^\/C\.(utf8|UTF-8)\/C UTF-8 en$/);
      expect(remarks).to.deep.equal([]);
    });
  }

  it("stays as somebody has set it, and messages are untranslated all the same", async () => {
    const { said, remarks } = await drawn({ LANG: "C.UTF-8", LANGUAGE: "de" });
    expect(said).to.equal("//C.UTF-8 UTF-8 en");
    expect(remarks).to.deep.equal([]);
  });

  it("stays one with another character set, and a remark says so", async () => {
    const PATH = await localeProgram("echo ISO-8859-1");
    const { said, remarks } = await drawn({ PATH, LANG: "de_DE" });
    expect(said).to.equal("//de_DE ISO-8859-1 en");
    expect(remarks).to.have.length(1);
    expect(remarks[0]).to.include("has the character set ISO-8859-1, not UTF-8").and.to.include("set LANG");
  });

  it("is told of where there is no UTF-8 locale", async () => {
    const PATH = await localeProgram('case $1 in charmap) echo ANSI_X3.4-1968 ;; -a) printf "C\\nPOSIX\\n" ;; esac');
    const { said, remarks } = await drawn({ PATH });
    expect(said).to.equal("// ANSI_X3.4-1968 en");
    expect(remarks[0]).to.include("there is no UTF-8 locale where R runs");
  });

  it("is another UTF-8 one where C has none, and that of the system where nothing tells which it has", async () => {
    const locales = 'case "$1 $LC_CTYPE" in "charmap ") echo US-ASCII ;; "charmap en_US.utf8") echo UTF-8 ;; -a*)';
    const older = await localeProgram(`${locales} printf "C\\nde_DE.utf8\\nen_US.utf8\\nfr_FR.utf8\\n" ;; esac`);
    expect((await drawn({ PATH: older })).said).to.equal("/en_US.utf8/C UTF-8 en");
    const without = await localeProgram("exit 127");
    const { said, remarks } = await drawn({ PATH: without });
    expect(said).to.equal("/C.UTF-8/C  en");
    expect(remarks).to.deep.equal([]);
  });
});
