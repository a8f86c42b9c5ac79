/** The character set that R works in. The agent chooses a UTF-8 locale where there is one (`choose_locale` in agent.sh). */

/**
 * For a shell: prints the character set that R would work in there, and nothing where the system has no program that
 * tells.
 */
export const characterSetScript = `set=$(locale charmap 2>/dev/null)
case "$set $(locale -a 2>/dev/null)" in ANSI_X3*.utf8* | ANSI_X3*.UTF-8* | US-ASCII*.UTF-8*) set=UTF-8 ;; esac
printf %s "$set"`;

/**
 * @param characterSet as `locale charmap` names it: `UTF-8`, `ANSI_X3.4-1968`; empty or undefined where R's side has no
 *   such program
 * @returns what a person should know of it
 */
export function localeRemarks(characterSet: string | undefined): string[] {
  if (!characterSet || characterSet === "UTF-8") return [];
  const why = /^(ANSI_X3|US-ASCII)/.test(characterSet)
    ? "there is no UTF-8 locale where R runs"
    : `the locale set where R runs has the character set ${characterSet}, not UTF-8`;
  return [
    `Letters beyond ASCII may come out wrong: ${why}. Install one there and set LANG, for example to C.UTF-8 or en_US.UTF-8.`,
  ];
}
