/** Two companies' clocks: what they date this close together may have happened in either order. */
export const CLOCKS_APART_MS = 10_000;

/** Whether money is from this phone. M-Pesa hides the middle of the payer's number, by whichever character, or all of it in a hash. */
export function comparePayer(phone: string, payer: string): "same" | "other" | "unknown" {
  const [, start, middle, end] = /^(\d{3,})([*•xX]*)(\d*)$/.exec(payer) ?? [];
  const [, ownStart, ownMiddle, ownEnd] = /^(\d{3,})([*•xX]*)(\d*)$/.exec(phone) ?? [];
  if (start === undefined || end === undefined || ownStart === undefined || ownEnd === undefined) return "unknown";
  if (middle === "" && ownMiddle === "") return phone === payer ? "same" : "other";
  if (middle !== "" && ownMiddle !== "") return phone === payer ? "same" : "unknown";
  const [whole, shown] = middle === "" ? [payer, { start: ownStart, end: ownEnd }] : [phone, { start, end }];
  return whole.startsWith(shown.start) && whole.endsWith(shown.end) ? "same" : "other";
}
