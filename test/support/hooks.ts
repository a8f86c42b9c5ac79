/** Root hooks of all test files: a file whose tests leave timers, servers or processes behind fails. */
import { relative } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { root } from "./command.ts";

/** How long resources may take to close after the last test of a file, in milliseconds. */
const closingTime = 3_000;

/** What keeps this process alive: the number of resources of each type. */
function activeResources(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const type of process.getActiveResourcesInfo()) counts.set(type, (counts.get(type) ?? 0) + 1);
  return counts;
}

let before = new Map<string, number>();

/** As `2 Timeout`, for each type of which there are more than before the tests. */
function openHandles(): string[] {
  const excess = [...activeResources()].map(([type, count]) => [type, count - (before.get(type) ?? 0)] as const);
  return excess.filter(([, count]) => count > 0).map(([type, count]) => `${count} ${type}`);
}

/** The test files under a suite: one where files run in parallel, since each has a root suite of its own. */
function filesOf(suite: Mocha.Suite | undefined): string {
  const files = new Set(
    (suite?.suites ?? []).flatMap(({ file }) => (file === undefined ? [] : [relative(root, file)])),
  );
  return files.size === 1 ? [...files].join() : `one of ${files.size} files (mocha --parallel says which)`;
}

export const mochaHooks: Mocha.RootHookObject = {
  async beforeAll() {
    // Mocha sets the timer of an asynchronous hook once the hook waits; it is there again in afterAll
    await delay(1);
    before = activeResources();
  },
  async afterAll(this: Mocha.Context) {
    const deadline = performance.now() + closingTime;
    do await delay(1);
    while (openHandles().length > 0 && performance.now() < deadline);
    const open = openHandles();
    if (open.length === 0) return;
    throw new Error(
      `${filesOf(this.test?.parent)} leaves open handles: ${open.join(", ")}. ` +
        "Clear timers, close servers and clients, and wait for processes to end, in afterEach or in the code under test.",
    );
  },
};
