/** Values that are given under names of earlier versions. */

export interface CurrentNames<Value> {
  /** By current name. */
  readonly values: Readonly<Record<string, Value>>;
  /** The earlier name of what was given under it, by current name. */
  readonly givenAs: ReadonlyMap<string, string>;
  /** One sentence for each pair of names that have different values. */
  readonly problems: readonly string[];
}

/**
 * @param given by name; undefined means not given
 * @param earlier pairs of a current name and its earlier one
 * @returns what is given, under current names. A current name wins over its earlier one.
 */
export function withCurrentNames<Value>(
  given: Readonly<Record<string, Value | undefined>>,
  earlier: readonly (readonly [current: string, earlier: string])[],
): CurrentNames<Value> {
  const values = new Map<string, Value>();
  for (const [name, value] of Object.entries(given)) if (value !== undefined) values.set(name, value);
  const givenAs = new Map<string, string>();
  const problems: string[] = [];
  for (const [current, former] of earlier) {
    const value = values.get(former);
    if (value === undefined) continue;
    values.delete(former);
    if (!values.has(current)) {
      values.set(current, value);
      givenAs.set(current, former);
    } else if (values.get(current) !== value) {
      problems.push(`${current}: ${former}, its earlier name, has another value; remove ${former}`);
    }
  }
  return { values: Object.fromEntries(values), givenAs, problems };
}
