/** Another group's program, with the habits that the batch contract warns of. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { skipFor } from "../../support/skip.ts";
import { clearStages, openStage, plot, temporaryDirectory } from "./stage.ts";

/**
 * Knows only the contract's options and dies of any other. Writes metadata before the figure, and the figure in pieces,
 * pretty-printed; draws what nobody asked for; leaves one plot out; writes a figure without metadata; exits 0.
 */
const foreign = `
mode=$1; shift
[ "$mode" = batch ] || exit 64
while [ $# -gt 0 ]; do
  case $1 in
    --config) config=$2; shift ;;
    --output-dir) out=$2; shift ;;
    --include-html) ;;
    *) echo "unknown option $1"; exit 64 ;;
  esac
  shift
done
umask 077
mkdir -p "$out/C.1/s" "$out/C.2/s" "$out/logs"
umask 022
figure() { printf '{\\n  "data": [\\n'; sleep 0.3; printf '    {"y": "NA", "name": {}}\\n'; sleep 0.3; printf '  ],\\n  "layout": {},\\n  "extra": 1\\n}\\n'; }
name() { echo "$out/C.1/s/$1_mean_unfaceted"; }
for outcome in o1 o2; do
  echo '{"scenario": ["s"], "file_path": ["/nowhere/x.html"]}' >"$(name $outcome)_metadata.json"
  figure >"$(name $outcome).json"
done
echo '{"data": []}' >"$(name o3).json"
echo '{"data": []}' >"$(name testing).json"
echo '{}' >"$(name testing)_metadata.json"
echo '{"data": []}' >"$out/C.2/s/o1_mean_unfaceted.json"
echo "[2026-11-22 09:00:00] ERROR: cannot open file" >"$out/logs/batch.log"
exit 0
`;

describe("a foreign image", () => {
  afterEach(clearStages);

  it("has exactly its good plots handed over, once each and whole, and everything else named", async () => {
    const script = join(await temporaryDirectory(), "container_entrypoint.sh");
    await writeFile(script, foreign);
    const stage = await openStage("", { command: ["sh", script, "batch"] });
    const texts = new Map<string, string>();
    const rendering = await stage.render({
      html: true,
      plots: ["o1", "o2", "o3", "o4"].map((outcome) => plot(outcome)),
      onPlot: async ({ plot: { outcome }, figure }) => {
        expect(texts.has(outcome)).to.equal(false);
        texts.set(outcome, await readFile(figure, "utf8"));
      },
    });
    expect([...texts.keys()].sort()).to.deep.equal(["o1", "o2", "o3"]);
    for (const text of texts.values()) expect(() => JSON.parse(text)).not.to.throw();
    expect(rendering.missing).to.deep.equal([plot("o4")]);
    expect(rendering.reason?.text).to.equal("R exited 0 but 1 of 4 plots never appeared");
    expect(rendering.extras).to.deep.equal([
      "C.1/s/testing_mean_unfaceted.json",
      "C.2/s/o1_mean_unfaceted.json",
      "logs/batch.log",
    ]);
    expect(rendering.attempts).to.have.length(1);
  });

  it("may be a real R that is killed in the middle of a plot", async function () {
    const script = join(await temporaryDirectory(), "image.R");
    await writeFile(
      script,
      `args <- commandArgs(TRUE); out <- args[which(args == "--output-dir") + 1]
       first <- grepl("[.]1/output$", out)
       dir.create(file.path(out, "C.1", "s"), recursive = TRUE)
       for (outcome in if (first) c("o1", "o2") else c("o2", "o3")) {
         name <- file.path(out, "C.1", "s", paste0(outcome, "_mean_unfaceted"))
         cat('{"data":[', file = paste0(name, ".json"))
         if (first && outcome == "o2") tools::pskill(Sys.getpid(), tools::SIGKILL)
         cat(']}', file = paste0(name, ".json"), append = TRUE)
         cat('{}', file = paste0(name, "_metadata.json"))
       }`,
    );
    const stage = await openStage("", { command: ["Rscript", script] });
    const rendering = await stage.render();
    if (rendering.reason?.text.includes("could not be started")) skipFor(this, "no R on this machine");
    expect([...stage.drawn].sort()).to.deep.equal(["o1", "o2", "o3"]);
    expect(rendering.attempts.map(({ plots }) => plots)).to.deep.equal([1, 2]);
    expect(rendering.attempts[0]?.end).to.match(/^R was killed .*exit 137/);
  });
});
