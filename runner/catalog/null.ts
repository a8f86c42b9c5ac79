/** Whether a value means null. Scalars of a catalog are read as text, so null is `~`, `null` or an empty value. */
export function isNull(value: unknown): value is null | string {
  return value === null || (typeof value === "string" && /^(~|null|Null|NULL)$/.test(value));
}
