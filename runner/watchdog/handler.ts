/** The Lambda function that speaks when the runner can't: `handler` is what the service calls. */
import { readWatchdogSettings } from "./settings.ts";

export async function handler(_event: unknown): Promise<void> {
  readWatchdogSettings();
}
