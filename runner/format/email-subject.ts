/** Makes and checks subjects of e-mails. SNS accepts ASCII, below 100 characters. */
const pattern = /^[\x20-\x7e]{1,99}$/;

/** @throws {Error} for a subject that the e-mail service would refuse */
export function checkSubject(subject: string): void {
  if (!pattern.test(subject)) throw new Error(`not the subject of an e-mail: ${JSON.stringify(subject)}`);
}

/** `[replot] …` in ASCII, cut to 99 characters: mail systems reject or garble longer subjects and other letters. */
export function emailSubject(text: string): string {
  const ascii = `[replot] ${text}`.normalize("NFKD").replaceAll(/[^\x20-\x7e]/g, "");
  return ascii.slice(0, 99);
}
