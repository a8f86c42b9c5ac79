import { expect } from "chai";
import { describe, it } from "mocha";
import { expressionProblem, isTimeZone } from "../../infra/schedule-expression.ts";

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
    ["cron(0 4:30 ? * SUN *)", 'hours "4:30"'],
    ["cron(0 4 * * SUN *)", "exactly one of day of month and day of week must be ?"],
    ["cron(0 4 ? * ? *)", "exactly one of day of month and day of week must be ?"],
    ["rate(0 days)", "expected a number"],
    ["at(2027-13-03T04:00:00)", "expected a date"],
  ] as const) {
    it(`refuses ${wrong}`, () => expect(expressionProblem(wrong)).to.include(says));
  }

  it("go by a time zone that AWS knows too", () => {
    for (const right of ["America/New_York", "UTC", "US/Eastern", "Europe/Berlin"])
      expect(isTimeZone(right), right).to.equal(true);
    for (const wrong of ["EDT5", "America/New York", "america/new_york", "+05:00", ""]) {
      expect(isTimeZone(wrong), wrong).to.equal(false);
    }
  });
});
