/** Credentials that open nothing: what the SDK signs calls with in tests, and a region. Servers of tests take any. */
import { after, before } from "mocha";

export const testCredentials = {
  AWS_ACCESS_KEY_ID: "testing",
  AWS_SECRET_ACCESS_KEY: "testing",
  AWS_REGION: "us-east-1",
} as const;

/** Registers the setting and the restoring of {@link useEnvironment} for them. */
export function useTestCredentials(): void {
  useEnvironment(testCredentials);
}

/**
 * Sets variables before the tests of a suite and restores them after; call it inside `describe`.
 * @param variables undefined removes one
 */
export function useEnvironment(variables: Readonly<Record<string, string | undefined>>): void {
  const saved: Record<string, string | undefined> = {};
  before(() => {
    for (const name of Object.keys(variables)) saved[name] = process.env[name];
    assign(variables);
  });
  after(() => assign(saved));
}

function assign(variables: Readonly<Record<string, string | undefined>>): void {
  for (const [name, value] of Object.entries(variables)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
}
