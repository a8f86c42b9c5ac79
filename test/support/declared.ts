/**
 * The whole Pulumi program, run under Pulumi's mocks: every resource it declares with its resolved inputs, and the
 * stack's outputs. Ids and ARNs are as AWS would make them.
 */
import * as pulumi from "@pulumi/pulumi";
import { mockCall } from "./declared/calls.ts";
import { construct } from "./declared/components.ts";
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
  /** URNs by which an earlier version of the program knew it. */
  readonly aliases: readonly string[];
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
  const made = new Map<string, Made>();
  const constructed = new Map<string, Pick<Declared, "type" | "name" | "inputs" | "id" | "state" | "aliases">[]>();
  const registered: { readonly urn: string; readonly key: string; readonly request: Request }[] = [];

  await pulumi.runtime.setMocks(
    {
      async newResource({ type, name, inputs, custom, transforms = [] }) {
        const construction = custom ? undefined : construct(type, name, inputs);
        const { id, state } = custom ? mockState(type, name, inputs) : { id: "", state: construction?.state ?? inputs };
        made.set(`${type} ${name}`, { type, name, inputs, id, state });
        const children = construction?.children ?? [];
        constructed.set(
          `${type} ${name}`,
          await Promise.all(
            children.map(async (child) => ({
              ...child,
              ...mockState(child.type, child.name, child.inputs),
              aliases: await aliasesOf(child, transforms),
            })),
          ),
        );
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
    const options = {
      protect: request.getProtect() ?? false,
      retainOnDelete: request.getRetainondelete() ?? false,
      dependencies: request.getDependenciesList().map(keyOf),
    };
    const children = constructed.get(key) ?? [];
    return [
      { ...resource, ...options, parent: keyOf(request.getParent()), aliases: [] },
      ...children.map((child) => ({ ...child, ...options, parent: key })),
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

type Made = Pick<Declared, "type" | "name" | "inputs" | "id" | "state">;

/** Applies the transforms of a component to one of its children, as Pulumi's engine does, and works out the aliases. */
async function aliasesOf(
  { type, name, inputs }: Pick<Declared, "type" | "name" | "inputs">,
  transforms: readonly pulumi.ResourceTransform[],
): Promise<string[]> {
  const urns: string[] = [];
  for (const transform of transforms) {
    const result = await transform({ custom: true, type, name, props: { ...inputs }, opts: {} });
    for (const alias of result?.opts.aliases ?? []) {
      const parent = typeof alias === "object" && "parent" in alias ? alias.parent : undefined;
      if (!pulumi.Resource.isInstance(parent)) throw new Error(`an alias of ${name} names no parent`);
      urns.push(await new Promise((resolve) => pulumi.createUrn(name, type, parent).apply(resolve)));
    }
  }
  return urns;
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
