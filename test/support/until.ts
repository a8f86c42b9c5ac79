/** Waits until `look` gives a value, and returns it. Fails after a minute, which only a machine in trouble needs. */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
): Promise<T> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    if (Date.now() > deadline) throw new Error(`waited a minute for: ${what}`);
    await new Promise((resume) => setTimeout(resume, 20));
  }
}
