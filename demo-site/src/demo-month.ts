/** What a school's month leaves behind, so that the dashboard of the demo shows something on the first day. */
import { sandboxAccount } from "../../e2e/daraja-simulator/accounts.ts";
import { type Booking } from "../../service/src/bookings/booking.ts";
import {
  amountPaidKes,
  beginAttempt,
  step,
  type Attempt,
  type EventSource,
  type PaymentEvent,
} from "../../service/src/payments/payment.ts";
import { createUnassignedMoneyStore } from "../../service/src/payments/c2b/unassigned-money-store.ts";
import { createPaymentStore, type PaymentStore } from "../../service/src/payments/store/payment-store.ts";
import type { Database } from "../../service/src/platform/database.ts";
import { createIds, type Ids } from "../../service/src/platform/ids.ts";
import { addDays, nairobiDate, startOfDayMs } from "../../service/src/platform/nairobi-day.ts";
import { families, type Family } from "./demo-families.ts";
import { lessons, type Lesson } from "./lessons.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAYS_BACK = 30;
const DAYS_AHEAD = 10;
const TIMES = ["08:00", "09:30", "11:00", "14:00", "15:30", "17:00", "18:30"] as const;
/** Lessons from Sunday to Saturday. */
const LESSONS_A_DAY = [1, 3, 4, 4, 3, 5, 7] as const;
/** How long before the lesson it was booked, at most. */
const BOOKED_AHEAD_HOURS = 96;

/** What Safaricom said, of a hundred prompts that were not paid. */
const FAILURES = [
  { until: 45, reason: "cancelled", code: "1032" },
  { until: 75, reason: "insufficient_funds", code: "1" },
  { until: 90, reason: "no_answer", code: "1037" },
  { until: 100, reason: "wrong_pin", code: "2001" },
] as const;

type World = { store: PaymentStore; ids: Ids; siteId: string; nowMs: number; draw: (below: number) => number };

/**
 * Writes bookings and payments of the last 30 days and the next 10, unless the site has bookings. Each passes the service's own rules, at the moment
 * at which it would have happened.
 */
export async function fillMonth(database: Database, siteId: string, nowMs: number): Promise<void> {
  if ((await database.knex("pending_sessions").where({ site_id: siteId }).first("id")) !== undefined) return;
  const world = { store: createPaymentStore(database), siteId, nowMs, draw: drawer(), ids: createIds(() => nowMs) };
  const today = nairobiDate(nowMs);
  for (let day = -DAYS_BACK; day <= DAYS_AHEAD; day++) await fillDay(world, addDays(today, day), day);
  await addTroubles(world, today);
  await addUnassigned(world, database);
}

async function fillDay(world: World, date: string, day: number): Promise<void> {
  const weekday = new Date(`${date}T12:00:00Z`).getUTCDay();
  // Fewer parents have booked what is far ahead.
  const count = Math.max(1, Math.round((LESSONS_A_DAY[weekday] ?? 1) * (day > 0 ? 1 - day / (DAYS_AHEAD + 2) : 1)));
  for (const time of TIMES.slice(0, count)) await bookAndPay(world, date, time, day);
}

async function bookAndPay(world: World, date: string, time: string, day: number): Promise<void> {
  const { story, family, bookedAtMs } = await book(world, date, time);
  const luck = world.draw(100);
  const paysAtOnce = luck < 78;
  if (!paysAtOnce) await fail(story, family, bookedAtMs + 2 * MINUTE_MS);
  // Most try again at once. Those who did not pay in time have lapsed.
  if (luck < 94 || day >= 0) await pay(story, family, bookedAtMs + (paysAtOnce ? 2 : 6) * MINUTE_MS);
}

