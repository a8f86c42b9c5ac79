/**
 * The whole Pulumi program, run under Pulumi's mocks: every resource it declares with its resolved inputs, and the
 * stack's outputs. Ids and ARNs are as AWS would make them.
 */
import * as pulumi from "@pulumi/pulumi";
import { mockCall } from "./declared/calls.ts";
import { account, region } from "./declared/place.ts";
import { mockState } from "./declared/state.ts";

export { region };

export interface Declared {
  /** `aws:s3/bucket:Bucket` */
  readonly type: string;
  /** Its name in the program. */
  readonly name: string;
  /** What the program said. */
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly id: string;
  /** What others can read of it: its inputs, and what AWS would add (`arn`). */
  readonly state: Readonly<Record<string, unknown>>;
  /** Type and name of what it is part of: `replot:Storage storage`. */
  readonly parent: string;
  readonly protect: boolean;
  readonly retainOnDelete: boolean;
  /** `type name` of each resource that it waits for. */
  readonly dependencies: readonly string[];
}

export interface DeclaredStack {
  /** In the order of registration. Components included; the stack itself and providers are not. */
  readonly resources: readonly Declared[];
  /** What `pulumi stack output --json` would print. */
  readonly outputs: Readonly<Record<string, unknown>>;
  /** All of a type. */
  all(type: string): Declared[];
  /** The one of this type and name. */
  one(type: string, name: string): Declared;
}

export interface DeclareOptions {
  /** Default `dev`. */
  readonly stack?: string;
  /** As `pulumi config set` takes them, without the project: `{ cpu: "4096", emails: '["a@b.org"]' }`. */
  readonly config?: Readonly<Record<string, string>>;
}

const project = "replot";

/** Images that need no building: most tests are about something else. */
export const readyImages = {
  runnerImage: `${account}.dkr.ecr.${region}.amazonaws.com/ready/runner@sha256:${"a".repeat(64)}`,
  rImage: `${account}.dkr.ecr.${region}.amazonaws.com/ready/r@sha256:${"b".repeat(64)}`,
} as const;

let turn: Promise<unknown> = Promise.resolve();
const declarations = new Map<string, Promise<DeclaredStack>>();

/**
 * Runs the program, once for each configuration: what it declares is asked for by many tests and changed by none. Pulumi
 * keeps its state in the process, so one at a time.
 */
export function declare(options: DeclareOptions = {}): Promise<DeclaredStack> {
  const key = JSON.stringify([options.stack, options.config]);
  let mine = declarations.get(key);
  if (mine === undefined) {
    mine = turn.then(() => run(options));
    declarations.set(key, mine);
    turn = mine.catch(() => undefined);
  }
  return mine;
}

async function run({ stack = "dev", config = {} }: DeclareOptions): Promise<DeclaredStack> {
  const made = new Map<string, Pick<Declared, "type" | "name" | "inputs" | "id" | "state">>();
  const registered: { readonly urn: string; readonly key: string; readonly request: Request }[] = [];

  await pulumi.runtime.setMocks(
    {
      newResource({ type, name, inputs, custom }) {
        const { id, state } = custom ? mockState(type, name, inputs) : { id: "", state: inputs };
        made.set(`${type} ${name}`, { type, name, inputs, id, state });
        return { id, state };
      },
      call: ({ token, inputs }) => mockCall(token, inputs),
    },
    project,
    stack,
  );
  pulumi.runtime.setAllConfig(
    Object.fromEntries([
      ["aws:region", region],
      ...Object.entries(config).map(([key, value]) => [`${project}:${key}`, value]),
    ]),
  );
  recordRequests((urn, request) => registered.push({ urn, key: `${request.getType()} ${request.getName()}`, request }));

  const { default: program } = await import("../../infra/index.ts");
  let failure: { readonly thrown: unknown } | undefined;
  const outputs = await pulumi.runtime.runInPulumiStack(() =>
    program().catch((thrown: unknown) => {
      // through Pulumi it would come a second time, as a rejection that nobody handles
      failure = { thrown };
      return {};
    }),
  );
  await pulumi.runtime.disconnect();
  if (failure !== undefined) throw failure.thrown;

  const keys = new Map(registered.map(({ urn, key }) => [urn, key]));
  const keyOf = (urn: string) => keys.get(urn) ?? urn;
  const resources = registered.flatMap(({ key, request }): Declared[] => {
    const resource = made.get(key);
    if (resource === undefined || resource.type === "pulumi:pulumi:Stack") return [];
    return [
      {
        ...resource,
        parent: keyOf(request.getParent()),
        protect: request.getProtect() ?? false,
        retainOnDelete: request.getRetainondelete() ?? false,
        dependencies: request.getDependenciesList().map(keyOf),
      },
    ];
  });
  return {
    resources,
    outputs: outputs ?? {},
    all: (type) => resources.filter((resource) => resource.type === type),
    one(type, name) {
      const found = resources.find((resource) => resource.type === type && resource.name === name);
      if (found === undefined) throw new Error(`the program declares no ${type} ${name}`);
      return found;
    },
  };
}

/** What the program asks Pulumi's engine for, of which the mocks see only a part. */
interface Request {
  getType(): string;
  getName(): string;
  getParent(): string;
  getProtect(): boolean | undefined;
  getRetainondelete(): boolean | undefined;
  getDependenciesList(): string[];
}

type Answer = (error: Error | null, response: { getUrn(): string }) => void;

function recordRequests(record: (urn: string, request: Request) => void): void {
  const monitor: { registerResource(request: Request, answer: Answer): unknown } | undefined =
    pulumi.runtime.getMonitor();
  if (monitor === undefined) throw new Error("Pulumi's mocks are not set");
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request, answer) =>
    register(request, (error, response) => {
      if (error === null) record(response.getUrn(), request);
      answer(error, response);
    });
}
