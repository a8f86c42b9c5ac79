/** Words and command lines that a person can paste into any POSIX shell. */

/** The word, in single quotes where the shell would otherwise interpret a character of it. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

export function shellLine(words: readonly string[]): string {
  return words.map(shellWord).join(" ");
}
