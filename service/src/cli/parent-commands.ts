/** The operator's commands for one parent's data: `somopay parent export | erase`. */
import { createPersonalDataStore } from "../payments/store/personal-data-store.ts";
import { parseKenyanPhone } from "../payments/phone-number.ts";
import type { Database } from "../platform/database.ts";

type Write = (line: string) => void;

/** An e-mail address or a phone number; null: neither. */
function personOf(text: string): { email: string } | { phone: string } | null {
  if (text.includes("@")) return { email: text.trim() };
  const phone = parseKenyanPhone(text);
  return phone === null ? null : { phone };
}

const NEITHER = "Name the parent by e-mail address or by phone number.";

/** Prints everything that is kept of a parent, as JSON. */
export async function exportParent(database: Database, who: string, write: Write): Promise<boolean> {
  const person = personOf(who);
  write(person === null ? NEITHER : JSON.stringify(await createPersonalDataStore(database).exportOf(person), null, 2));
  return person !== null;
}

/** Makes a parent's names, e-mail address and phone numbers unreadable; money and receipts stay. */
export async function eraseParent(database: Database, who: string, write: Write): Promise<boolean> {
  const person = personOf(who);
  if (person === null) {
    write(NEITHER);
    return false;
  }
  const { erased, open } = await createPersonalDataStore(database).eraseOf(person, Date.now());
  write(`Erased in ${erased} bookings.${open > 0 ? ` ${open} have a payment under way: run this again in an hour.` : ""}`);
  return open === 0;
}
