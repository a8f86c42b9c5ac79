/** Formats tables with aligned columns. */

/** If the last column would be narrower than this, its text is written below the row. */
const narrowest = 24;

export interface TableOptions {
  /** Indexes of columns that are aligned to the right. */
  readonly numbers?: ReadonlySet<number>;
  /** Maximum characters per line; the last column is wrapped. Default: unlimited. */
  readonly width?: number | undefined;
}

/** Columns are as wide as their widest cell, separated by two blanks; the last one is wrapped if the width is limited. */
export function table(
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  { numbers = new Set(), width = Number.POSITIVE_INFINITY }: TableOptions = {},
): string {
  const widths = heads.map((head, column) => Math.max(head.length, ...rows.map((row) => (row[column] ?? "").length)));
  const last = heads.length - 1;
  const before = widths.slice(0, last).reduce((sum, column) => sum + column + 2, 0);
  const wrapsBelow = width - before < narrowest;
  const indent = wrapsBelow ? 4 : before;
  return [heads, ...rows]
    .flatMap((row) => {
      const cells = row.map((cell, column) => {
        const room = widths[column] ?? 0;
        if (column === last && !numbers.has(column)) return cell;
        return numbers.has(column) ? cell.padStart(room) : cell.padEnd(room);
      });
      const line = cells.join("  ").trimEnd();
      if (line.length <= width) return [line];
      const text = wrap(row[last] ?? "", width - indent);
      const start = cells.slice(0, last).join("  ").trimEnd();
      if (wrapsBelow) return [start, ...text.map((part) => " ".repeat(indent) + part)];
      const [first = "", ...others] = text;
      return [`${start.padEnd(before)}${first}`, ...others.map((part) => " ".repeat(indent) + part)];
    })
    .join("\n");
}

/** Breaks text at blanks into lines of at most `width` characters; a longer word gets its own line. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + 1 + word.length <= width) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** The width of a terminal; undefined for other streams, so that output for programs is not wrapped. */
export function terminalWidth(stream: NodeJS.WriteStream): number | undefined {
  return stream.isTTY ? stream.columns || 80 : undefined;
}
