/** Sizes that Fargate has, exactly as AWS lists them for Linux. */

interface Size {
  /** 1024 are a core. */
  readonly cpu: number;
  /** MiB. */
  readonly memory: readonly number[];
}

function steps(from: number, to: number, step: number): number[] {
  return Array.from({ length: (to - from) / step + 1 }, (_, n) => from + n * step);
}

const GiB = 1024;

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html */
export const fargateSizes: readonly Size[] = [
  { cpu: 256, memory: [0.5 * GiB, 1 * GiB, 2 * GiB] },
  { cpu: 512, memory: steps(1 * GiB, 4 * GiB, GiB) },
  { cpu: 1024, memory: steps(2 * GiB, 8 * GiB, GiB) },
  { cpu: 2048, memory: steps(4 * GiB, 16 * GiB, GiB) },
  { cpu: 4096, memory: steps(8 * GiB, 30 * GiB, GiB) },
  { cpu: 8192, memory: steps(16 * GiB, 60 * GiB, 4 * GiB) },
  { cpu: 16384, memory: steps(32 * GiB, 120 * GiB, 8 * GiB) },
];

/** MiB: the runner's share, and as much for R, which can do nothing with less. */
export const leastMemory = 2 * GiB;

/** GiB. Fargate gives 20 for nothing, but takes no number below 21. */
export const ephemeralStorageRange = { least: 21, most: 200 } as const;

/** What is wrong with a task's size, and what would be right; undefined where nothing is. */
export function sizeProblem(cpu: number, memory: number): string | undefined {
  const size = fargateSizes.find((known) => known.cpu === cpu);
  if (size === undefined) {
    return `cpu: Fargate has no ${cpu}; it has ${fargateSizes.map((known) => known.cpu).join(", ")} (1024 are a core)`;
  }
  if (!size.memory.includes(memory)) {
    const nearest = size.memory.reduce((best, next) =>
      Math.abs(next - memory) < Math.abs(best - memory) ? next : best,
    );
    return `memory: Fargate has no ${memory} MiB with cpu ${cpu}; it has ${listed(size.memory)}; the nearest is ${nearest}`;
  }
  if (memory < leastMemory) {
    return `memory: ${memory} MiB are too little; the runner needs half of ${leastMemory} MiB, and R as much at least`;
  }
  return undefined;
}

/** `8192, 9216, ... 30720` */
function listed(memory: readonly number[]): string {
  return memory.length < 5 ? memory.join(", ") : [...memory.slice(0, 2), `... ${memory.at(-1)}`].join(", ");
}
