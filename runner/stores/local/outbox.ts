/** Notifications as files: what would have been sent, for a person or a script to pick up. */
import { join } from "node:path";
import { checkSubject } from "../../format/email-subject.ts";
import type { Notifier } from "../ports.ts";
import { directorySync, writeWhole } from "./durable-file.ts";
import { storeFailure } from "./failure.ts";

/** A notifier that leaves `<run id>.txt` in a directory: the subject's line, a blank one, the body. */
export function openOutbox(directory: string): Notifier {
  const sync = directorySync();
  return {
    async notify({ run, subject, body }) {
      // what an e-mail service would refuse is refused here as well
      checkSubject(subject);
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
