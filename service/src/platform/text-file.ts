import { isUtf8 } from "node:buffer";
import { readFileSync } from "node:fs";

/** Says what is wrong with the file, without its name: "cannot be read: …", "is saved as UTF-16: …". */
export class TextFileError extends Error {
  override readonly name = "TextFileError";
}

/** Editors and PowerShell write it at the start of a file. Left in, it becomes part of the first name or value. */
const BYTE_ORDER_MARK = "\ufeff";

/**
 * The text of a file that a person wrote, in whichever editor: without a byte order mark, and with LF for line ends. `0` is standard input.
 * @throws TextFileError if the file cannot be read, or is not UTF-8
 */
export function readTextFile(file: string | 0): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw new TextFileError(`cannot be read: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
  return decodeText(bytes);
}

/** @throws TextFileError if the bytes are not UTF-8 */
export function decodeText(bytes: Buffer): string {
  // UTF-16 of Latin text has a NUL beside every letter, which is valid UTF-8 and no text.
  const isUtf16 =
    bytes.includes(0) || bytes.subarray(0, 2).equals(Buffer.of(0xff, 0xfe)) || bytes.subarray(0, 2).equals(Buffer.of(0xfe, 0xff));
  if (isUtf16) throw new TextFileError("is saved as UTF-16: save it again as UTF-8");
  if (!isUtf8(bytes)) throw new TextFileError("is not UTF-8 text: save it again as UTF-8");
  const text = bytes.toString("utf8");
  return (text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text).replaceAll(/\r\n?/g, "\n");
}

/** Blanks, control characters and characters that nobody sees. */
const UNSEEN = String.raw`[\s\p{Cc}\p{Cf}]+`;
const UNSEEN_AT_THE_ENDS = new RegExp(`^${UNSEEN}|${UNSEEN}$`, "gu");

/** Without what is not seen at both ends: what copying from a page or a terminal adds. */
export function trimUnseen(text: string): string {
  return text.replaceAll(UNSEEN_AT_THE_ENDS, "");
}
