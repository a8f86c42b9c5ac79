/** A test that cannot run here says why. */

/** Skips the test, or all of a suite in its `before`. Never returns. */
export function skipFor(test: Mocha.Context, reason: string): never {
  process.stdout.write(`      (skipped: ${reason})\n`);
  return test.skip();
}
