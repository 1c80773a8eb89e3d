/** Where each entry of Safaricom's ledger is in the database: every shilling has one place. */
import { comparePayer } from "../../service/src/payments/phone-number.ts";
import type { Attempt } from "../../service/src/payments/payment.ts";
import { hashSecret } from "../../service/src/platform/ids.ts";
import type { LedgerEntry } from "../daraja-simulator/ledger.ts";
import type { Books, Truth } from "./audit.ts";

export interface Sum {
  readonly payments: number;
  /** Whole shillings. */
  readonly kes: number;
}

export interface Places {
  /** Paid for what the booking is booked by. */
  readonly booked: Sum;
  /** With a booking that did not need it. */
  readonly surplus: Sum;
  /** Reversed, by Safaricom's ledger and by the database. */
  readonly givenBack: Sum;
  /** By hand, for no booking that can be found: on the owner's list. */
  readonly listed: Sum;
}

export interface Placed {
  readonly places: Places;
  /** Each a sentence. */
  readonly lost: readonly string[];
  readonly doubled: readonly string[];
  readonly wrong: readonly string[];
}

type Place = keyof Places;

export function placeMoney(truth: Truth, books: Books): Placed {
  const sums = { booked: nothing(), surplus: nothing(), givenBack: nothing(), listed: nothing() };
  const [lost, doubled, wrong]: [string[], string[], string[]] = [[], [], []];
  const bookingOf = bookingsOf(truth, books);
  const counted = books.attempts.filter(({ status }) => status === "paid" || status === "refunded");
  const holdersOf = Map.groupBy(counted, ({ receipt }) => receipt ?? "none");
  const listed = new Map(books.unassigned.filter(({ payment_id }) => payment_id === null).map((row) => [row.receipt, row]));
  const withMoney = new Set<Attempt>();
  const put = (entry: LedgerEntry, attempt: Attempt): void => {
    withMoney.add(attempt);
    const place = placeOf(attempt);
    sums[place].payments += 1;
    sums[place].kes += entry.amountKes;
    wrong.push(...wrongsOf(entry, attempt, bookingOf(entry)));
  };
  const withoutHolder: LedgerEntry[] = [];
  for (const entry of truth.ledger) {
    const holders = holdersOf.get(entry.receipt) ?? [];
    const row = listed.get(entry.receipt);
    if (holders.length > 1) doubled.push(`receipt ${entry.receipt} pays ${holders.length} attempts`);
    if (holders[0]) put(entry, holders[0]);
    else if (row) {
      sums.listed.payments += 1;
      sums.listed.kes += entry.amountKes;
      if (row.amount !== entry.amountKes) wrong.push(`receipt ${entry.receipt} is listed with KES ${row.amount}, not ${entry.amountKes}`);
    } else withoutHolder.push(entry);
  }
  // A question to Safaricom finds that a prompt is paid, and not with which receipt.
  const unnamed = Map.groupBy(
    counted.filter(({ receipt }) => receipt === null),
    ({ bookingId }) => bookingId,
  );
  for (const entry of withoutHolder) {
    const free = (unnamed.get(bookingOf(entry) ?? "") ?? []).filter((attempt) => !withMoney.has(attempt));
    const holder = free.find(({ amountKes }) => amountKes === entry.amountKes);
    if (holder) put(entry, holder);
    else lost.push(`KES ${entry.amountKes}, receipt ${entry.receipt} (${entry.kind}) for ${describe(books, bookingOf(entry))}`);
  }
  for (const attempt of counted) if (!withMoney.has(attempt)) wrong.push(`attempt ${attempt.id} (${attempt.status}): nobody paid`);
  const receipts = new Set(truth.ledger.map(({ receipt }) => receipt));
  for (const { receipt } of books.unassigned) if (!receipts.has(receipt)) wrong.push(`receipt ${receipt} is listed, and nobody paid it`);
  return { places: sums, lost, doubled, wrong };
}

/** What is known of a booking whose money is missing. */
function describe({ attempts }: Books, bookingId: string | undefined): string {
  const own = attempts.filter((attempt) => attempt.bookingId === bookingId);
  const states = own.map(
    ({ id, status, reason, resultCode, receipt, queries, nextQueryAtMs, checkoutRequestId }) =>
      `${id} ${status} ${reason ?? ""} ${resultCode ?? "no result"} ${receipt ?? "no receipt"}, asked ${queries} times` +
      `${checkoutRequestId === null ? ", without an id" : ""}${nextQueryAtMs === null ? "" : `, next at ${nextQueryAtMs}`}`,
  );
  return `booking ${bookingId ?? "nobody knows"}: ${states.join("; ")}`;
}

const nothing = () => ({ payments: 0, kes: 0 });

/** What money was meant for: its prompt's booking; by hand, its payer's. */
function bookingsOf({ prompts, bookingOfPayer }: Truth, { attempts }: Books): (entry: LedgerEntry) => string | undefined {
  const bySecretHash = new Map(attempts.map((attempt) => [attempt.callbackSecretHash, attempt.bookingId]));
  const byPrompt = new Map(
    prompts.map(({ checkoutRequestId, callbackUrl }) => {
      const secret = callbackUrl.slice(callbackUrl.lastIndexOf("/") + 1);
      return [checkoutRequestId, bySecretHash.get(hashSecret(secret))];
    }),
  );
  return ({ checkoutRequestId, payerPhone }) =>
    checkoutRequestId === undefined ? bookingOfPayer.get(payerPhone) : byPrompt.get(checkoutRequestId);
}

function placeOf({ status, surplus }: Attempt): Place {
  if (status === "refunded") return "givenBack";
  return surplus ? "surplus" : "booked";
}

function wrongsOf(entry: LedgerEntry, attempt: Attempt, bookingId: string | undefined): string[] {
  const name = `attempt ${attempt.id}`;
  const wrongs: string[] = [];
  if (bookingId !== attempt.bookingId) wrongs.push(`${name}: the money was for ${bookingId ?? "nobody"}`);
  if (entry.amountKes !== attempt.amountKes) wrongs.push(`${name}: KES ${entry.amountKes} were paid, not ${attempt.amountKes}`);
  if (comparePayer(attempt.phone, entry.payerPhone) === "other") wrongs.push(`${name}: another phone paid`);
  if ((entry.reversedAt !== undefined) !== (attempt.status === "refunded"))
    wrongs.push(`${name} is ${attempt.status}, and its money was ${entry.reversedAt === undefined ? "not " : ""}given back`);
  return wrongs;
}
