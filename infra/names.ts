/** What things are called in AWS: derived from project and stack, so that two stacks live in one account. */

export interface Names {
  /** Begins every name: `replot-dev`. */
  readonly prefix: string;
  readonly plotsTable: string;
  readonly runsTable: string;
  readonly cluster: string;
  readonly taskFamily: string;
  readonly taskRole: string;
  readonly executionRole: string;
  readonly schedulerRole: string;
  readonly watchdogRole: string;
  readonly logGroup: string;
  readonly watchdog: string;
  readonly watchdogLogGroup: string;
  readonly topic: string;
  readonly deadLetterQueue: string;
  readonly scheduleGroup: string;
  readonly schedule: string;
  readonly dashboard: string;
  readonly runnerRepository: string;
  readonly rRepository: string;
}

/**
 * The longest name allowed is a role's, 64 characters; S3's 63 include what Pulumi adds to a bucket's name. So a project
 * and a stack have 32 characters together.
 */
export const longestPrefix = 32;

/** Buckets are named by Pulumi: their names are shared with the whole world. */
export function names(project: string, stack: string): Names {
  const prefix = `${project}-${stack}`;
  return {
    prefix,
    plotsTable: `${prefix}-plots`,
    runsTable: `${prefix}-runs`,
    cluster: prefix,
    taskFamily: prefix,
    taskRole: `${prefix}-task`,
    executionRole: `${prefix}-execution`,
    schedulerRole: `${prefix}-scheduler`,
    watchdogRole: `${prefix}-watchdog`,
    logGroup: `/${project}/${stack}`,
    watchdog: `${prefix}-watchdog`,
    watchdogLogGroup: `/aws/lambda/${prefix}-watchdog`,
    topic: `${prefix}-reports`,
    deadLetterQueue: `${prefix}-undelivered`,
    scheduleGroup: prefix,
    schedule: `${prefix}-weekly`,
    dashboard: prefix,
    runnerRepository: `${prefix}/runner`,
    rRepository: `${prefix}/r`,
  };
}