async function book(world: World, date: string, time: string): Promise<{ story: Story; family: Family; bookedAtMs: number }> {
  const { draw, nowMs } = world;
  const family = families[draw(families.length)];
  const lesson = lessons[draw(lessons.length)];
  if (!family || !lesson) throw new Error("there are families and lessons");
  const startsAtMs = Date.parse(`${date}T${time}:00+03:00`);
  const latestMs = Math.min(nowMs - HOUR_MS, startsAtMs - 2 * HOUR_MS);
  const bookedAtMs = byDay(latestMs - draw(BOOKED_AHEAD_HOURS) * HOUR_MS - draw(60) * MINUTE_MS, latestMs);
  const story = { ...world, booking: newBooking(world, { family, lesson, date, time, bookedAtMs }), attempts: [] as Attempt[] };
  if ((await world.store.insertBooking(story.booking, null)) !== "inserted") throw new Error("the reference is taken");
  return { story, family, bookedAtMs };
}

/** Lessons in the break, so that they meet no other. */
const BREAK = "12:45";

/** What a manager's morning is about: a lesson paid twice, a payment that nobody knows about, and one that was given back. */
async function addTroubles(world: World, today: string): Promise<void> {
  const twice = await book(world, addDays(today, 2), BREAK);
  await pay(twice.story, twice.family, twice.bookedAtMs + 2 * MINUTE_MS);
  await pay(twice.story, twice.family, twice.bookedAtMs + 9 * MINUTE_MS);
  const unknown = await book(world, addDays(today, 1), BREAK);
  const promptedAtMs = unknown.bookedAtMs + 2 * MINUTE_MS;
  const { id } = await prompt(unknown.story, unknown.family, promptedAtMs);
  await happen(unknown.story, id, { type: "prompt_over" }, { source: "timer", atMs: promptedAtMs + MINUTE_MS });
  await happen(unknown.story, id, { type: "gave_up" }, { source: "timer", atMs: promptedAtMs + 10 * MINUTE_MS });
  const ill = await book(world, addDays(today, -6), BREAK);
  const paidId = await pay(ill.story, ill.family, ill.bookedAtMs + 2 * MINUTE_MS);
  const decided = {
    source: "owner",
    atMs: ill.bookedAtMs + HOUR_MS,
    note: "The teacher was ill",
    actor: "person:owner@amani.example",
  } as const;
  await happen(ill.story, paidId, { type: "refunded" }, decided);
}

/** Somebody paid the Paybill by hand, and typed a name where the account number belongs. */
async function addUnassigned(world: World, database: Database): Promise<void> {
  const paidAtMs = world.nowMs - 20 * HOUR_MS;
  await createUnassignedMoneyStore(database).keep({
    receipt: receiptOf(world),
    shortcode: sandboxAccount.shortcode,
    accountNumber: "MAMA ACHIENG",
    amountKes: 1_500,
    payer: "2547•••••016",
    why: "no booking has this reference",
    paidAtMs,
    receivedAtMs: paidAtMs,
  });
}

/** Nobody books a lesson at night. */
function byDay(atMs: number, latestMs: number): number {
  const sinceMidnightMs = atMs - startOfDayMs(nairobiDate(atMs));
  const isNight = sinceMidnightMs < 7 * HOUR_MS;
  return Math.min(isNight ? atMs + 8 * HOUR_MS : atMs, latestMs);
}

type Wish = { family: Family; lesson: Lesson; date: string; time: string; bookedAtMs: number };

function newBooking({ ids, siteId }: World, { family, lesson, date, time, bookedAtMs }: Wish): Booking {
  return {
    id: createIds(() => bookedAtMs).next("bk"),
    siteId,
    reference: ids.reference(),
    status: "pending",
    version: 1,
    parentName: family.parentName,
    childName: family.childName,
    email: family.email,
    sessionType: lesson.code,
    sessionName: lesson.text.en.name,
    date,
    time,
    amountKes: lesson.amountKes,
    createdAtMs: bookedAtMs,
    expiresAtMs: bookedAtMs + 24 * HOUR_MS,
  };
}

/** A booking on its way, with what was tried to pay it. */
type Story = World & { booking: Booking; attempts: Attempt[] };

