/** Text of strangers inside our own sentences and files. */

/** They turn the direction of what follows, also of the text around them: a file name or a sentence then reads as something else. */
const DIRECTIONS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
/** Controls, line breaks, and halves of characters. */
const NOT_ON_A_LINE = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]+/gu;

/** As it was written, but it cannot change the direction of the text around it. For cells of a file. */
export function withoutDirections(text: string): string {
  return text.replaceAll(DIRECTIONS, "");
}

/** One short line, for the middle of a sentence. @param maxLength in characters; longer text ends with … */
export function quotable(text: string, maxLength = 120): string {
  const line = withoutDirections(text).replaceAll(NOT_ON_A_LINE, " ").trim();
  const characters = Array.from(line);
  return characters.length <= maxLength ? line : `${characters.slice(0, maxLength - 1).join("")}…`;
}
