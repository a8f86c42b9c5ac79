/**
 * Least privilege, in both directions: between the SDK and the server that stands in for AWS every call is held against
 * the declared policy of the role that makes it, and what each statement was needed for is written down.
 */
import { type Call, type Fault, type FaultyProxy, startFaultyProxy } from "./faulty-proxy.ts";
import { allowing, matches, type Request, readPolicy, type Statement } from "./iam/policy.ts";
import { keysRefused, refusal } from "./iam/refusal.ts";
import { requestsOf, signedBy } from "./iam/requests.ts";

export interface Role {
  readonly name: string;
  /** Documents of its policies, as declared. */
  readonly policies: readonly string[];
}

export interface PolicyProxy extends FaultyProxy {
  /** What a role was refused, each once: `s3:GetObject on arn:…`. */
  denied(role: string): string[];
  /**
   * What of a role's policies no call needed: whole statements, or an action of one on one of its resources. What another statement
   * allows as well counts as needed by neither.
   */
  unneeded(role: string): string[];
}

interface Usage {
  readonly statements: readonly Statement[];
  readonly allowed: Map<Statement, Request[]>;
  readonly denied: Set<string>;
}

export interface PolicyProxyOptions {
  /** By access key: the credentials of a process say whose policy holds. */
  readonly roles: Readonly<Record<string, Role>>;
  /** What happens to calls that are allowed. */
  readonly faults?: (call: Call) => Fault | undefined;
  /** Actions that a role is refused though its policy allows them: `s3:PutObject`. */
  readonly without?: readonly string[];
}

/** @param server that calls are passed on to */
export async function startPolicyProxy(
  server: string,
  { roles, faults, without = [] }: PolicyProxyOptions,
): Promise<PolicyProxy> {
  const usages = new Map<string, Usage>();
  for (const { name, policies } of Object.values(roles)) {
    const statements = policies.flatMap(readPolicy);
    usages.set(name, { statements, allowed: new Map(), denied: new Set() });
  }
  const usageOf = (role: string): Usage => {
    const usage = usages.get(role);
    if (usage === undefined) throw new Error(`no role ${role}`);
    return usage;
  };

  /** Writes down what comes of a request. */
  const isAllowed = (role: string, request: Request): boolean => {
    const { statements, allowed, denied } = usageOf(role);
    const by = without.includes(request.action) ? [] : allowing(statements, request);
    if (by.length === 0) denied.add(`${request.action} on ${request.resource}`);
    const [only, another] = by;
    if (only !== undefined && another === undefined) allowed.set(only, [...(allowed.get(only) ?? []), request]);
    return by.length > 0;
  };

  const trouble: unknown[] = [];
  const decide = (call: Call): Fault | undefined => {
    const signed = signedBy(call);
    const role = roles[signed.accessKey];
    if (role === undefined) throw new Error(`no role has the access key ${signed.accessKey}`);
    const requests = requestsOf(call, signed);
    const refused = requests.filter((request) => !isAllowed(role.name, request));
    const [first] = refused;
    if (first !== undefined) {
      if (first.action !== "s3:DeleteObject" || call.method === "DELETE")
        return refusal(signed.service, role.name, first);
      if (refused.length < requests.length) throw new Error("keys removed together, some of them not allowed");
      return keysRefused(refused);
    }
    return faults?.(call) ?? hiddenObject(call, role.name, requests, isAllowed);
  };

  const proxy = await startFaultyProxy(server, (call) => {
    try {
      return decide(call);
    } catch (thrown) {
      trouble.push(thrown);
      return { status: 501, body: String(thrown) };
    }
  });
  return {
    ...proxy,
    denied: (role) => [...usageOf(role).denied],
    unneeded(role) {
      const { statements, allowed } = usageOf(role);
      return statements.flatMap((statement) => unneededOf(statement, allowed.get(statement) ?? []));
    },
    async close() {
      await proxy.close();
      // a call that isn't known is the test's failure, whatever the program made of the answer
      if (trouble.length > 0) throw trouble[0];
    },
  };
}

/** Without the right to list a bucket nobody learns that an object isn't there. */
function hiddenObject(
  { method }: Call,
  role: string,
  [request]: readonly Request[],
  isAllowed: (role: string, request: Request) => boolean,
): Fault | undefined {
  if (request?.action !== "s3:GetObject") return undefined;
  const bucket = request.resource.slice(0, request.resource.indexOf("/"));
  return {
    instead(status) {
      const listing: Request = { action: "s3:ListBucket", resource: bucket, context: {} };
      if (status !== 404 || isAllowed(role, listing)) return undefined;
      const { body, ...answer } = refusal("s3", role, request);
      return { ...answer, body: method === "HEAD" ? "" : body };
    },
  };
}

function unneededOf({ Sid, Action, Resource }: Statement, requests: readonly Request[]): string[] {
  if (requests.length === 0) return [`${Sid}: never needed`];
  return Action.flatMap((action) =>
    Resource.filter(
      (pattern) => !requests.some((request) => request.action === action && matches(pattern, request.resource)),
    ).map((pattern) => `${Sid}: ${action} on ${pattern} never needed`),
  );
}
