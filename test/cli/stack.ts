/** A stack in moto, with what the command line needs of one, and its outputs in a file. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CloudWatchLogsClient, CreateLogGroupCommand } from "@aws-sdk/client-cloudwatch-logs";
import { CreateSecurityGroupCommand, DescribeSubnetsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { CreateClusterCommand, ECSClient, RegisterTaskDefinitionCommand } from "@aws-sdk/client-ecs";
import { afterEach } from "mocha";
import type { Deployment } from "../../runner/deployment/deployment.ts";
import { containers } from "../../runner/deployment/task-containers.ts";
import { retryPauseVariable } from "../../runner/stores/aws/client.ts";
import { startProgram } from "../support/command.ts";
import { sampleDeployment } from "../support/deployment.ts";
import { type Fargate, type Play, startFargate } from "../support/fargate.ts";
import type { Call, Fault } from "../support/faulty-proxy.ts";
import type { Moto } from "../support/moto.ts";
import { makeStack, type TestStack } from "../support/stack.ts";

export interface DeployedStack extends TestStack {
  readonly deployment: Deployment;
  /** JSON file with the stack's outputs. */
  readonly file: string;
  /** A temporary directory for the test. */
  readonly directory: string;
  /** The same stack with changed outputs. */
  withOutputs(changes: Partial<Deployment>): Promise<DeployedStack>;
}

/** Registers the clean-up; call it inside `describeWithMoto`. */
export function stacks(moto: Moto) {
  const undo: (() => unknown)[] = [];
  afterEach(async () => {
    for (const step of undo.splice(0).reverse()) await step();
  });

  async function stack(changes: Partial<Deployment> = {}): Promise<DeployedStack> {
    const stores = await makeStack(moto.endpoint);
    const { stack: name } = stores.cloud;
    const connection = { endpoint: moto.endpoint, region: "us-east-1" };
    const ec2 = new EC2Client(connection);
    const ecs = new ECSClient(connection);
    const { Subnets: subnets = [] } = await ec2.send(new DescribeSubnetsCommand({}));
    const { GroupId: group = "" } = await ec2.send(
      new CreateSecurityGroupCommand({ GroupName: name, Description: "of a test" }),
    );
    const { cluster } = await ecs.send(new CreateClusterCommand({ clusterName: name }));
    const logGroup = `/replot/${name}`;
    await new CloudWatchLogsClient(connection).send(new CreateLogGroupCommand({ logGroupName: logGroup }));
    const { runnerImage, rImage } = sampleDeployment;
    const { taskDefinition } = await ecs.send(
      new RegisterTaskDefinitionCommand({
        family: name,
        networkMode: "awsvpc",
        requiresCompatibilities: ["FARGATE"],
        cpu: "2048",
        memory: "8192",
        containerDefinitions: [
          { name: containers.runner, image: runnerImage, essential: true, memory: 1024 },
          { name: containers.r, image: rImage, essential: false, memory: 7168 },
        ],
      }),
    );
    const deployment: Deployment = {
      ...sampleDeployment,
      ...stores.cloud,
      cluster: cluster?.clusterArn ?? "",
      taskFamily: name,
      taskDefinition: taskDefinition?.taskDefinitionArn ?? "",
      subnets: subnets.slice(0, 2).map(({ SubnetId: id = "" }) => id),
      securityGroups: [group],
      logGroup,
      ...changes,
    };
    const directory = await mkdtemp(join(tmpdir(), "replot-stack-"));
    undo.push(() => rm(directory, { recursive: true, force: true, maxRetries: 5 }));
    const file = join(directory, "dev.json");
    const withOutputs = async (outputs: Deployment): Promise<DeployedStack> => {
      await writeFile(file, JSON.stringify(outputs));
      const again: DeployedStack["withOutputs"] = (other) => withOutputs({ ...outputs, ...other });
      return { ...stores, deployment: outputs, file, directory, withOutputs: again };
    };
    return withOutputs(deployment);
  }

  async function fargate(
    { deployment }: DeployedStack,
    play: Play,
    faults?: (call: Call) => Fault | undefined,
  ): Promise<Fargate> {
    const fargate = await startFargate(moto.endpoint, deployment.logGroup, play, faults);
    undo.push(() => fargate.close());
    return fargate;
  }

  return {
    stack,
    fargate,
    /** For commands that start no task, and what happens to their calls. */
    proxied: (stack: DeployedStack, faults?: (call: Call) => Fault | undefined): Promise<Fargate> =>
      fargate(stack, () => ({ stopCode: "", stoppedReason: "" }), faults),
    /** The command line as a real process. @param endpoint moto's, or a proxy's before it */
    replot(args: readonly string[], endpoint = moto.endpoint, environment: NodeJS.ProcessEnv = {}) {
      const running = startProgram(args, { AWS_ENDPOINT_URL: endpoint, [retryPauseVariable]: "5", ...environment });
      undo.push(() => running.process.kill("SIGKILL"));
      return running;
    },
  };
}
