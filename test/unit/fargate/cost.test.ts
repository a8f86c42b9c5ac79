import { expect } from "chai";
import { describe, it } from "mocha";
import { costOf, type TaskSize } from "../../../runner/fargate/cost.ts";
import { pricesIn } from "../../../runner/fargate/prices.ts";

const size: TaskSize = { cores: 4, memory: 16, storage: 30, capacity: "FARGATE" };
const nothing = { repeated: 0, objectsWritten: 0, objectsRead: 0, itemsWritten: 0 };
const prices = pricesIn("us-east-1");

describe("the cost of a run", () => {
  it("is that of the task's size and time, with storage beyond what comes with it", () => {
    // 4 x 0.04048 + 16 x 0.004445 + 10 x 0.000111 an hour
    expect(costOf(size, 3600, nothing, prices)).to.be.closeTo(0.23415, 1e-9);
    expect(costOf({ ...size, storage: 20 }, 3600, nothing, prices)).to.be.closeTo(0.23304, 1e-9);
    expect(costOf({ ...size, storage: 0 }, 1800, nothing, prices)).to.be.closeTo(0.11652, 1e-9);
  });

  it("is that of a minute at least", () => {
    expect(costOf(size, 5, nothing, prices)).to.equal(costOf(size, 60, nothing, prices));
    expect(costOf(size, 61, nothing, prices)).to.be.greaterThan(costOf(size, 60, nothing, prices));
  });

  it("on Spot is less for cores and memory, and the same for storage", () => {
    const spot: TaskSize = { ...size, capacity: "FARGATE_SPOT" };
    expect(costOf(spot, 3600, nothing, prices)).to.be.closeTo(0.23304 * prices.spot + 0.00111, 1e-9);
  });

  it("has the calls in it: a full run's writes cost more than its first half hour", () => {
    const used = { repeated: 9, objectsWritten: 56_358, objectsRead: 1000, itemsWritten: 56_400 };
    const calls = costOf(size, 60, used, prices) - costOf(size, 60, nothing, prices);
    expect(calls).to.be.closeTo(0.28179 + 0.0004 + 0.03525, 1e-9);
  });

  it("in a region without prices of its own is N. Virginia's", () => {
    expect(pricesIn("eu-nowhere-1")).to.equal(prices);
  });
});
