import { createHash } from "node:crypto";
import type { BookingView } from "../../service/src/contract.ts";
import type { Wish } from "./booking-form.ts";
import type { BookingRecord, BookingsFile } from "./bookings-file.ts";
import type { Lesson } from "./lessons.ts";
import { nairobiDate } from "./nairobi-time.ts";
import type { ServiceClient } from "./service-client.ts";
import { slotText, type Slot } from "./slots.ts";

/** The service lets a booking lapse that nobody paid for a day; until then its time is kept. */
const HELD_MS = 24 * 3_600_000;
/** The page of booked lessons shows this many at most: one call to the service each. */
const LISTED_MAX = 60;

export type Listed = { record: BookingRecord; view: BookingView };

export type BookingDesk = {
  /** Which times of a lesson are no longer free. `formId`'s own booking does not stand in its own way. */
  takenTimes(lessonCode: string, formId?: string): Promise<(slot: Slot) => boolean>;
  /**
   * Books unpaid. The same form with the same content gives the same booking, however often it is sent.
   * @returns the booking's id, or null when another family was quicker
   * @throws ServiceAwayError, ServiceRefusalError
   */
  book(lesson: Lesson, wish: Wish): Promise<string | null>;
  find(bookingId: string): BookingRecord | undefined;
  /**
   * Each booking as the service sees it now, soonest lesson first; what lapsed is left out.
   * @throws ServiceAwayError, ServiceRefusalError
   */
  listed(): Promise<Listed[]>;
};

export function createBookingDesk(file: BookingsFile, client: ServiceClient, now: () => number): BookingDesk {
  /** A parent who went back and changed something holds what they chose last. */
  const isHeld = ({ createdAtMs, formId, bookingId }: BookingRecord): boolean =>
    now() - createdAtMs < HELD_MS && file.all().findLast((record) => record.formId === formId)?.bookingId === bookingId;
  /** One booking of a time at a time, so that two families never both find it free. */
  const turns = new Map<string, Promise<unknown>>();
  const inTurn = <Result>(key: string, work: () => Promise<Result>): Promise<Result> => {
    const result = (turns.get(key) ?? Promise.resolve()).catch(() => undefined).then(work);
    turns.set(key, result);
    const forget = (): void => void (turns.get(key) === result && turns.delete(key));
    result.then(forget, forget);
    return result;
  };

  const isTaken = async (record: BookingRecord): Promise<boolean> => {
    if (isHeld(record)) return true;
    // Any other counts when it was paid or still may be; when the service cannot say, better one time too few than one sold twice.
    const view = await client.booking(record.bookingId).catch(() => undefined);
    return view === undefined || view?.payment_status === "paid" || view?.payment_status === "pending";
  };

  const takenTimes: BookingDesk["takenTimes"] = async (lessonCode, formId) => {
    const today = nairobiDate(now());
    const others = file.all().filter(({ lesson, date, formId: from }) => lesson === lessonCode && date >= today && from !== formId);
    const taken = await Promise.all(others.map(async (record) => ((await isTaken(record)) ? slotText(record) : null)));
    const texts = new Set(taken);
    return (slot) => texts.has(slotText(slot));
  };

  return {
    takenTimes,
    book(lesson, wish) {
      return inTurn(`${lesson.code} ${slotText(wish.slot)}`, async () => {
        const { parentName, childName, email, slot, formId } = wish;
        const booking = { sessionType: lesson.code, ...slot, parentName, childName, email };
        const idempotencyKey = createHash("sha256")
          .update(JSON.stringify([formId, booking]))
          .digest("hex");
        const known = file.all().find((record) => record.idempotencyKey === idempotencyKey);
        if (known) return known.bookingId;
        const isGone = await takenTimes(lesson.code, formId);
        if (isGone(slot)) return null;
        const { bookingId } = await client.createBooking(booking, idempotencyKey);
        await file.add({ bookingId, formId, idempotencyKey, lesson: lesson.code, ...slot, childName, createdAtMs: now() });
        return bookingId;
      });
    },
    find: (bookingId) => file.all().find((record) => record.bookingId === bookingId),
    async listed() {
      const records = file.all();
      const views = await Promise.all(
        records.slice(-LISTED_MAX).map(async (record) => ({ record, view: await client.booking(record.bookingId) })),
      );
      return views
        .filter((item): item is Listed => item.view !== null)
        .filter(({ record, view }) => view.payment_status === "paid" || view.payment_status === "pending" || isHeld(record))
        .toSorted((left, right) => slotText(left.record).localeCompare(slotText(right.record)));
    },
  };
}
