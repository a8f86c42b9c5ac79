/** An implementation of AWS that we did not write: moto's server, a real process, one for all tests of a mocha run. */
import { spawn, spawnSync } from "node:child_process";
import { createServer, Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { before, describe } from "mocha";
import { useTestCredentials } from "./credentials.ts";

export interface Moto {
  /** `http://127.0.0.1:41234`; known once tests run. */
  readonly endpoint: string;
}

const absent =
  spawnSync("sh", ["-c", "command -v moto_server"]).status === 0
    ? undefined
    : "moto_server is not installed (pip install 'moto[server]')";
const required = process.env["CI"] === "true";

/** A suite that runs against moto; skipped, with the reason in its title, where there is none, unless CI is true. */
export function describeWithMoto(title: string, suite: (moto: Moto) => void): void {
  if (absent !== undefined && !required) {
    describe.skip(`${title} (skipped: ${absent})`, () => suite({ endpoint: "" }));
    return;
  }
  describe(title, () => {
    let endpoint = "";
    useTestCredentials();
    before(async function () {
      this.timeout(60_000);
      if (absent !== undefined) throw new Error(absent);
      endpoint = await started();
    });
    suite({
      get endpoint() {
        return endpoint;
      },
    });
  });
}

let server: Promise<string> | undefined;

function started(): Promise<string> {
  server ??= start();
  return server;
}

async function start(): Promise<string> {
  const port = await freePort();
  // the shell waits for the end of its input, which comes however this process ends, and takes the server with it
  const script = `moto_server -H 127.0.0.1 -p ${port} >/dev/null 2>&1 & read -r end; kill $!`;
  const child = spawn("sh", ["-c", script], { stdio: ["pipe", "ignore", "ignore"], detached: true });
  child.unref();
  if (child.stdin instanceof Socket) child.stdin.unref();
  process.once("exit", () => child.stdin.destroy());
  const endpoint = `http://127.0.0.1:${port}`;
  const deadline = performance.now() + 50_000;
  while (performance.now() < deadline) {
    const answered = await fetch(`${endpoint}/moto-api/`).catch(() => undefined);
    if (answered !== undefined) return endpoint;
    await delay(100);
  }
  throw new Error(`moto_server did not answer at ${endpoint} within 50 s`);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}
