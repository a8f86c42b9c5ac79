import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import { buildTag, sentFiles } from "../../infra/build-inputs.ts";
import { root } from "../../runner/root.ts";

const commit = "3f2a9c41d0be8c1e5f7a90b23f2a9c41d0be8c1e";

describe("an image's tag", () => {
  let context = "";
  const write = (name: string, text = "") => writeFileSync(join(context, name), text);
  beforeEach(() => {
    context = mkdtempSync(join(tmpdir(), "replot-context-"));
    mkdirSync(join(context, "src"));
    write("src/a.c", "1");
    write("Dockerfile", "FROM scratch");
    write(".dockerignore", "# sent\n*\n!src\nsrc/*.o\n");
  });
  afterEach(() => rmSync(context, { recursive: true }));

  const tag = (buildArgs: Record<string, string> = {}, named: Record<string, string> = {}) =>
    buildTag({ context, named, buildArgs, commit });

  it("is the commit and the hash of what goes into it", () => {
    expect(tag()).to.match(/^3f2a9c41d0be-[0-9a-f]{12}$/);
    expect(tag()).to.equal(tag());
    expect(buildTag({ context, named: {}, buildArgs: {}, commit: undefined })).to.match(/^nocommit-/);
  });

  it("is another one with everything that makes another build, and no other time", () => {
    const tags = [tag(), tag({ BASE: "other" }), tag({}, { more: join(context, "src") })];
    write("src/a.c", "2");
    tags.push(tag());
    chmodSync(join(context, "src", "a.c"), 0o755);
    tags.push(tag());
    write("src/b.c");
    tags.push(tag());
    write("Dockerfile", "FROM debian");
    tags.push(tag());
    expect(new Set(tags).size).to.equal(tags.length);
    // compiled, or not sent at all
    write("src/a.o");
    write("README.md");
    expect(tag()).to.equal(tags.at(-1));
  });

  it("of our images covers what their builders are sent", () => {
    expect(sentFiles(root)).to.include.members(["package-lock.json", "catalog/ryan-white.yaml", "runner/main.ts"]);
    const model = sentFiles(join(root, "model"));
    expect(model).to.include.members(["DESCRIPTION", "renv.lock", "src/json.c"]);
    for (const file of [...sentFiles(root), ...model]) expect(file).not.to.match(/^(test|node_modules|\.git)\b|\.o$/);
  });
});
