/** What an e-mail service takes as a subject. */
const pattern = /^[\x20-\x7e]{1,99}$/;

/** @throws {Error} for a subject that no report makes: an e-mail service would refuse it */
export function checkSubject(subject: string): void {
  if (!pattern.test(subject)) throw new Error(`not the subject of an e-mail: ${JSON.stringify(subject)}`);
}

/** `[replot] …`, made to fit: mail systems refuse or garble other letters in a subject, and long ones. */
export function emailSubject(text: string): string {
  const ascii = `[replot] ${text}`.normalize("NFKD").replaceAll(/[^\x20-\x7e]/g, "");
  return ascii.slice(0, 99);
}
