/** What a role may do: the small grammar in which every policy of the stack is written. */

/** The operators in use; a policy needs no others. */
export type Operator = "StringEquals" | "StringLike" | "ArnEquals" | "ArnLike" | "Bool" | "ForAllValues:StringEquals";

export type Conditions = Readonly<Partial<Record<Operator, Readonly<Record<string, string | readonly string[]>>>>>;

/** Some actions on some resources, always allowed: a role may do nothing else. */
export interface Grant {
  /** Letters and digits; unique in its policy. */
  readonly id: string;
  readonly actions: readonly string[];
  /** ARNs, exact but for what `pattern` accounts for. */
  readonly resources: readonly string[];
  /** All of them must hold. */
  readonly conditions?: Conditions;
  /** What it is needed for; the table in docs/infrastructure.md says the same. */
  readonly why: string;
  /** Why a resource or a condition has a `*`: what AWS doesn't let us name more exactly. */
  readonly pattern?: string;
}

export interface Statement {
  readonly Sid: string;
  readonly Effect: "Allow" | "Deny";
  readonly Principal?: "*" | { readonly Service: string };
  readonly Action: readonly string[];
  /** Absent in a trust policy. */
  readonly Resource?: readonly string[];
  readonly Condition?: Conditions;
}

export interface PolicyDocument {
  readonly Version: "2012-10-17";
  readonly Statement: readonly Statement[];
}

/** The document of a role's policy. */
export function rolePolicy(grants: readonly Grant[]): PolicyDocument {
  return document(
    grants.map(({ id, actions, resources, conditions }) => ({
      Sid: id,
      Effect: "Allow",
      Action: actions,
      Resource: resources,
      ...(conditions === undefined ? {} : { Condition: conditions }),
    })),
  );
}

/** A service that takes on a role. */
export interface Trust {
  /** `ecs-tasks.amazonaws.com` */
  readonly service: string;
  /** Only for this account, and only on behalf of `arn`; undefined where the service doesn't say on whose behalf. */
  readonly source?: {
    readonly account: string;
    /** Or a pattern. */
    readonly arn: string;
    /** Why `arn` has a `*`. */
    readonly pattern?: string;
  };
}

/** The document that says who takes on a role. */
export function trustPolicy({ service, source }: Trust): PolicyDocument {
  return document([
    {
      Sid: "Trust",
      Effect: "Allow",
      Principal: { Service: service },
      Action: ["sts:AssumeRole"],
      ...(source === undefined ? {} : { Condition: sourceConditions(source) }),
    },
  ]);
}

/** A service may act for one source of one account only. */
export function sourceConditions({ account, arn, pattern }: NonNullable<Trust["source"]>): Conditions {
  return {
    StringEquals: { "aws:SourceAccount": account },
    [pattern === undefined ? "ArnEquals" : "ArnLike"]: { "aws:SourceArn": arn },
  };
}

export function document(statements: readonly Statement[]): PolicyDocument {
  return { Version: "2012-10-17", Statement: statements };
}
