import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";
import { clockProblem, expressionProblem } from "../../infra/schedule-expression.ts";
import { isTimeZone, unsettledHours } from "../../infra/time-zone.ts";

const cron = (hours: string | number) => `cron(0 ${hours} ? * SUN *)`;

describe("schedule expressions", () => {
  for (const right of [
    cron(4),
    "cron(15,45 8-18/2 ? JAN-MAR MON-FRI 2026-2030)",
    "cron(0/15 * * * ? *)",
    "cron(0 4 L * ? *)",
    "cron(0 4 15W * ? *)",
    "cron(0 4 ? * 6L *)",
    "cron(0 4 ? * 2#1 *)",
    "rate(1 day)",
    "rate(12 hours)",
    "at(2027-01-03T04:00:00)",
  ]) {
    it(`takes ${right}`, () => expect(expressionProblem(right)).to.equal(undefined));
  }

  for (const [wrong, says] of [
    ["every sunday", "none of cron(...), rate(...), at(...)"],
    ["cron(0 4 * * 0)", "expected six fields"],
    ["cron(0 24 ? * SUN *)", 'hours "24"'],
    ["cron(60 4 ? * SUN *)", 'minutes "60"'],
    ["cron(0 4 ? * SUNDAY *)", 'day of week "SUNDAY"'],
    ["cron(0 4-2 ? * SUN *)", 'hours "4-2"'],
    ["cron(0 4 ? * 0 *)", 'day of week "0"'],
    ["cron(0 4 * * SUN *)", "exactly one of day of month and day of week must be ?"],
    ["cron(0 4 ? * ? *)", "exactly one of day of month and day of week must be ?"],
    ["rate(1 days)", "1 day"],
    ["rate(7 day)", "7 days"],
    ["rate(0 days)", "expected a number"],
    ["at(2027-13-03T04:00:00)", "expected a date"],
  ] as const) {
    it(`refuses ${wrong}`, () => expect(expressionProblem(wrong)).to.include(says));
  }

  it("are refused between 01:00 and 03:00 where clocks change, and only there", () => {
    const zones = fc.constantFrom(
      "America/New_York",
      "Europe/Berlin",
      "Europe/London",
      "Australia/Sydney",
      "US/Eastern",
    );
    fc.assert(
      fc.property(zones, fc.nat(23), (zone, hour) => {
        expect(clockProblem(cron(hour), zone) !== undefined, `${hour} ${zone}`).to.equal(hour === 1 || hour === 2);
      }),
    );
    for (const zone of ["UTC", "Asia/Tokyo", "America/Phoenix"])
      expect(clockProblem(cron(2), zone)).to.equal(undefined);
  });

  it("are refused where an hour of theirs is in a list, a range or a step", () => {
    for (const hours of ["0,2", "0-3", "*/2", "*"])
      expect(clockProblem(cron(hours), "America/New_York"), hours).to.be.a("string");
    expect(clockProblem("at(2027-03-14T02:30:00)", "America/New_York")).to.include("02:00");
    expect(clockProblem("rate(7 days)", "America/New_York")).to.equal(undefined);
  });

  it("are refused in hours that other zones' clocks skip", () => {
    // Cuba's clocks change at midnight, and on the Azores it is midnight when Europe's change
    expect([...unsettledHours("America/Havana")]).to.include(0);
    expect(clockProblem(cron(0), "Atlantic/Azores")).to.be.a("string");
  });

  it("go by a time zone that AWS knows too", () => {
    for (const right of ["America/New_York", "UTC", "US/Eastern", "Europe/Berlin"])
      expect(isTimeZone(right), right).to.equal(true);
    for (const wrong of ["EDT5", "America/New York", "america/new_york", "+05:00", ""]) {
      expect(isTimeZone(wrong), wrong).to.equal(false);
    }
  });
});
