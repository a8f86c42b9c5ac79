/** Between the SDK and the server: passes calls on, and does to them what networks and services do. */
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import pLimit from "p-limit";

/** A call as it came from the SDK. */
export interface Call {
  readonly method: string;
  readonly url: string;
  /** `S3`, or as `DynamoDB_20120810.BatchWriteItem`. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export type Fault =
  /** The service refuses. */
  | { readonly status: number; readonly body?: string; readonly headers?: Readonly<Record<string, string>> }
  /** The connection breaks before the call arrives, or after it took effect and before it was answered. */
  | "reset"
  | "lost answer"
  /** Nothing is ever answered. */
  | "hang"
  /** The answer breaks off half way. */
  | "cut"
  /** The server's answer, changed; and what the server gets, if that is to be something else than was sent. */
  | {
      readonly answer: (body: string) => string;
      readonly send?: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** Another answer than the server's, where its status asks for one. */
  | { readonly instead: (status: number) => Answer | undefined };

export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface FaultyProxy {
  readonly endpoint: string;
  /** Calls so far, and how many of them met a fault. */
  readonly calls: readonly Call[];
  faults(): number;
  /** Connections that were made to it. */
  connections(): number;
  close(): Promise<void>;
}

/** @param decide undefined for a call that passes as it is */
export async function startFaultyProxy(
  server: string,
  decide: (call: Call) => Fault | undefined,
): Promise<FaultyProxy> {
  const calls: Call[] = [];
  let faults = 0;
  // moto looks at a condition and writes in two steps, between which another thread of it may write; AWS does both at once
  const conditional = pLimit(1);
  const proxy = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of incoming) chunks.push(Buffer.from(chunk));
    } catch {
      return;
    }
    const sent = Buffer.concat(chunks);
    const { method = "", url = "", headers } = incoming;
    const call = { method, url, headers, body: sent.toString("utf8"), target: String(headers["x-amz-target"] ?? "S3") };
    calls.push(call);
    const fault = decide(call);
    if (fault !== undefined && !(typeof fault === "object" && "instead" in fault)) faults += 1;
    if (fault === "reset") {
      incoming.socket.resetAndDestroy();
    } else if (fault === "hang") {
      // the SDK loses its patience, or the proxy is closed
    } else if (typeof fault === "object" && "status" in fault) {
      outgoing.writeHead(fault.status, { ...fault.headers }).end(method === "HEAD" ? "" : (fault.body ?? ""));
    } else {
      const other = typeof fault === "object" && "answer" in fault ? fault.send : undefined;
      const passed = () =>
        pass(server, incoming, other === undefined ? sent : Buffer.from(other), (answer, bytes) =>
          reply(answer, bytes, outgoing, fault),
        );
      await (call.body.includes('"ConditionExpression"') ? conditional(passed) : passed());
    }
  });
  let connections = 0;
  proxy.on("connection", () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const address = proxy.address();
  if (address === null || typeof address === "string") throw new Error("the proxy has no port");
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    calls,
    faults: () => faults,
    connections: () => connections,
    close: () =>
      new Promise((resolve) => {
        proxy.close(() => resolve());
        proxy.closeAllConnections();
      }),
  };
}

function pass(
  server: string,
  { method, url = "/", headers, socket }: IncomingMessage,
  body: Buffer,
  answered: (answer: IncomingMessage, body: Buffer) => void,
): Promise<void> {
  const { "content-length": _length, "transfer-encoding": _encoding, expect: _expect, ...others } = headers;
  return new Promise((over) => {
    const forward = request(
      `${server}${url}`,
      { method, headers: { ...others, "content-length": body.byteLength } },
      async (answer) => {
        const chunks: Buffer[] = [];
        try {
          for await (const chunk of answer) chunks.push(Buffer.from(chunk));
        } catch {
          broken();
          return;
        }
        answered(answer, Buffer.concat(chunks));
        over();
      },
    );
    // a server in trouble is a broken connection to the SDK
    const broken = () => {
      socket.destroy();
      over();
    };
    forward.on("error", broken);
    forward.end(body);
  });
}

function reply(answer: IncomingMessage, bytes: Buffer, outgoing: ServerResponse, fault: Fault | undefined): void {
  if (fault === "lost answer") {
    outgoing.socket?.resetAndDestroy();
    return;
  }
  const other = typeof fault === "object" && "instead" in fault ? fault.instead(answer.statusCode ?? 500) : undefined;
  if (other !== undefined) {
    outgoing.writeHead(other.status, { ...other.headers }).end(other.body);
    return;
  }
  const headers = { ...answer.headers };
  delete headers["transfer-encoding"];
  delete headers.connection;
  let body = bytes;
  if (typeof fault === "object" && "answer" in fault) {
    body = Buffer.from(fault.answer(bytes.toString("utf8")));
    Object.assign(headers, fault.headers);
    // DynamoDB's checksum of the body
    delete headers["x-amz-crc32"];
  }
  const isHead = outgoing.req.method === "HEAD";
  outgoing.writeHead(answer.statusCode ?? 500, isHead ? headers : { ...headers, "content-length": body.byteLength });
  if (fault === "cut" && body.byteLength > 1) {
    outgoing.write(body.subarray(0, body.byteLength / 2), () => outgoing.socket?.destroy());
    return;
  }
  outgoing.end(isHead ? undefined : body);
}

/** A fifth of all calls, evenly spread, meet one of the faults that pass; the first call does. */
export function everyFifth(faults: readonly Fault[]): (call: Call) => Fault | undefined {
  let n = 0;
  return () => {
    const at = n++;
    return at % 5 === 0 ? faults[(at / 5) % faults.length] : undefined;
  };
}
