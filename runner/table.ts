/** Columns aligned under their heads. */

/**
 * Columns as wide as their widest entry, two blanks apart.
 * @param numbers columns that are aligned to the right
 */
export function table(
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  numbers: ReadonlySet<number> = new Set(),
): string {
  const widths = heads.map((head, column) => Math.max(head.length, ...rows.map((row) => (row[column] ?? "").length)));
  return [heads, ...rows]
    .map((row) =>
      row
        .map((cell, column) =>
          numbers.has(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
        )
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
