/** Writes the HTML page of a plot: the figure, and the script that draws it. */

/** Source of plotly.js for a page: the address of a file, or the script itself. */
export type PlotlySource = { readonly address: string } | { readonly script: string };

/**
 * A page that shows one figure in the whole window.
 * @param figure JSON text of a Plotly figure
 * @param title title of the page, as plain text
 */
export function plotPage(figure: string, title: string, plotly: PlotlySource): string {
  const script =
    "address" in plotly
      ? `<script src="${escapeHtml(plotly.address)}"></script>`
      : `<script>${plotly.script.replaceAll(/<\/(?=script)/gi, "<\\/")}</script>`;
  // `<` occurs in JSON only within strings; it is escaped, because a tag in a string could end the script
  const json = figure.trim().replaceAll("<", "\\u003c");
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
${script}
</head>
<body>
<div id="plot"></div>
<script>
const figure = ${json};
Plotly.newPlot("plot", [].concat(figure.data), figure.layout || {}, { responsive: true });
</script>
</body>
</html>
`;
}

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"]/g, (letter) => entities[letter] ?? letter);
}
