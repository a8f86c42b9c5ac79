/** Decodes files from outside (catalogs, figures, metadata) as UTF-8, strictly, and compares names. */
import { isUtf8 } from "node:buffer";

const byteOrderMark = "\uFEFF";
const replacement = "\uFFFD";
const encodedReplacement = Buffer.from(replacement);

export interface DecodedText {
  /** Without the byte-order mark. */
  readonly text: string;
  /** Whether the bytes begin with a byte-order mark. */
  readonly byteOrderMark: boolean;
}

/** Bytes that are not UTF-8. `message` continues "the file …": `is not UTF-8: byte 58 (line 2, column 13) is 0xE9`. */
export class NotUtf8 extends Error {
  override readonly name = "NotUtf8";
  /** Of the first wrong byte, counted from 1, in bytes, lines and characters of the line. */
  readonly place: { readonly byte: number; readonly line: number; readonly column: number };

  constructor(bytes: Uint8Array) {
    const { before, offset } = validPart(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    const lines = before.split("\n");
    const place = { byte: offset + 1, line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
    const code = (bytes[offset] ?? 0).toString(16).toUpperCase().padStart(2, "0");
    super(`is not UTF-8: byte ${place.byte} (line ${place.line}, column ${place.column}) is 0x${code}`);
    this.place = place;
  }
}

/**
 * The text of a file.
 * @throws NotUtf8 that names the first byte that is not UTF-8
 */
export function decodeUtf8(bytes: Uint8Array): DecodedText {
  if (!isUtf8(bytes)) throw new NotUtf8(bytes);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
  const marked = text.startsWith(byteOrderMark);
  return { text: marked ? text.slice(byteOrderMark.length) : text, byteOrderMark: marked };
}

/** A name as names are compared: macOS writes an accent apart from its letter (NFD), most other systems in one (NFC). */
export function comparable(name: string): string {
  return name.normalize("NFC");
}

/** Whether two names are the same, however their accents are written. */
export function sameName(one: string, other: string): boolean {
  return one === other || comparable(one) === comparable(other);
}

/** The text before the first byte that is not UTF-8, and that byte's offset. A decoder puts U+FFFD in its place. */
function validPart(bytes: Buffer): { readonly before: string; readonly offset: number } {
  const text = bytes.toString("utf8");
  for (let at = text.indexOf(replacement); at >= 0; at = text.indexOf(replacement, at + 1)) {
    const before = text.slice(0, at);
    const offset = Buffer.byteLength(before);
    const genuine = bytes.subarray(offset, offset + encodedReplacement.length).equals(encodedReplacement);
    if (!genuine) return { before, offset };
  }
  return { before: text, offset: bytes.length };
}
