/**
 * The program as `pulumi up` runs it: Pulumi's own launcher, in a process of its own, as Pulumi.yaml says, against a
 * stand-in for Pulumi's engine that speaks its protocol.
 */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { Server, ServerCredentials, status, type UntypedServiceImplementation } from "@grpc/grpc-js";
import { EngineService, type IEngineServer } from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import engine from "@pulumi/pulumi/proto/engine_pb.js";
import { type IResourceMonitorServer, ResourceMonitorService } from "@pulumi/pulumi/proto/resource_grpc_pb.js";
import resource from "@pulumi/pulumi/proto/resource_pb.js";
import { MockMonitor } from "@pulumi/pulumi/runtime/mocks.js";
import { expect } from "chai";
import protobuf from "google-protobuf/google/protobuf/empty_pb.js";
import { describe, it } from "mocha";
import { parse } from "yaml";
import { z } from "zod";
import { root } from "../../runner/root.ts";
import { mockCall } from "../support/declared/calls.ts";
import { construct } from "../support/declared/components.ts";
import { mockState } from "../support/declared/state.ts";
import { readyImages } from "../support/declared.ts";

const Project = z.object({
  name: z.literal("replot"),
  main: z.string(),
  runtime: z.object({ name: z.literal("nodejs"), options: z.object({ typescript: z.boolean() }) }),
});

interface Ended {
  readonly code: number | null;
  /** `type name` of what was declared. */
  readonly declared: readonly string[];
  /** Names of the stack's outputs. */
  readonly outputs: readonly string[];
  /** What a person would see in red. */
  readonly errors: readonly string[];
  /** And in yellow. */
  readonly warnings: readonly string[];
}

async function pulumiRuns(stack: string, config: Record<string, string>): Promise<Ended> {
  const project = Project.parse(parse(readFileSync(join(root, "Pulumi.yaml"), "utf8")));
  const declared: string[] = [];
  const outputs: string[] = [];
  const told: { readonly severity: number; readonly message: string }[] = [];
  const monitor = new MockMonitor({
    newResource({ type, name, inputs, custom }) {
      declared.push(`${type} ${name}`);
      return custom ? mockState(type, name, inputs) : { id: "", state: construct(type, name, inputs)?.state ?? inputs };
    },
    call: ({ token, inputs }) => mockCall(token, inputs),
  });
  let rootUrn = "";
  const server = new Server();
  const asMonitor: Pick<
    IResourceMonitorServer,
    | "invoke"
    | "registerResource"
    | "registerResourceOutputs"
    | "registerPackage"
    | "supportsFeature"
    | "signalAndWaitForShutdown"
  > = {
    invoke: (call, answer) => monitor.invoke(call.request, answer),
    registerResource: (call, answer) => monitor.registerResource(call.request, answer),
    registerResourceOutputs(call, answer) {
      if (call.request.getUrn() === rootUrn)
        outputs.push(...Object.keys(call.request.getOutputs()?.toJavaScript() ?? {}));
      answer(null, new protobuf.Empty());
    },
    registerPackage: (call, answer) => monitor.registerPackage(call.request, answer),
    supportsFeature(call, answer) {
      const response = new resource.SupportsFeatureResponse();
      response.setHassupport(call.request.getId() !== "outputValues");
      answer(null, response);
    },
    signalAndWaitForShutdown: (_, answer) => answer(null, new protobuf.Empty()),
  };
  const asEngine: Pick<IEngineServer, "log" | "setRootResource" | "getRootResource"> = {
    log(call, answer) {
      told.push({ severity: call.request.getSeverity(), message: call.request.getMessage() });
      answer(null, new protobuf.Empty());
    },
    setRootResource(call, answer) {
      rootUrn = call.request.getUrn();
      answer(null, new engine.SetRootResourceResponse());
    },
    getRootResource(_, answer) {
      const response = new engine.GetRootResourceResponse();
      response.setUrn(rootUrn);
      answer(null, response);
    },
  };
  server.addService(ResourceMonitorService, { ...unimplemented(ResourceMonitorService), ...asMonitor });
  server.addService(EngineService, { ...unimplemented(EngineService), ...asEngine });
  const address = await listening(server);
  // as Pulumi's host for this language does it: in the directory of `main`
  const launcher = createRequire(import.meta.url).resolve("@pulumi/pulumi/cmd/run");
  const main = join(root, project.main);
  const named = ["--project", project.name, "--stack", stack, "--monitor", address, "--engine", address];
  const child = spawn(process.execPath, [launcher, ...named, "--pwd", dirname(main), basename(main)], {
    stdio: "ignore",
    env: {
      PATH: process.env["PATH"],
      PULUMI_NODEJS_TYPESCRIPT: String(project.runtime.options.typescript),
      PULUMI_CONFIG: JSON.stringify({ "aws:region": "us-east-1", ...config }),
    },
  });
  const code = await new Promise<number | null>((resolve) => child.once("exit", resolve));
  server.forceShutdown();
  const { ERROR, WARNING } = engine.LogSeverity;
  const messages = (of: number) => told.filter(({ severity }) => severity === of).map(({ message }) => message);
  return { code, declared, outputs, errors: messages(ERROR), warnings: messages(WARNING) };
}

function unimplemented(service: object): UntypedServiceImplementation {
  const refuse: UntypedServiceImplementation[string] = (_: unknown, answer: (error: object) => void) =>
    answer({ code: status.UNIMPLEMENTED });
  return Object.fromEntries(Object.keys(service).map((name) => [name, refuse]));
}

function listening(server: Server): Promise<string> {
  return new Promise((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
      if (error) reject(error);
      else resolve(`127.0.0.1:${port}`);
    });
  });
}

describe("the program, as Pulumi runs it", function () {
  // a process that loads Pulumi and AWS's part of it anew, beside whatever else the machine does
  this.timeout(180_000);
  const ready = Object.fromEntries(Object.entries(readyImages).map(([key, value]) => [`replot:${key}`, value]));

  it("is loaded as it is, declares the stack and gives its outputs", async () => {
    const { code, declared, outputs, errors, warnings } = await pulumiRuns("dev", ready);
    expect({ code, errors }).to.deep.equal({ code: 0, errors: [] });
    expect(warnings).to.deep.equal(["nobody receives e-mails about runs: pulumi config set emails ada@example.org"]);
    expect(declared).to.include.members(["replot:Task task", "aws:scheduler/schedule:Schedule weekly"]);
    expect(outputs).to.include.members(["taskDefinition", "manualRun", "links"]);
  });

  it("shows a person's mistakes alone, and declares nothing", async () => {
    const { code, declared, errors } = await pulumiRuns("dev", { "replot:cpu": "3", "replot:email": "a@example.org" });
    // what Pulumi ends with when it has told the person all there is
    expect(code).to.equal(32);
    expect(declared).to.deep.equal(["pulumi:pulumi:Stack replot-dev"]);
    expect(errors).to.have.length(1);
    expect(errors[0]).to.include("cpu: expected").and.to.include("did you mean emails?").and.not.to.include("    at ");
  });
});
