/** What a run in a task has cost, from measured seconds and counted calls. Pure. */
import type { Capacity } from "../domain.ts";
import type { Usage } from "../stores/ports.ts";
import { freeStorage, type Prices } from "./prices.ts";

export interface TaskSize {
  readonly cores: number;
  /** GB, as Fargate counts them (GiB). */
  readonly memory: number;
  readonly storage: number;
  readonly capacity: Capacity;
}

/** Fargate charges a minute at least. */
const shortestCharge = 60;

/**
 * US dollars. Not in it: logs, storage and reads of tables, and what is the same whether a run takes place or not.
 * @param seconds since the first image was begun to be pulled
 */
export function costOf(size: TaskSize, seconds: number, used: Usage, prices: Prices): number {
  const hours = Math.max(seconds, shortestCharge) / 3600;
  const compute = size.cores * prices.coreHour + size.memory * prices.memoryHour;
  const storage = Math.max(0, size.storage - freeStorage) * prices.storageHour;
  return (
    hours * (compute * (size.capacity === "FARGATE_SPOT" ? prices.spot : 1) + storage) +
    used.objectsWritten * prices.objectWritten +
    used.objectsRead * prices.objectRead +
    used.itemsWritten * prices.itemWritten
  );
}
