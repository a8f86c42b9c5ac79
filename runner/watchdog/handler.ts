/**
 * The Lambda function that speaks when the runner can't; `handler` is what the service calls. Where it fails, the service
 * calls it again, and after that tells the topic by itself.
 */
import { readEvent } from "./events.ts";
import { readWatchdogSettings } from "./settings.ts";
import { type Deed, watch } from "./watch.ts";
import { openWorld, type World } from "./world.ts";

let world: World | undefined;

export async function handler(event: unknown): Promise<Deed[]> {
  const incoming = readEvent(event);
  world ??= openWorld(readWatchdogSettings());
  const deeds = await watch(incoming, world);
  console.log(JSON.stringify({ event: incoming.kind, deeds }));
  return deeds;
}
