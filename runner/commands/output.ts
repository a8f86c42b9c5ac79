/** Writing to standard output. */

/** Waits until everything is written, so that an exit cuts nothing off. */
export function print(text: string): Promise<void> {
  return new Promise((resolve) => process.stdout.write(text.endsWith("\n") ? text : `${text}\n`, () => resolve()));
}

export function printJson(value: unknown): Promise<void> {
  return print(JSON.stringify(value, undefined, 2));
}
