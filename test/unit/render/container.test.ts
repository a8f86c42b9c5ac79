import { expect } from "chai";
import { describe, it } from "mocha";
import { parseImage, runArguments } from "../../../runner/render/agent/container-agent.ts";
import { parseContainerRecord } from "../../../runner/render/agent/leftovers.ts";

const id = `sha256:${"a".repeat(64)}`;
const digest = `sha256:${"b".repeat(64)}`;

function inspected(changes: object): string {
  return JSON.stringify([{ Id: id, RepoDigests: [], Config: { WorkingDir: "/app" }, ...changes }]);
}

describe("an image", () => {
  it("is named by the digest its registry gave it, or else by its id", () => {
    const image = "registry.example:5000/models/ryan:2026";
    const name = "registry.example:5000/models/ryan";
    expect(parseImage(image, inspected({ RepoDigests: [`other@sha256:0`, `${name}@${digest}`] })).identity).to.equal(
      `${name}@${digest}`,
    );
    expect(parseImage(image, inspected({})).identity).to.equal(`${name}@${id}`);
    expect(parseImage(`${name}@${digest}`, inspected({ RepoDigests: [`${name}@${digest}`] })).identity).to.equal(
      `${name}@${digest}`,
    );
  });

  it("is understood from either engine: ids without a prefix, nothing where nothing is set", () => {
    const podman = JSON.stringify([{ Id: "a".repeat(64), RepoDigests: null, Config: { WorkingDir: "" } }]);
    expect(parseImage("ryan", podman)).to.deep.equal({ id, identity: `ryan@${id}`, workingDirectory: "/" });
  });
});

describe("the record of a container", () => {
  it("names a container of ours in an engine that we know", () => {
    const name = "replot-4711-0a1b2c3d";
    expect(parseContainerRecord(`docker ${name}`)).to.deep.equal({ engine: "docker", name });
    expect(parseContainerRecord(`podman ${name}`)).to.deep.equal({ engine: "podman", name });
  });

  for (const line of [
    "",
    "docker",
    "docker --all",
    "docker postgres",
    "docker replot-1-0a1b2c3d postgres",
    "docker replot-1-0a1b2c3",
    "./docker replot-1-0a1b2c3d",
    "/work/docker replot-1-0a1b2c3d",
    "sh replot-1-0a1b2c3d",
  ]) {
    it(`is nothing that can be called where it says "${line}"`, () => {
      expect(parseContainerRecord(line)).to.equal(undefined);
    });
  }
});

describe("the container R runs in", () => {
  const image = { id, identity: `ryan@${id}`, workingDirectory: "/app" };
  const options = { engine: "podman", image: "ryan", simulations: "/data/simulations" } as const;

  it("has no network, cannot write its inputs, and is removed when it ends", () => {
    const args = runArguments("replot-1", image, "/run/work", options);
    expect(args).to.include.members(["--rm", "--network=none", "--pull=never"]);
    expect(args).to.include("--mount=type=bind,source=/data/simulations,target=/app/simulations,readonly");
    expect(args.slice(args.indexOf("--entrypoint=sh"))).to.deep.equal([
      "--entrypoint=sh",
      id,
      "/work/agent.sh",
      "/work",
    ]);
  });

  it("gets user, memory and a read-only root where asked for", () => {
    const some = { ...options, user: "1000:1000", memory: "4g", readOnlyRoot: true, simulationsMount: "/in" };
    expect(runArguments("replot-1", image, "/run/work", some)).to.include.members([
      "--user=1000:1000",
      "--memory=4g",
      "--read-only",
      "--mount=type=bind,source=/data/simulations,target=/in,readonly",
    ]);
  });
});
