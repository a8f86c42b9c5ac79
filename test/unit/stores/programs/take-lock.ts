/** Tries to take the lock of a home, says `held` or `refused`, and lets go when its input ends. */
import { ModelId, RunId } from "../../../../runner/domain.ts";
import { openLocalStores } from "../../../../runner/stores/local/open.ts";

const [home = "", model = ""] = process.argv.slice(2);
const stores = await openLocalStores({ home, model: ModelId.parse(model) });
const acquired = await stores.lock.acquire({
  run: RunId.parse("2026-11-22T090000Z-other"),
  owner: `other:${process.pid}`,
  since: "2026-11-22T09:00:00.000Z",
});
console.log("heldBy" in acquired ? "refused" : "held");
process.stdin
  .on("end", async () => {
    if (!("heldBy" in acquired)) await acquired.release();
    await stores.close();
  })
  .resume();
