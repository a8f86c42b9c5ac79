/** Keys that a layout makes. Others are bugs; in a directory they could even reach outside it. */
const keyPattern = /^[A-Za-z0-9._-]+(\/[A-Za-z0-9._-]+)*$/;
const prefixPattern = /^[A-Za-z0-9._/-]*$/;

/** @throws {Error} for what is no key of an object */
export function checkKey(key: string): void {
  if (!keyPattern.test(key) || strays(key)) throw new Error(`not an object key: ${JSON.stringify(key)}`);
}

/** @throws {Error} for what no key of an object can begin with */
export function checkPrefix(prefix: string): void {
  if (!prefixPattern.test(prefix) || prefix.startsWith("/") || strays(prefix)) {
    throw new Error(`not a prefix of object keys: ${JSON.stringify(prefix)}`);
  }
}

function strays(key: string): boolean {
  return key.split("/").some((part) => part === "." || part === "..");
}
