/** Puts objects, each a megabyte of one digit, under the same few keys for ever. */
import { openObjects } from "../../../../runner/stores/local/objects.ts";

const [directory = ""] = process.argv.slice(2);
const objects = openObjects(directory);
for (let n = 0; ; n += 1) {
  const body = Buffer.alloc(1 << 20, String(n % 10));
  await objects.put({ key: `plots/m/${n % 7}.json`, body, contentType: "application/json" });
  console.log(n);
}
