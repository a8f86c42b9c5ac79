/** What a part of publishing took, as one process says it to another. */
import { z } from "zod";

export const Taken = z.object({
  plots: z.number(),
  seconds: z.number(),
  /** Of all threads. */
  cpuSeconds: z.number(),
  /** The most that the process had so far. */
  megabytes: z.number(),
});
export type Taken = z.infer<typeof Taken>;

export function startWatch(): { read(plots: number): Taken } {
  const began = performance.now();
  const before = process.cpuUsage();
  return {
    read(plots) {
      const { user, system } = process.cpuUsage(before);
      return {
        plots,
        seconds: (performance.now() - began) / 1000,
        cpuSeconds: (user + system) / 1e6,
        megabytes: process.resourceUsage().maxRSS / 1000,
      };
    },
  };
}
