import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import { buildTag } from "../../infra/build-inputs.ts";
import { buildPaths } from "../../infra/images.ts";
import { root } from "../../runner/settings.ts";

const commit = "3f2a9c41d0be8c1e5f7a90b23f2a9c41d0be8c1e";

describe("an image's tag", () => {
  let context = "";
  beforeEach(() => {
    context = mkdtempSync(join(tmpdir(), "replot-context-"));
    mkdirSync(join(context, "src"));
    writeFileSync(join(context, "src", "a.ts"), "1");
    writeFileSync(join(context, "Dockerfile"), "FROM scratch");
  });
  afterEach(() => rmSync(context, { recursive: true }));

  const tag = (buildArgs: Record<string, string> = {}) =>
    buildTag({ context, paths: ["Dockerfile", "src"], named: {}, buildArgs, commit });

  it("is the commit and the hash of what goes into it", () => {
    expect(tag()).to.match(/^3f2a9c41d0be-[0-9a-f]{12}$/);
    expect(tag()).to.equal(tag());
    expect(buildTag({ context, paths: ["src"], named: {}, buildArgs: {}, commit: undefined })).to.match(/^nocommit-/);
  });

  it("is another one when a file, a mode, a name or an argument changes, and no other time", () => {
    const tags = [tag(), tag({ BASE: "other" })];
    writeFileSync(join(context, "src", "a.ts"), "2");
    tags.push(tag());
    chmodSync(join(context, "src", "a.ts"), 0o755);
    tags.push(tag());
    writeFileSync(join(context, "src", "b.ts"), "");
    tags.push(tag());
    expect(new Set(tags).size).to.equal(tags.length);
    // compiled, or not read by the build at all
    writeFileSync(join(context, "src", "a.o"), "");
    writeFileSync(join(context, "README.md"), "");
    expect(tag()).to.equal(tags.at(-1));
  });

  it("of the runner's image covers all that its Dockerfile copies and its builder is sent", () => {
    const lines = readFileSync(join(root, "Dockerfile"), "utf8").split("\n");
    const copied = lines
      .filter((line) => /^COPY (?!--from)/.test(line))
      .flatMap((line) => line.split(/\s+/).slice(1, -1))
      .filter((word) => !word.startsWith("--"));
    expect(copied).to.have.length.above(4);
    const sent = readFileSync(join(root, ".dockerignore"), "utf8").match(/(?<=^!).+/gm) ?? [];
    expect([...copied, ...sent].filter((path) => !buildPaths.runner.some((known) => known === path))).to.deep.equal([]);
  });
});
