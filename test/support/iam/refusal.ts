/** "Access denied" as each service says it. */
import { account } from "../declared/place.ts";
import type { Request } from "./policy.ts";

export interface Refusal {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

export function refusal(service: string, role: string, { action, resource }: Request): Refusal {
  const message =
    `User: arn:aws:sts::${account}:assumed-role/${role}/test is not authorized to perform: ${action} on resource: ` +
    `${resource} because no identity-based policy allows the ${action} action`;
  switch (service) {
    case "s3":
      return xml(403, `<Error><Code>AccessDenied</Code><Message>${message}</Message></Error>`);
    case "sns":
      return xml(
        403,
        `<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error><Type>Sender</Type>` +
          `<Code>AuthorizationError</Code><Message>${message}</Message></Error></ErrorResponse>`,
      );
    default:
      return {
        status: 400,
        headers: {
          "content-type":
            service === "ecs" || service === "logs" ? "application/x-amz-json-1.1" : "application/x-amz-json-1.0",
        },
        body: JSON.stringify({ __type: "com.amazon.coral.service#AccessDeniedException", message, Message: message }),
      };
  }
}

/** DeleteObjects as a whole succeeds, and says for each key what it was refused for. */
export function keysRefused(requests: readonly Request[]): Refusal {
  const errors = requests.map(({ resource }) => {
    const key = resource.slice(resource.indexOf("/") + 1);
    return `<Error><Key>${key}</Key><Code>AccessDenied</Code><Message>Access Denied</Message></Error>`;
  });
  return xml(200, `<DeleteResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${errors.join("")}</DeleteResult>`);
}

function xml(status: number, text: string): Refusal {
  const body = `<?xml version="1.0" encoding="UTF-8"?>${text}`;
  return { status, body, headers: { "content-type": "application/xml" } };
}
