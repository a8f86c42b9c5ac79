/**
 * The Lambda function that reports runs which could not report themselves. When `handler` fails, Lambda invokes it again
 * (twice at most) and then sends the failed event to the topic.
 */

import { openWatchdogDependencies, type WatchdogDependencies } from "./dependencies.ts";
import { readEvent } from "./events.ts";
import { readWatchdogSettings } from "./settings.ts";
import { type Action, watch } from "./watch.ts";

let dependencies: WatchdogDependencies | undefined;

export async function handler(event: unknown): Promise<Action[]> {
  const incoming = readEvent(event);
  dependencies ??= openWatchdogDependencies(readWatchdogSettings());
  const actions = await watch(incoming, dependencies);
  console.log(JSON.stringify({ event: incoming.kind, actions }));
  return actions;
}
