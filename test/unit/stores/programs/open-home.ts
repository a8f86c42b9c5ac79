/** Opens a home, writes and reads a row, and closes it. */
import { ModelId } from "../../../../runner/domain.ts";
import { openLocalStores } from "../../../../runner/stores/local/open.ts";
import { city, collect, indexRow, plot, scenario, sha } from "../../../support/samples.ts";

const [home = "", model = ""] = process.argv.slice(2);
const stores = await openLocalStores({ home, model: ModelId.parse(model) });
await stores.index.write([indexRow(plot("C.1"), sha("a"))]);
console.log(
  (await stores.index.rows(city("C.1"), scenario("cessation"))).length,
  (await collect(stores.index.all())).length,
);
await stores.close();
