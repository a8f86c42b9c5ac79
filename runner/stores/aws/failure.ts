/** What AWS refused, in words that name the action, the thing acted on and what to do. */
import { messageOf, ReplotError, systemCode, UnavailableError } from "../../errors.ts";

/** A call that failed for good. `code` is the service's (`AccessDenied`) or the system's (`ECONNREFUSED`). */
class AwsFailure extends UnavailableError {
  readonly code: string;
  /** As policies spell it: `s3:PutObject`. */
  readonly action: string;

  constructor(message: string, code: string, action: string, cause: unknown) {
    super(message, { cause });
    this.code = code;
    this.action = action;
  }
}

/** One call, for the message. */
export interface Call {
  /** As policies spell it: `s3:PutObject`. */
  readonly action: string;
  /** What it acts on, in words: `bucket plots, key runs/x/summary.json`. */
  readonly on: string;
}

const missing = "run `pulumi up` if the stack isn't deployed, or check the name, the region and the account";
const credentials = "log in again (`aws sts get-caller-identity` shows as whom), then run again";

const explanations: Readonly<Record<string, string>> = {
  NoSuchBucket: `there is no such bucket; ${missing}`,
  ResourceNotFoundException: `there is no such table; ${missing}`,
  NotFoundException: `there is no such topic; ${missing}`,
  "logs:ResourceNotFoundException": `there is no such log group or stream; ${missing}`,
  ClusterNotFoundException: `there is no such cluster; ${missing}`,
  RepositoryNotFoundException: `there is no such repository; ${missing}`,
  PermanentRedirect: "the bucket is in another region; set AWS_REGION to the one the stack was deployed to",
  ExpiredToken: `the credentials have expired; ${credentials}`,
  ExpiredTokenException: `the credentials have expired; ${credentials}`,
  InvalidClientTokenId: `AWS doesn't know these credentials; ${credentials}`,
  UnrecognizedClientException: `AWS doesn't know these credentials; ${credentials}`,
  InvalidAccessKeyId: `AWS doesn't know these credentials; ${credentials}`,
  SignatureDoesNotMatch: `AWS refuses the signature; check the secret access key and this machine's clock, or ${credentials}`,
  RequestTimeTooSkewed: "this machine's clock is wrong; set it, then run again",
  CredentialsProviderError: `no AWS credentials were found; ${credentials}`,
  BadDigest: "what arrived has another checksum than what was sent",
  XAmzContentChecksumMismatch: "what arrived has another checksum than what was sent",
  ENOTFOUND: "the service's host isn't found; check the network and AWS_REGION",
  ECONNREFUSED: "the service can't be reached; check the network and AWS_ENDPOINT_URL, if it is set",
  TimeoutError: "no answer in time; check the network",
};

const refusals: ReadonlySet<string> = new Set([
  "AccessDenied",
  "AccessDeniedException",
  "AuthorizationError",
  "AuthorizationErrorException",
  "Forbidden",
]);

/**
 * @returns a failure whose message reads `s3:PutObject failed for bucket b, key k: access denied; …`; what speaks for
 *   itself comes back as it is
 */
export function awsFailure({ action, on }: Call, thrown: unknown): ReplotError {
  if (thrown instanceof ReplotError) return thrown;
  const code = codeOf(thrown);
  const attempts = attemptsOf(thrown);
  const tries = attempts !== undefined && attempts > 1 ? ` (${attempts} attempts)` : "";
  return new AwsFailure(`${action} failed for ${on}${tries}: ${explain(action, code, thrown)}`, code, action, thrown);
}

function explain(action: string, code: string, thrown: unknown): string {
  const known = explanations[`${action.split(":")[0]}:${code}`] ?? explanations[code];
  // a HEAD has no body that could name the error
  if (refusals.has(code) || statusOf(thrown) === 403) {
    if (known !== undefined) return known;
    const hidden = action === "s3:GetObject" ? " (S3 says the same of a missing object without s3:ListBucket)" : "";
    return `access denied; let the role or user allow ${action} on it${hidden}`;
  }
  return known ?? `${code}: ${messageOf(thrown)}`;
}

/** The service's code of an error, else the system's, else its name. */
export function codeOf(thrown: unknown): string {
  return systemCode(thrown) ?? (thrown instanceof Error ? thrown.name : typeof thrown);
}

/** The HTTP status a service answered with, if it did. */
export function statusOf(thrown: unknown): number | undefined {
  return metadata(thrown, "httpStatusCode");
}

function attemptsOf(thrown: unknown): number | undefined {
  return metadata(thrown, "attempts");
}

function metadata(thrown: unknown, name: "httpStatusCode" | "attempts"): number | undefined {
  if (!(thrown instanceof Error) || !("$metadata" in thrown)) return undefined;
  const { $metadata } = thrown;
  if (typeof $metadata !== "object" || $metadata === null || !(name in $metadata)) return undefined;
  const value: unknown = Reflect.get($metadata, name);
  return typeof value === "number" ? value : undefined;
}
