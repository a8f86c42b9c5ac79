/** Whether a value of a catalog, in which every scalar is text, stands for nothing: `~`, `null` or no text at all. */
export function isNull(value: unknown): value is null | string {
  return value === null || (typeof value === "string" && /^(~|null|Null|NULL)$/.test(value));
}
