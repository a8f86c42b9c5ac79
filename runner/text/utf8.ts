/** Decodes files from outside (catalogs, figures, metadata) strictly as UTF-8, and compares names. */
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
  /** Position of the first invalid byte, counted from 1: byte in the file, line, and character in the line. */
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
 * Decodes the content of a file.
 * @throws NotUtf8 with the position of the first invalid byte
 */
export function decodeUtf8(bytes: Uint8Array): DecodedText {
  if (!isUtf8(bytes)) throw new NotUtf8(bytes);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
  const marked = text.startsWith(byteOrderMark);
  return { text: marked ? text.slice(byteOrderMark.length) : text, byteOrderMark: marked };
}

/** A name in NFC, the form in which names are compared. macOS stores accents as separate characters (NFD). */
export function comparable(name: string): string {
  return name.normalize("NFC");
}

/** Whether two names are equal in NFC. */
export function sameName(one: string, other: string): boolean {
  return one === other || comparable(one) === comparable(other);
}

/** The text before the first invalid byte, and that byte's offset. The decoder replaces invalid bytes by U+FFFD. */
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
