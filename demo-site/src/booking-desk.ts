import { createHash } from "node:crypto";
import type { BookingView } from "../../service/src/contract.ts";
import type { Wish } from "./booking-form.ts";
import type { BookingRecord, BookingsFile } from "./bookings-file.ts";
import type { Lesson } from "./lessons.ts";
import { nairobiDate } from "./nairobi-time.ts";
import type { ServiceClient } from "./service-client.ts";
import { slotText, type Slot } from "./slots.ts";

/** An unpaid booking lapses after a day in the service (BOOKING_LIFE_HOURS in demo-stack.ts); until then its time is reserved. */
const HELD_MS = 24 * 3_600_000;
/** The most lessons that the page lists, because each takes one call to the service. */
const LISTED_MAX = 60;

export type Listed = { record: BookingRecord; view: BookingView };

export type BookingDesk = {
  /** Whether a time of a lesson is taken. The booking of `formId` itself does not count. */
  takenTimes(lessonCode: string, formId?: string): Promise<(slot: Slot) => boolean>;
  /**
   * Creates an unpaid booking. Sending the same form with the same content again gives the same booking.
   * @returns the booking's id, or null if another family was quicker
   * @throws ServiceAwayError, ServiceRefusalError
   */
  book(lesson: Lesson, wish: Wish): Promise<string | null>;
  find(bookingId: string): BookingRecord | undefined;
  /**
   * A webhook says what is booked. Messages may come twice; one that is older than what is known changes nothing.
   * Returns whether the booking was made here.
   */
  learn(view: BookingView): Promise<boolean>;
  /**
   * Each booking with its current state in the service, soonest lesson first. Without those that lapsed or were left unpaid, a day later.
   * @throws ServiceAwayError, ServiceRefusalError
   */
  listed(): Promise<Listed[]>;
};

/** A part is there, or a prompt is open: the family is paying for this time. */
const awaitsMoney = ({ booking_status: booked, payment_status: paid }: BookingView): boolean =>
  booked === "pending" && (paid === "pending" || paid === "partial");

/** Money came, is coming, or went back: the family and the school want to see it, whatever is booked. */
const isAboutMoney = ({ payment_status: paid }: BookingView): boolean => paid !== "unpaid" && paid !== "failed";

export function createBookingDesk(file: BookingsFile, client: ServiceClient, now: () => number): BookingDesk {
  /** If a parent went back and changed the form, only the last choice is reserved. */
  const isHeld = ({ createdAtMs, formId, bookingId }: BookingRecord): boolean =>
    now() - createdAtMs < HELD_MS && file.all().findLast((record) => record.formId === formId)?.bookingId === bookingId;
  /** Serialises bookings of the same time, so that two families cannot both find it free. */
  const turns = new Map<string, Promise<unknown>>();
  const inTurn = <Result>(key: string, work: () => Promise<Result>): Promise<Result> => {
    const result = (turns.get(key) ?? Promise.resolve()).catch(() => undefined).then(work);
    turns.set(key, result);
    const forget = (): void => void (turns.get(key) === result && turns.delete(key));
    result.then(forget, forget);
    return result;
  };

  const isTaken = async (record: BookingRecord): Promise<boolean> => {
    if (record.told?.isBooked === true || isHeld(record)) return true;
    // Other bookings count if they are booked, or if money for them is or may be under way. If the service does not answer, better one time too few than one sold twice.
    const view = await client.booking(record.bookingId).catch(() => undefined);
    return view === undefined || (view !== null && (view.booking_status === "booked" || awaitsMoney(view)));
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
    learn: ({ bookingId, version, booking_status }) =>
      file.update(bookingId, (record) =>
        version <= (record.told?.version ?? 0) ? record : { ...record, told: { isBooked: booking_status === "booked", version } },
      ),
    find: (bookingId) => file.all().find((record) => record.bookingId === bookingId),
    async listed() {
      const records = file.all();
      const views = await Promise.all(
        records.slice(-LISTED_MAX).map(async (record) => ({ record, view: await client.booking(record.bookingId) })),
      );
      return views
        .filter((item): item is Listed => item.view !== null)
        .filter(({ record, view }) => view.booking_status === "booked" || isAboutMoney(view) || isHeld(record))
        .toSorted((left, right) => slotText(left.record).localeCompare(slotText(right.record)));
    },
  };
}
