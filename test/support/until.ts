/** Waits until something holds, or fails with what it was. */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
): Promise<T> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    if (Date.now() > deadline) throw new Error(`waited half a minute for: ${what}`);
    await new Promise((resume) => setTimeout(resume, 20));
  }
}
