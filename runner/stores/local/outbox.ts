/** Notifications as files: what would have been sent, for a person or a script to pick up. */
import { join } from "node:path";
import type { Notifier } from "../ports.ts";
import { directorySync, writeWhole } from "./durable-file.ts";
import { storeFailure } from "./failure.ts";

/** What an e-mail service takes as a subject; a subject it would refuse is refused here as well. */
const subjectPattern = /^[\x20-\x7e]{1,99}$/;

/** A notifier that leaves `<run id>.txt` in a directory: the subject's line, a blank one, the body. */
export function openOutbox(directory: string): Notifier {
  const sync = directorySync();
  return {
    async notify({ run, subject, body }) {
      if (!subjectPattern.test(subject)) throw new Error(`not the subject of an e-mail: ${JSON.stringify(subject)}`);
      const path = join(directory, `${run}.txt`);
      const text = `Subject: ${subject}\n\n${body}${body.endsWith("\n") ? "" : "\n"}`;
      try {
        await writeWhole(path, join(directory, `.${run}.${process.pid}`), Buffer.from(text));
        await sync(directory);
      } catch (thrown) {
        throw storeFailure("could not write", path, thrown);
      }
    },
  };
}
