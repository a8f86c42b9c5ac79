/** Columns aligned under their heads. */

/** A last column narrower than this is not worth keeping beside the others. */
const narrowest = 24;

export interface TableOptions {
  /** Columns that are aligned to the right. */
  readonly numbers?: ReadonlySet<number>;
  /** Characters in a line. Text of the last column goes on below itself. Default: as many as there are. */
  readonly width?: number | undefined;
}

/** Columns as wide as their widest entry, two blanks apart; the last one is wrapped where the width is limited. */
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

/** Lines of at most so many characters, broken at blanks; a longer word has a line of its own. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + 1 + word.length <= width) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** The width of a terminal; undefined for anything else: what a program reads is not wrapped. */
export function terminalWidth(stream: NodeJS.WriteStream): number | undefined {
  return stream.isTTY ? stream.columns || 80 : undefined;
}
