/** Buckets, tables and topics of a test's own in moto, and clients that reach them, with a proxy between if asked. */
import { CreateBucketCommand } from "@aws-sdk/client-s3";
import { afterEach } from "mocha";
import { plotsTable, runsTable } from "../../runner/layout.ts";
import { type ClientOptions, type Clients, openClients } from "../../runner/stores/aws/client.ts";
import { type Call, type Fault, type FaultyProxy, startFaultyProxy } from "../support/faulty-proxy.ts";
import type { Moto } from "../support/moto.ts";
import { createTable } from "../support/stack.ts";

let made = 0;

/** Registers the clean-up; call it inside `describeWithMoto`. */
export function cloud(moto: Moto) {
  const undo: (() => unknown)[] = [];
  afterEach(async () => {
    for (const step of undo.splice(0).reverse()) await step();
  });
  const clients = (options: ClientOptions = {}): Clients => {
    const opened = openClients({ endpoint: moto.endpoint, firstPause: 2, ...options });
    undo.push(() => opened.close());
    return opened;
  };
  const name = (kind: string): string => `replot-${kind}-${process.pid}-${++made}`;
  const table = async (layout: typeof plotsTable | typeof runsTable): Promise<string> => {
    const made = name("table");
    await createTable(clients(), made, layout);
    return made;
  };
  return {
    clients,
    name,
    async bucket(): Promise<string> {
      const made = name("bucket");
      await clients().s3.send(new CreateBucketCommand({ Bucket: made }));
      return made;
    },
    plotsTable: () => table(plotsTable),
    runsTable: () => table(runsTable),
    /** Clients whose calls meet faults. */
    async faulty(
      decide: (call: Call) => Fault | undefined,
      options: ClientOptions = {},
    ): Promise<{ readonly clients: Clients; readonly proxy: FaultyProxy }> {
      const proxy = await startFaultyProxy(moto.endpoint, decide);
      undo.push(() => proxy.close());
      return { clients: clients({ ...options, endpoint: proxy.endpoint }), proxy };
    },
  };
}
