/** Credentials that open nothing: what the SDK signs calls with in tests, and a region. Servers of tests take any. */
import { after, before } from "mocha";

const variables = {
  AWS_ACCESS_KEY_ID: "testing",
  AWS_SECRET_ACCESS_KEY: "testing",
  AWS_REGION: "us-east-1",
};

/** Registers the setting and the restoring of the variables; call it inside `describe`. */
export function useTestCredentials(): void {
  const saved = new Map<string, string | undefined>();
  before(() => {
    for (const [name, value] of Object.entries(variables)) {
      saved.set(name, process.env[name]);
      process.env[name] = value;
    }
  });
  after(() => {
    for (const [name, value] of saved) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });
}
