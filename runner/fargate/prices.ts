/**
 * What AWS asks for what a run uses, in US dollars. Prices of 2026: what articles of that year and the one before say;
 * AWS's own pages, named below, are what counts. To bring it up to date, change the numbers and the year, and run the tests.
 *
 * https://aws.amazon.com/fargate/pricing/ (Linux, x86), https://aws.amazon.com/s3/pricing/ (S3 Standard, requests),
 * https://aws.amazon.com/dynamodb/pricing/on-demand/ (standard tables)
 */
export interface Prices {
  readonly coreHour: number;
  /** Per GB (Fargate's are GiB) and hour. */
  readonly memoryHour: number;
  /** Per GB and hour beyond {@link freeStorage}. */
  readonly storageHour: number;
  /** Spot: part of the price of cores and memory. It floats with supply; this is what it usually comes to. */
  readonly spot: number;
  /** Per request: PUT and LIST; GET and all others. */
  readonly objectWritten: number;
  readonly objectRead: number;
  /** Per item of up to 1 KB. */
  readonly itemWritten: number;
}

/** GB of ephemeral storage that come with a task. */
export const freeStorage = 20;

const northVirginia: Prices = {
  coreHour: 0.04048,
  memoryHour: 0.004445,
  storageHour: 0.000111,
  spot: 0.3,
  objectWritten: 0.005 / 1000,
  objectRead: 0.0004 / 1000,
  itemWritten: 0.625 / 1_000_000,
};

/** Regions whose prices are known. Ohio's and Oregon's are N. Virginia's. */
const byRegion: Readonly<Record<string, Prices>> = {
  "us-east-1": northVirginia,
  "us-east-2": northVirginia,
  "us-west-2": northVirginia,
};

/** Of a region; N. Virginia's where it is not in the table: elsewhere it is up to a third more. */
export function pricesIn(region: string): Prices {
  return byRegion[region] ?? northVirginia;
}
