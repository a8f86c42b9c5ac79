import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import { hiddenByLink, outwardLink } from "../../../runner/render/agent/mounted-links.ts";

describe("a link below a mounted directory", () => {
  let root: string;
  let mounted: string;

  async function write(path: string): Promise<void> {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), "");
  }
  async function link(path: string, target: string): Promise<void> {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await symlink(target, join(root, path));
  }

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "replot-links-"));
    mounted = join(root, "simulations");
    await write("simulations/m/base/real.Rdata");
    await write("store/x.Rdata");
  });
  afterEach(() => rm(root, { recursive: true }));

  it("can be followed where it stays inside, through other links too", async () => {
    await link("simulations/m/base/near.Rdata", "real.Rdata");
    await link("simulations/m/latest", "./base");
    await link("simulations/other/far.Rdata", "../m/latest/../base/near.Rdata");
    for (const path of ["m/base/real.Rdata", "m/base/near.Rdata", "m/latest/near.Rdata", "other/far.Rdata"]) {
      expect(await outwardLink(mounted, path), path).to.equal(undefined);
    }
  });

  it("cannot be followed where it is absolute or leads out, be it a file, a directory or a link's target", async () => {
    await link("simulations/m/base/absolute.Rdata", join(mounted, "m/base/real.Rdata"));
    await link("simulations/m/base/annex.Rdata", "../../../store/x.Rdata");
    await link("simulations/scratch", "../store");
    await link("simulations/m/base/second.Rdata", "annex.Rdata");
    const found = async (path: string) => (await outwardLink(mounted, path))?.path;
    expect(await found("m/base/absolute.Rdata")).to.equal("m/base/absolute.Rdata");
    expect(await found("m/base/annex.Rdata")).to.equal("m/base/annex.Rdata");
    expect(await found("scratch/x.Rdata")).to.equal("scratch");
    expect(await found("m/base/second.Rdata")).to.equal("m/base/annex.Rdata");
  });

  it("that leads round in a circle is no endless search, and what is not there no link", async () => {
    await link("simulations/a", "b");
    await link("simulations/b", "a");
    expect(await outwardLink(mounted, "a/x")).to.not.equal(undefined);
    expect(await outwardLink(mounted, "m/none/x")).to.equal(undefined);
  });

  it("may be the mounted directory itself, which engines follow", async () => {
    await link("linked/simulations", mounted);
    expect(await hiddenByLink(join(root, "linked"), "simulations/m/base/real.Rdata")).to.equal(undefined);
  });

  it("is named with its target", async () => {
    await link("simulations/m/base/annex.Rdata", "../../../store/x.Rdata");
    expect(await hiddenByLink(root, "simulations/m/base/annex.Rdata")).to.equal(
      "simulations/m/base/annex.Rdata is a link to ../../../store/x.Rdata, which a container cannot follow",
    );
  });
});
