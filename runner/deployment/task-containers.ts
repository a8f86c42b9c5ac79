/**
 * The task of a stack: names and paths that its two containers are made with, and how a run is asked of it. The program
 * that deploys it and the commands that start it both read them here.
 */
import { credentialVariables } from "./credential-variables.ts";

/** Names of the containers. */
export const containers = { runner: "runner", r: "r" } as const;

/** What the names of the containers' log streams begin with (`awslogs-stream-prefix`). */
export const logStreamPrefix = "task";

/** A task's id, the last part of its ARN: log streams and the console name a task by it. */
export function taskId(arn: string): string {
  return arn.slice(arn.lastIndexOf("/") + 1);
}

/** The log stream of a container. @param task the task's id, see {@link taskId} */
export function logStream(container: keyof typeof containers, task: string): string {
  return `${logStreamPrefix}/${containers[container]}/${task}`;
}

/** Where the volumes are mounted in the runner; its image declares them at exactly these paths. */
export const mounts = { work: "/work", simulations: "/data/simulations" } as const;

/** The work directory, for both containers: below the volume, since a mount point can't be removed. */
export const workDirectory = `${mounts.work}/run`;

/** The data directory in the runner: `simulations/` lies below. */
export const dataDirectory = "/data";

/** Seconds between TERM and KILL. Together with what the services need they stay within Spot's two minutes. */
export const stopTimeouts = { runner: 100, r: 10 } as const;

/**
 * Entry point of the runner's container; what follows is its command: `regenerate full`. Fargate has no longest life for
 * a task, so `timeout` has it.
 */
export function runnerEntryPoint(maxRunSeconds: number): string[] {
  const { runner: patience } = stopTimeouts;
  return ["timeout", "--foreground", "--signal=TERM", `--kill-after=${patience}`, String(maxRunSeconds), "replot"];
}

/**
 * Waits for the agent and runs it, once for each session that the runner opens. It first becomes another process
 * without the variables that lead to credentials, since what a process was started with stays readable in
 * `/proc/1/environ` whatever it unsets later. (So the container must not have an init process: that one would keep them.)
 */
const waitForAgent = `umask 0
agent='' done=''
trap 'trap "" TERM INT; [ -z "$agent" ] || { kill -s TERM "$agent"; wait "$agent"; }; exit 143' TERM INT
while :; do
  session=''
  [ ! -e "$1/agent.sh" ] || read -r session <"$1/settings/session" || :
  if [ -n "$session" ] && [ "$session" != "$done" ]; then
    done=$session
    sh "$1/agent.sh" "$1" &
    agent=$!
    wait "$agent"
    agent=''
  fi
  sleep 1 &
  wait "$!"
done`;

/** Entry point of R's container, in place of its image's own. @param work the work directory as R's side sees it */
export function rEntryPoint(work: string = workDirectory): string[] {
  const shed = `unset ${credentialVariables.join(" ")}; exec sh -c "$2" replot "$1"`;
  return ["sh", "-c", shed, "replot", work, waitForAgent];
}

/** What a run is asked for, as the service that starts tasks takes it (RunTask's `overrides`). */
export interface TaskOverrides {
  readonly containerOverrides: readonly {
    readonly name: string;
    readonly command: readonly string[];
    readonly environment: readonly { readonly name: string; readonly value: string }[];
  }[];
}

/**
 * @param words the command line after `replot`: `regenerate full --city C.12580`
 * @param variables by their names in the environment, such as `settingsTable.scheduledTime.variable`
 */
export function taskOverrides(
  words: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): TaskOverrides {
  const environment = Object.entries(variables).map(([name, value]) => ({ name, value }));
  return { containerOverrides: [{ name: containers.runner, command: [...words], environment }] };
}
