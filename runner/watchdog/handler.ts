/**
 * The Lambda function that speaks when the runner can't; `handler` is what the service calls. Where it fails, the service
 * calls it again, and after that tells the topic by itself.
 */

import { openWatchdogDependencies, type WatchdogDependencies } from "./dependencies.ts";
import { readEvent } from "./events.ts";
import { readWatchdogSettings } from "./settings.ts";
import { type Action, watch } from "./watch.ts";

let world: WatchdogDependencies | undefined;

export async function handler(event: unknown): Promise<Action[]> {
  const incoming = readEvent(event);
  world ??= openWatchdogDependencies(readWatchdogSettings());
  const deeds = await watch(incoming, world);
  console.log(JSON.stringify({ event: incoming.kind, deeds }));
  return deeds;
}
