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
 * A project and a stack have so many characters together: S3 takes 37 before what makes a bucket's name unique, and
 * `-plots-` is seven of them. Roles and functions, with 64, have room then.
 */
export const longestPrefix = 30;

/** Buckets have a random end besides: their names are shared with the whole world. */
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
