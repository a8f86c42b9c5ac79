/** Where a stack is, and ARNs of what has no ARN of its own yet. */

export interface AwsContext {
  /** `aws`; another one in China and for the US government. */
  readonly partition: string;
  readonly region: string;
  readonly account: string;
}

/** @param resource `task-definition/replot-dev:1` */
export function arn({ partition, region, account }: AwsContext, service: string, resource: string): string {
  return `arn:${partition}:${service}:${region}:${account}:${resource}`;
}
