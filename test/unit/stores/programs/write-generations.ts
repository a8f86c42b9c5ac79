/** Writes the same rows again and again, each time as another run's, and prints the run once they are in. */
import { ModelId } from "../../../../runner/domain.ts";
import { openLocalStores } from "../../../../runner/stores/local/open.ts";
import { indexRow, plot, sha } from "../../../support/samples.ts";

const [home = "", model = ""] = process.argv.slice(2);
const stores = await openLocalStores({ home, model: ModelId.parse(model) });
for (let generation = 0; ; generation += 1) {
  const rows = Array.from({ length: 1818 }, (_, n) =>
    indexRow(plot("C.1", `d${n}`, `s${n % 3}`), sha("a"), { file_size: generation }),
  );
  await stores.index.write(rows);
  console.log(generation);
}
