import { Script } from "node:vm";
import { expect } from "chai";
import { describe, it } from "mocha";
import { plotPage } from "../../../runner/pages/page.ts";
import { plotlyScript } from "../../../runner/pages/plotly.ts";

/** The texts between script tags, as a browser cuts them: at the first `</script`. */
function scriptsOf(page: string): string[] {
  return page
    .split(/<script[^>]*>/)
    .slice(1)
    .map((rest) => rest.split(/<\/script/i, 1)[0] ?? "");
}

describe("a plot's page", () => {
  const hostile = JSON.stringify({ data: [{ name: "</script><script>alert(1)</script><!-- é", y: [1] }], layout: {} });

  it("holds the figure as it is, whatever its texts contain", () => {
    const page = plotPage(hostile, 'A & "B" <i>', { address: "../../plotly.min.js" });
    const [loader, drawing, ...others] = scriptsOf(page);
    expect([loader, others]).to.deep.equal(["", []]);
    const drawn: unknown[] = [];
    const Plotly = { newPlot: (_: string, ...parts: unknown[]) => drawn.push(...parts) };
    new Script(drawing ?? "").runInNewContext({ Plotly });
    expect(JSON.parse(JSON.stringify(drawn.slice(0, 2)))).to.deep.equal([JSON.parse(hostile).data, {}]);
    expect(page)
      .to.include("<title>A &amp; &quot;B&quot; &lt;i&gt;</title>")
      .and.to.include('src="../../plotly.min.js"');
  });

  it("that is self-contained carries plotly.js whole and refers to no file", async () => {
    const script = (await plotlyScript()).toString("utf8");
    const page = plotPage(hostile, "plot", { script });
    const [library = "", drawing = ""] = scriptsOf(page);
    expect(page).not.to.match(/<script[^>]+src/);
    expect(library.length).to.be.at.least(script.length);
    for (const text of [library, drawing]) expect(() => new Script(text)).not.to.throw();
  });
});
