/** A stack with all that can be switched on, declared once for the tests that only look at it. */
import { type Declared, type DeclaredStack, declare } from "../support/declared.ts";

export const everything = {
  config: { emails: "ops@example.org", gatewayEndpoints: "true", rSecrets: '{"TOKEN": "/replot/token"}' },
};

let declared: Promise<DeclaredStack> | undefined;

export function declareEverything(): Promise<DeclaredStack> {
  declared ??= declare(everything);
  return declared;
}

/** What an input holds as JSON text. */
export function json(resource: Declared, key: string): unknown {
  return JSON.parse(String(resource.inputs[key]));
}
