import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";
import { fargateSizes, leastMemory, sizeProblem } from "../../infra/fargate.ts";
import { rMemory, runnerMemory, taskDefinition } from "../../infra/task-definition.ts";
import { taskValues } from "./task-values.ts";

/** As AWS writes it: in GiB, from, to and by how much. */
const published: readonly (readonly [cpu: number, from: number, to: number, step: number])[] = [
  [512, 1, 4, 1],
  [1024, 2, 8, 1],
  [2048, 4, 16, 1],
  [4096, 8, 30, 1],
  [8192, 16, 60, 4],
  [16384, 32, 120, 8],
];

function allowed(cpu: number, memory: number): boolean {
  if (cpu === 256) return [512, 1024, 2048].includes(memory);
  const range = published.find(([known]) => known === cpu);
  if (range === undefined) return false;
  const [, from, to, step] = range;
  const GiB = memory / 1024;
  return GiB >= from && GiB <= to && (GiB - from) % step === 0;
}

const cpu = fc.oneof(fc.constantFrom(256, 512, 1024, 2048, 4096, 8192, 16384), fc.nat(20_000));
const memory = fc.oneof(
  fc.nat(130).map((GiB) => GiB * 1024),
  fc.nat(130_000),
);
const valid = fc
  .constantFrom(...fargateSizes.flatMap((size) => size.memory.map((MiB) => [size.cpu, MiB] as const)))
  .filter(([, MiB]) => MiB >= leastMemory);

describe("task sizes", () => {
  it("are the pairs that AWS lists, except those too small for both containers", () => {
    fc.assert(
      fc.property(cpu, memory, (units, MiB) => {
        const right = allowed(units, MiB) && MiB >= 2048;
        expect(sizeProblem(units, MiB) === undefined, `${units} ${MiB}`).to.equal(right);
      }),
      { numRuns: 2000 },
    );
  });

  it("that are wrong are reported with the nearest valid one", () => {
    expect(sizeProblem(3000, 8192)).to.include("256, 512, 1024, 2048, 4096, 8192, 16384");
    expect(sizeProblem(8192, 18432)).to.include("16384, 20480, ... 61440").and.to.include("the nearest is 16384");
    fc.assert(
      fc.property(fc.constantFrom(512, 1024, 2048, 4096, 8192, 16384), memory, (units, MiB) => {
        const nearest = /the nearest is (\d+)/.exec(sizeProblem(units, MiB) ?? "")?.[1];
        if (nearest !== undefined) expect(allowed(units, Number(nearest)), `${units} ${nearest}`).to.equal(true);
      }),
    );
  });

  it("are divided completely among the containers, with at least as much memory for R as for the runner", () => {
    fc.assert(
      fc.property(valid, ([units, MiB]) => {
        const { containerDefinitions: containers } = taskDefinition({ ...taskValues, cpu: units, memory: MiB });
        const sum = (key: "cpu" | "memory") => containers.reduce((total, container) => total + container[key], 0);
        // ECS refuses a task whose containers' limits exceed its own
        expect([sum("cpu"), sum("memory")]).to.deep.equal([units, MiB]);
        expect(rMemory(MiB)).to.be.at.least(runnerMemory);
        for (const container of containers) expect(container.cpu).to.be.at.least(128);
      }),
    );
  });
});
