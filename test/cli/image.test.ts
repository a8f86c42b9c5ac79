/** `replot doctor --image`: real processes, real containers, images of other groups. */
import { chmod } from "node:fs/promises";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { z } from "zod";
import { type Busybox, type BusyboxImage, openBusybox } from "../support/busybox.ts";
import { startProgram } from "../support/command.ts";
import { weatherCatalog } from "../support/installation.ts";
import { onePlotInstallation } from "../support/one-plot.ts";
import { skipFor } from "../support/skip.ts";

/** An image's program, called as `container_entrypoint.sh batch`. @param first what it does before anything else */
const program = (first = ":") => `#!/bin/sh
[ "$1" = batch ] || { echo "commands: batch" >&2; exit 64; }
shift
${first}
while [ $# -gt 0 ]; do
  case $1 in
  --config) [ -s "$2" ] || { echo "no job file $2" >&2; exit 2; }; shift 2 ;;
  --help) echo 'usage: batch --config FILE [--events FILE]'; exit 0 ;;
  *) shift ;;
  esac
done
echo '[1/1] DRY RUN'
`;

const Report = z.object({
  findings: z.array(z.object({ what: z.string(), state: z.string(), detail: z.string() })),
  configuration: z.record(z.string(), z.unknown()).nullable(),
});

describe("replot doctor --image", function () {
  this.timeout(120_000);
  let busybox: Busybox | undefined;
  let made = 0;

  before(async function () {
    const opened = await openBusybox();
    if (typeof opened === "string") return skipFor(this, opened);
    busybox = opened;
  });
  after(() => busybox?.remove());

  const doctor = (...args: string[]) =>
    startProgram(["doctor", "small", "--catalog", weatherCatalog, "--home", "/nowhere", ...args]).ended;

  async function examine(image: Omit<BusyboxImage, "name">, ...args: string[]) {
    const name = `localhost/replot-test-foreign:${++made}`;
    await busybox?.image({ name, ...image });
    const { code, stdout, stderr } = await doctor("--image", name, "--json", ...args);
    if (stdout === "") throw new Error(stderr);
    const { findings, configuration } = Report.parse(JSON.parse(stdout));
    return { name, code, configuration, of: (what: string) => findings.find((one) => one.what === what) };
  }

  it("finds out how an image is called and what it can do without, and prints the configuration", async () => {
    const image = {
      files: { "app/container_entrypoint.sh": program() },
      changes: ['ENTRYPOINT ["./container_entrypoint.sh"]', "USER 1234:1234"],
    };
    const { name, code, configuration, of } = await examine(image);
    expect(configuration).to.deep.include({
      rCommand: ["./container_entrypoint.sh", "batch"],
      rDirectory: "/app",
      rEvents: true,
      rReadOnlyRoot: true,
    });
    expect(of("User")?.detail).to.equal("1234:1234 (id 1234)");
    expect(of("Network")).to.include({ state: "ok" });
    expect(of("Registry"), "it was never pushed").to.include({ state: "warn" });
    expect(code).to.equal(0);

    const text = await doctor("--image", name);
    expect(text.stdout).to.include("pulumi config set rCommand './container_entrypoint.sh batch'\n");
    expect(text.stdout).to.include("pulumi config set rDirectory /app\n");
  });

  it("tells of one in which letters beyond ASCII come out wrong", async () => {
    const files = { "app/container_entrypoint.sh": program() };
    const changes = ['ENTRYPOINT ["./container_entrypoint.sh"]'];
    const locale = (charmap: string, all: string) =>
      `#!/bin/sh\ncase $1 in charmap) echo ${charmap} ;; -a) printf '${all}' ;; esac\n`;
    for (const [program, state] of [
      [locale("ANSI_X3.4-1968", "C\\nPOSIX\\n"), "warn"],
      [locale("ISO-8859-1", "C.utf8\\n"), "warn"],
      [locale("ANSI_X3.4-1968", "C\\nC.utf8\\n"), "ok"],
      [locale("UTF-8", ""), "ok"],
    ] as const) {
      const { code, of } = await examine({ files: { ...files, "bin/locale": program }, changes });
      expect(of("Character set"), program).to.include({ state });
      expect(code).to.equal(0);
    }
  });

  it("tells of one that writes beside the work directory", async () => {
    const image = {
      files: {
        "bin/batch": program("touch /app/scratch || exit 1").replace('[ "$1" = batch ]', "true").replace("shift\n", ""),
      },
    };
    const { code, configuration, of } = await examine(image);
    expect(configuration).to.deep.include({ rCommand: ["batch"], rReadOnlyRoot: false });
    expect(of("Read-only root")).to.include({ state: "warn" });
    expect(code).to.equal(0);
  });

  it("is also `replot check --image`, which goes through the batch contract where there are inputs", async () => {
    const plot = '{"data":[{"name":"Baseline","y":[1]},{"name":"Scen","y":[1]}],"layout":{}}';
    const draws = `#!/bin/sh
while [ $# -gt 0 ]; do case $1 in --output-dir) out=$2 ;; --config) [ -s "$2" ] || exit 2 ;; --dry-run) exit 0 ;; esac; shift; done
mkdir -p "$out/A/s"
echo '${plot}' >"$out/A/s/o_mean_unfaceted.json"
`;
    const name = "localhost/replot-test-foreign:draws";
    await busybox?.image({ name, files: { "bin/batch": draws }, changes: ["USER 1234:1234"] });
    const here = await onePlotInstallation();
    try {
      await chmod(here.directory, 0o755);
      const { code, stdout, stderr } = await here.replot(["check", "--image", name], { REPLOT_R_COMMAND: "" });
      expect(code, `${stdout}${stderr}`).to.equal(0);
      expect(stdout)
        .to.match(/✓ Traces +Baseline/)
        .and.to.match(/! Metadata +tolerated: metadata file missing/);
      expect(stdout).to.include("\nPublishable, with 2 habits").and.to.include("pulumi config set rCommand 'batch'");
    } finally {
      await here.remove();
    }
  });

  it("refuses one whose program is something else, though it ends with 0", async () => {
    const { code, configuration, of } = await examine({ changes: ['ENTRYPOINT ["true"]'] });
    expect(code).to.equal(1);
    expect(configuration).to.equal(null);
    expect(of("Batch contract")?.detail)
      .to.match(/batch: ended with 127/)
      .and.to.match(/true: takes a job file that does not exist for done/);
  });

  it("refuses one without a shell", async () => {
    const { code, of } = await examine({ programs: ["cat"] });
    expect(code).to.equal(1);
    expect(of("Shell")?.detail).to.match(/^there is no sh in it: /);
  });

  it("says that there is no such image", async () => {
    const { code, stderr } = await doctor("--image", "localhost/replot-test-nowhere:1");
    expect(code).to.equal(3);
    expect(stderr).to.match(/has no image localhost\/replot-test-nowhere:1 and cannot pull it/);
  });
});
