/** The execution role: what ECS itself does before and beside the containers. They never see it. */
import { logStreamPrefix } from "../../runner/deployment/task-containers.ts";
import type { Grant } from "./grant.ts";

export interface ExecutionResources {
  /** ARNs of the repositories that the two images come from; none for images outside ECR. */
  readonly repositories: readonly string[];
  /** ARN of the log group, without `:*`. */
  readonly logGroup: string;
  /** ARNs of the parameters that R's container gets as secrets. */
  readonly parameters: readonly string[];
}

export function executionGrants({ repositories, logGroup, parameters }: ExecutionResources): Grant[] {
  const pull: Grant[] = [
    {
      id: "LogInToRegistry",
      actions: ["ecr:GetAuthorizationToken"],
      resources: ["*"],
      why: "pull the images",
      pattern: "the action knows no resource",
    },
    {
      id: "PullImages",
      actions: ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
      resources: repositories,
      why: "pull the images",
    },
  ];
  const secrets: Grant[] = [
    { id: "ReadSecrets", actions: ["ssm:GetParameters"], resources: parameters, why: "R's secrets, by reference" },
  ];
  return [
    ...(repositories.length > 0 ? pull : []),
    {
      id: "WriteLogs",
      actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
      resources: [`${logGroup}:log-stream:${logStreamPrefix}/*`],
      why: "the containers' logs",
      pattern: "a stream is named after its task",
    },
    ...(parameters.length > 0 ? secrets : []),
  ];
}