/** @returns the payment's id */
async function pay(story: Story, family: Family, atMs: number): Promise<string> {
  const { id, checkoutRequestId } = await prompt(story, family, atMs);
  const paidAtMs = atMs + 20_000 + story.draw(20) * 1_000;
  const event = { type: "paid", receipt: receiptOf(story), paidAtMs, checkoutRequestId } as const;
  await happen(story, id, event, { source: "callback", atMs: paidAtMs });
  return id;
}

async function fail(story: Story, family: Family, atMs: number): Promise<void> {
  const { id, checkoutRequestId } = await prompt(story, family, atMs);
  const dice = story.draw(100);
  const { reason, code } = FAILURES.find(({ until }) => dice < until) ?? FAILURES[0];
  await happen(story, id, { type: "failed", reason, code, checkoutRequestId }, { source: "callback", atMs: atMs + 30_000 });
}

async function prompt(story: Story, { phone }: Family, atMs: number): Promise<{ id: string; checkoutRequestId: string }> {
  const { booking, ids } = story;
  const own = { id: createIds(() => atMs).next("pay"), phone, amountKes: booking.amountKes, mpesaAccountId: null, nowMs: atMs };
  const attempt = beginAttempt(booking, { ...own, callbackSecretHash: ids.secret() });
  await write(story, { attempt, before: null, bookingStatus: booking.status }, { event: "started", source: "push", atMs });
  const checkoutRequestId = `ws_CO_demo_${attempt.id.slice(-12)}`;
  const accepted = { type: "push_accepted", checkoutRequestId, merchantRequestId: `demo-${attempt.id.slice(-12)}` } as const;
  await happen(story, attempt.id, accepted, { source: "push", atMs: atMs + 1_000 });
  return { id: attempt.id, checkoutRequestId };
}

/** When, from where and, if a person decided it, why and by whom. */
type Origin = { source: EventSource; atMs: number; note?: string; actor?: string };

async function happen(story: Story, attemptId: string, event: PaymentEvent, origin: Origin): Promise<void> {
  const before = story.attempts.find(({ id }) => id === attemptId) ?? null;
  const next = step({ booking: story.booking, attempts: story.attempts }, attemptId, event, origin.atMs);
  if (!next) throw new Error(`${event.type} may not follow ${before?.status}`);
  // What Safaricom would have been asked about is long over.
  const attempt = { ...next.attempt, nextQueryAtMs: null };
  await write(story, { ...next, attempt, before }, { event: event.type, ...origin });
}

type Written = { attempt: Attempt; before: Attempt | null; bookingStatus: Booking["status"] };

async function write(story: Story, written: Written, happened: { event: string } & Origin): Promise<void> {
  const { store, booking, ids } = story;
  const { attempt, before, bookingStatus } = written;
  const { event, source, atMs, note = null, actor = null } = happened;
  const isBooked = bookingStatus === "booked" && booking.status !== "booked";
  const attempts = [...story.attempts.filter(({ id }) => id !== attempt.id), attempt];
  const result = await store.commit({
    booking,
    bookingStatus,
    amountPaidKes: amountPaidKes(attempts),
    attempt,
    before,
    history: {
      id: createIds(() => atMs).next("ph"),
      fromStatus: before?.status ?? null,
      toStatus: attempt.status,
      event,
      source,
      note,
      actor,
      atMs,
    },
    session: isBooked ? { id: ids.next("se"), bookedAtMs: atMs } : null,
    webhooks: [],
    claim: null,
  });
  if (result !== "committed") throw new Error(`a payment of the demo's month is ${result}`);
  story.attempts = attempts;
  story.booking = { ...booking, status: bookingStatus, version: booking.version + 1 };
}

/** As M-Pesa's: ten capitals and figures. */
function receiptOf({ draw }: World): string {
  const signs = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ";
  return `T${Array.from({ length: 9 }, () => signs[draw(signs.length)]).join("")}`;
}

/** The same month each time, on the same day: a small generator of numbers below `below`. */
function drawer(): (below: number) => number {
  let state = 20_261_128;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
