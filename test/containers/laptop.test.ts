/** The R image on a laptop: `--r-image`, with the engine of the machine. */

import { join } from "node:path";
import { expect } from "chai";
import { describe, it } from "mocha";
import { install, root } from "../support/installation.ts";
import { images, sampleData } from "./images.ts";

describe("the R image on a laptop", () => {
  it("draws, with a page beside the plot", async () => {
    const here = await install({
      catalog: join(root, "catalog/ryan-white.yaml"),
      data: await sampleData(),
      environment: {},
    });
    try {
      const { code, stdout, stderr } = await here.replot([
        ...["regenerate", "minimal", "--r-image", images.r, "--r-events", "--html"],
      ]);
      expect(code, stderr).to.equal(0);
      expect(stdout).to.contain("complete: 1 city, 1 of 1 plots");
      const { rows } = await here.state();
      expect(rows.map(({ image }) => image.replace(/@.*/, ""))).to.deep.equal(["localhost/replot-r"]);
    } finally {
      await here.remove();
    }
  });
});
