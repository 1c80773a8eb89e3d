import { beforeAll, describe, expect, it, test } from "vitest";
import { createIdempotencyKeys } from "../platform/idempotency.ts";
import type { Database } from "../platform/database.ts";
import { describeOnEachDatabase } from "../platform/testing.ts";
import { createPaymentStore, type CommitResult, type PaymentStore } from "./payment-store.ts";
import type { Attempt, Booking } from "./payment.ts";
import { insertTestSite, newAttempt, newBooking, newChange, newHistory, newId, SITE_ID, START_MS } from "./testing.ts";

/** Characters that databases are known to lose or to mix up: 4-byte ones, combining marks, both spellings of one letter, right to left, quotes. */
const TRICKY_NAME = "Zoë Zoe\u0308 👩🏾‍🏫 𠜎 מורה <b>'\";--\\% ʻokina";
/** The latest moment that a Date can name. */
const LAST_MS = 8_640_000_000_000_000;

describeOnEachDatabase("the payment store", (database, { isServer }) => {
  let store: PaymentStore;
  beforeAll(async () => {
    store = createPaymentStore(database());
    await insertTestSite(database());
  });

  const inserted = async (facts: Partial<Booking> = {}): Promise<Booking> => {
    const booking = newBooking(facts);
    expect(await store.insertBooking(booking, null)).toBe("inserted");
    return booking;
  };
  /** Commits a first attempt, whatever its status, and returns the booking as it is then. */
  const begun = async (facts: Partial<Attempt> = {}, bookingFacts: Partial<Booking> = {}): Promise<{ booking: Booking; attempt: Attempt }> => {
    const booking = await inserted(bookingFacts);
    const attempt = newAttempt(booking, facts);
    expect(await store.commit(newChange(booking, attempt))).toBe("committed");
    return { booking: { ...booking, version: 2 }, attempt };
  };
  const reload = async ({ id }: { id: string }): Promise<Attempt> => {
    const attempt = (await store.loadByAttempt(id))?.attempts.find((candidate) => candidate.id === id);
    if (!attempt) throw new Error(`no attempt ${id}`);
    return attempt;
  };
  const rowsOf = async (table: string, column: string, value: string): Promise<number> => countRows(database(), table, column, value);

  describe("bookings", () => {
    it("come back as they were written", async () => {
      const booking = await inserted({ parentName: TRICKY_NAME, childName: "字".repeat(120), sessionType: null, createdAtMs: LAST_MS });
      expect(await store.load(booking.id)).toEqual({ booking, attempts: [] });
    });

    it("a name of 120 characters of four bytes fits", async () => {
      const booking = await inserted({ parentName: "𠜎".repeat(60) });
      expect((await store.load(booking.id))?.booking.parentName).toBe("𠜎".repeat(60));
    });

    it("are found by exactly their id", async () => {
      const { id } = await inserted({ id: "bk_Aé" });
      for (const other of ["bk_aé", "BK_Aé", "bk_Ae", "bk_Ae\u0301", "bk_Aé ", " bk_Aé", "bk_Aé\u0000", "bk_A%", ""]) expect(await store.load(other)).toBeNull();
      expect((await store.load(id))?.booking.id).toBe(id);
    });

    it("never share a reference", async () => {
      const { reference } = await inserted();
      expect(await store.insertBooking(newBooking({ reference }), null)).toBe("reference_taken");
    });

    it("tell their versions in one look", async () => {
      const [one, two] = [await inserted(), await begun()];
      expect(await store.versions([one.id, two.booking.id, "bk_nowhere"])).toEqual(
        new Map([
          [one.id, 1],
          [two.booking.id, 2],
        ]),
      );
      expect(await store.versions([])).toEqual(new Map());
    });
  });

  describe("attempts", () => {
    it("come back as they were written, every member", async () => {
      const { booking } = await begun({ status: "failed" });
      const whole = newAttempt(booking, {
        status: "confirming",
        reason: "no_answer",
        surplus: true,
        amountKes: 250_000,
        checkoutRequestId: "ws_CO_" + "9".repeat(94),
        merchantRequestId: "29115-34620561-1",
        receipt: newId("R").slice(0, 12),
        resultCode: "SFC_IC0003",
        retryAtMs: LAST_MS,
        requestedAtMs: START_MS + 1,
        promptExpiresAtMs: START_MS + 2,
        paidAtMs: START_MS + 3,
        endedAtMs: START_MS + 4,
        nextQueryAtMs: START_MS + 5,
        queriedAtMs: START_MS + 6,
        queries: 7,
      });
      expect(await store.commit(newChange(booking, whole))).toBe("committed");
      const file = await store.load(booking.id);
      expect(file?.attempts[1]).toEqual(whole);
      expect(file?.attempts[0]).toMatchObject({ surplus: false, retryAtMs: null });
      expect(file?.booking.version).toBe(3);
    });

    it("stand oldest first; those of one millisecond by id", async () => {
      const { booking, attempt } = await begun({ status: "failed", requestedAtMs: START_MS + 10 });
      const later = newAttempt(booking, { status: "failed", requestedAtMs: START_MS + 10 });
      const earlier = newAttempt(booking, { status: "failed", requestedAtMs: START_MS });
      await store.commit(newChange(booking, later));
      await store.commit(newChange({ ...booking, version: 3 }, earlier));
      const ids = (await store.load(booking.id))?.attempts.map(({ id }) => id);
      expect(ids).toEqual([earlier.id, attempt.id, later.id]);
    });

    it("are found by their callback's secret and, the newest, by Safaricom's id, in exactly its spelling", async () => {
      const checkoutRequestId = "ws_CO_Case_1";
      await begun({ status: "failed", checkoutRequestId, requestedAtMs: START_MS });
      const { attempt } = await begun({ status: "failed", checkoutRequestId, requestedAtMs: START_MS + 1 });
      expect((await store.findAttemptBySecretHash(attempt.callbackSecretHash))?.id).toBe(attempt.id);
      expect((await store.findAttemptByCheckoutRequestId(checkoutRequestId))?.id).toBe(attempt.id);
      expect(await store.findAttemptByCheckoutRequestId("ws_co_case_1")).toBeNull();
      expect(await store.findAttemptBySecretHash("")).toBeNull();
      expect(await store.loadByAttempt("pay_nowhere")).toBeNull();
    });

    it("a code longer than any that we know is cut, and the refusal is kept", async () => {
      const { attempt } = await begun({ status: "failed", resultCode: "keymanagement.service.InvalidAPICallAsNoApiProductMatchFound" });
      expect((await reload(attempt)).resultCode).toBe("keymanagement.service.InvalidAPI");
    });
  });

  describe("a change", () => {
    it("is written whole: step, history, booked session, webhook", async () => {
      const { booking, attempt: before } = await begun({ status: "prompted" });
      const attempt: Attempt = { ...before, status: "paid", receipt: newId("R").slice(0, 12), paidAtMs: START_MS + 9, endedAtMs: START_MS + 9 };
      const history = newHistory({ fromStatus: "prompted", toStatus: "paid", event: "paid", source: "callback", note: "x".repeat(600) });
      const webhook = { id: newId("wh"), event: "payment.paid", payload: '{"a":"😀"}', createdAtMs: START_MS };
      const sessionId = newId("se");
      expect(await store.commit(newChange(booking, attempt, { before, history, webhook, session: { id: sessionId, bookedAtMs: START_MS + 9 } }))).toBe("committed");

      expect(await store.load(booking.id)).toEqual({ booking: { ...booking, version: 3, status: "booked" }, attempts: [{ ...attempt, sessionId }] });
      const { knex } = database();
      expect(await knex("pending_sessions").where({ id: booking.id }).first("processed", "status")).toEqual({ processed: 1, status: "booked" });
      expect(await knex("sessions").where({ id: sessionId }).first()).toMatchObject({
        pending_session_id: booking.id,
        payment_id: attempt.id,
        site_id: SITE_ID,
        child_name: booking.childName,
        amount: 1_500,
        booked_at: START_MS + 9,
      });
      expect(await knex("payment_history").where({ id: history.id }).first()).toMatchObject({
        from_status: "prompted",
        to_status: "paid",
        source: "callback",
        booking_version: 3,
        note: "x".repeat(500),
      });
      expect(await knex("webhook_deliveries").where({ id: webhook.id }).first()).toMatchObject({ payload: webhook.payload, attempts: 0, delivered_at: null });
      expect(await knex("payments").where({ id: attempt.id }).first("open_key")).toEqual({ open_key: null });
    });

    it("is a conflict when the booking has moved on, and then nothing of it is written", async () => {
      const { booking, attempt: before } = await begun({ status: "prompted" });
      const stale = { ...booking, version: 1 };
      const change = newChange(stale, { ...before, status: "paid" }, { before, session: { id: newId("se"), bookedAtMs: START_MS } });
      expect(await store.commit(change)).toBe("conflict");
      expect(await store.load(booking.id)).toEqual({ booking, attempts: [before] });
      expect(await rowsOf("payment_history", "id", change.history.id)).toBe(0);
      expect(await rowsOf("sessions", "pending_session_id", booking.id)).toBe(0);
    });

    it("of a booking that is not there is a conflict", async () => {
      const booking = newBooking();
      expect(await store.commit(newChange(booking, newAttempt(booking)))).toBe("conflict");
    });

    it("that fails half way leaves nothing", async () => {
      const { booking, attempt: before } = await begun({ status: "prompted" });
      const history = newHistory({ toStatus: "a status longer than its column by far" });
      const sameHistoryAgain = newHistory({ id: (await firstHistoryId(database(), before.id)) ?? "" });
      await expect(store.commit(newChange(booking, { ...before, status: "paid" }, { before, history: isServer ? history : sameHistoryAgain }))).rejects.toThrow();
      expect(await store.load(booking.id)).toEqual({ booking, attempts: [before] });
    });

    it("writes the questions' columns only when the step decides about them", async () => {
      const { booking, attempt: before } = await begun({ status: "prompted", nextQueryAtMs: START_MS + 20_000, checkoutRequestId: "ws_CO_q" });
      await store.scheduleQuery(before.id, { queriedAtMs: START_MS + 21_000, nextQueryAtMs: START_MS + 40_000, asked: 1 });
      await store.commit(newChange(booking, { ...before, status: "confirming" }, { before }));
      expect(await reload(before)).toMatchObject({ status: "confirming", nextQueryAtMs: START_MS + 40_000, queries: 1, queriedAtMs: START_MS + 21_000 });
      await store.commit(newChange({ ...booking, version: 3 }, { ...before, status: "paid", nextQueryAtMs: null }, { before: { ...before, status: "confirming" } }));
      expect(await reload(before)).toMatchObject({ status: "paid", nextQueryAtMs: null, queries: 1 });
    });
  });

  describe("one open attempt a booking", () => {
    it("a second one is refused by the database, whatever was read before", async () => {
      const { booking } = await begun({ status: "prompted" });
      const second = newAttempt(booking);
      expect(await store.commit(newChange(booking, second))).toBe("open_attempt");
      expect(await store.loadByAttempt(second.id)).toBeNull();
      expect((await store.load(booking.id))?.booking.version).toBe(2);
    });

    it("the next may begin once the first has ended", async () => {
      const { booking, attempt: before } = await begun({ status: "prompted" });
      await store.commit(newChange(booking, { ...before, status: "failed", reason: "cancelled" }, { before }));
      expect(await store.commit(newChange({ ...booking, version: 3 }, newAttempt(booking)))).toBe("committed");
    });

    test("of twenty that start at once from one reading, one wins", async () => {
      const booking = await inserted();
      const results = await Promise.all(Array.from({ length: 20 }, () => store.commit(newChange(booking, newAttempt(booking)))));
      expect(tally(results)).toEqual({ committed: 1, conflict: 19 });
      expect((await store.load(booking.id))?.attempts).toHaveLength(1);
    });

    test("of twenty that read again until they are told, one wins and the unique key stops the others", async () => {
      const booking = await inserted();
      const results = await Promise.all(Array.from({ length: 20 }, () => commitUntilTold(store, booking.id)));
      expect(tally(results)).toEqual({ committed: 1, open_attempt: 19 });
      expect((await store.load(booking.id))?.booking.version).toBe(2);
    });
  });

  describe("a receipt counts once", () => {
    it("ever, for any booking", async () => {
      const receipt = newId("R").slice(0, 12);
      await begun({ status: "paid", receipt });
      const { booking, attempt: before } = await begun({ status: "prompted" });
      const change = newChange(booking, { ...before, status: "paid", receipt }, { before, session: { id: newId("se"), bookedAtMs: START_MS } });
      expect(await store.commit(change)).toBe("receipt_taken");
      expect(await store.load(booking.id)).toEqual({ booking, attempts: [before] });
      expect(await rowsOf("sessions", "pending_session_id", booking.id)).toBe(0);
    });

    it("and payments without one are many", async () => {
      await begun({ status: "paid", receipt: null });
      await begun({ status: "paid", receipt: null });
    });

    test("of eight bookings that claim one at once, one gets it", async () => {
      const receipt = newId("R").slice(0, 12);
      const started = [];
      for (let index = 0; index < 8; index++) started.push(await begun({ status: "prompted" }));
      const results = await Promise.all(
        started.map(({ booking, attempt: before }) => store.commit(newChange(booking, { ...before, status: "paid", receipt }, { before }))),
      );
      expect(tally(results)).toEqual({ committed: 1, receipt_taken: 7 });
    });
  });

  describe("a repeated request finds what was committed", () => {
    const keys = () => createIdempotencyKeys(database(), () => START_MS);
    const resourceOf = async (key: string): Promise<unknown> => database().knex("idempotency_keys").where({ idempotency_key: key }).first("resource_id");

    it("under its key: the attempt, the booking", async () => {
      const booking = newBooking();
      const [bookingClaim, payClaim] = [
        { scope: "bookings:x", key: newId("key") },
        { scope: "pay:x", key: newId("key") },
      ];
      for (const claim of [bookingClaim, payClaim]) await keys().claim(claim, "hash");
      await store.insertBooking(booking, bookingClaim);
      const attempt = newAttempt(booking);
      await store.commit(newChange(booking, attempt, { claim: payClaim }));
      expect(await resourceOf(bookingClaim.key)).toEqual({ resource_id: booking.id });
      expect(await resourceOf(payClaim.key)).toEqual({ resource_id: attempt.id });
    });

    it("and nothing when the change was undone", async () => {
      const claim = { scope: "pay:y", key: newId("key") };
      await keys().claim(claim, "hash");
      const { booking } = await begun({ status: "prompted" });
      expect(await store.commit(newChange({ ...booking, version: 1 }, newAttempt(booking), { claim }))).toBe("conflict");
      expect(await store.commit(newChange(booking, newAttempt(booking), { claim }))).toBe("open_attempt");
      expect(await store.insertBooking(newBooking({ reference: booking.reference }), claim)).toBe("reference_taken");
      expect(await resourceOf(claim.key)).toEqual({ resource_id: null });
    });
  });

  describe("questions to Safaricom", () => {
    /** Nothing is due before this in the other cases. */
    const dueAt = START_MS - 1_000_000;

    it("each due attempt is taken by one worker, the longest waiting first", async () => {
      const ids: string[] = [];
      for (let index = 0; index < 24; index++) {
        const { attempt } = await begun({ status: "prompted", checkoutRequestId: `ws_CO_due_${index}`, nextQueryAtMs: dueAt - index });
        ids.push(attempt.id);
      }
      const first = await store.takeDueQuery(dueAt, 1_000_000);
      expect(first?.id).toBe(ids.at(-1));
      const taken = await Promise.all(Array.from({ length: 8 }, () => takeAllDue(store, dueAt)));
      expect([...taken.flat(), first?.id].toSorted()).toEqual(ids.toSorted());
      expect(await store.hasDueQuery(dueAt)).toBe(false);
    });

    it("one that nobody finished is due again when its lease is over", async () => {
      const { attempt } = await begun({ status: "prompted", nextQueryAtMs: dueAt });
      expect((await store.takeDueQuery(dueAt, 1_000))?.id).toBe(attempt.id);
      expect(await store.takeDueQuery(dueAt + 999, 1_000)).toBeNull();
      expect((await store.takeDueQuery(dueAt + 1_000, 1_000))?.id).toBe(attempt.id);
      await store.scheduleQuery(attempt.id, { queriedAtMs: dueAt, nextQueryAtMs: null, asked: 0 });
      expect(await reload(attempt)).toMatchObject({ nextQueryAtMs: null, queries: 0 });
    });

    it("are counted, and end when the attempt was paid meanwhile", async () => {
      const { booking, attempt: before } = await begun({ status: "prompted", nextQueryAtMs: START_MS + 5 });
      const next = { queriedAtMs: START_MS + 1, nextQueryAtMs: START_MS + 2, asked: 1 } as const;
      await store.scheduleQuery(before.id, next);
      await store.scheduleQuery(before.id, next);
      expect(await reload(before)).toMatchObject({ queries: 2, nextQueryAtMs: START_MS + 2 });
      await store.commit(newChange(booking, { ...before, status: "paid", nextQueryAtMs: null }, { before }));
      await store.scheduleQuery(before.id, next);
      expect(await reload(before)).toMatchObject({ queries: 3, nextQueryAtMs: null });
    });

    describe("after a callback that may not be believed", () => {
      const notSinceMs = START_MS - 60_000;
      const asked = async (facts: Partial<Attempt>): Promise<number | null> => {
        const { attempt } = await begun({ status: "confirming", checkoutRequestId: "ws_CO_doubt", ...facts });
        await store.askSoon(attempt.id, START_MS, notSinceMs);
        return (await reload(attempt)).nextQueryAtMs;
      };

      it("is asked at once, also about an attempt that has failed", async () => {
        expect(await asked({ nextQueryAtMs: START_MS + 60_000 })).toBe(START_MS);
        expect(await asked({ nextQueryAtMs: null })).toBe(START_MS);
        expect(await asked({ status: "failed" })).toBe(START_MS);
        expect(await asked({ queriedAtMs: notSinceMs - 1 })).toBe(START_MS);
      });

      it("is not asked without an id, of a payment that is paid or refunded, or again within the minute", async () => {
        expect(await asked({ checkoutRequestId: null })).toBeNull();
        expect(await asked({ status: "paid" })).toBeNull();
        expect(await asked({ status: "refunded" })).toBeNull();
        expect(await asked({ queriedAtMs: notSinceMs, nextQueryAtMs: START_MS + 7 })).toBe(START_MS + 7);
      });

      it("is not put off when it was due already", async () => {
        expect(await asked({ nextQueryAtMs: START_MS - 5 })).toBe(START_MS - 5);
      });
    });

    it("find the receipt that a doubted callback on the attempt's own address had named, the newest", async () => {
      const { attempt } = await begun({ status: "confirming" });
      expect(await store.doubtedReceipt(attempt)).toBeNull();
      const row = { kind: "stk", remote_address: "127.0.0.1", body: "{}", body_encoding: "utf8", payment_id: attempt.id };
      const own = { ...row, secret_hash: attempt.callbackSecretHash, verdict: "doubted" };
      await database()
        .knex("callbacks")
        .insert([
          { ...own, id: newId("cb"), received_at: START_MS, receipt: "OLDRECEIPT" },
          { ...own, id: newId("cb"), received_at: START_MS + 1, receipt: "NEWRECEIPT" },
          { ...own, id: newId("cb"), received_at: START_MS + 2, receipt: null },
          { ...own, id: newId("cb"), received_at: START_MS + 3, receipt: "STRANGER01", secret_hash: null },
          { ...own, id: newId("cb"), received_at: START_MS + 4, receipt: "BELIEVED01", verdict: "duplicate" },
        ]);
      expect(await store.doubtedReceipt(attempt)).toBe("NEWRECEIPT");
    });
  });

  it("names what is overdue, and nothing else", async () => {
    const lateBooking = { createdAtMs: START_MS };
    const at = START_MS - 50_000_000;
    const limits = { requestedBeforeMs: at + 1_000, promptedBeforeMs: at + 2_000, lostBeforeMs: at + 3_000 };
    const overdue = [
      await begun({ status: "requested", requestedAtMs: at + 1_000 }, lateBooking),
      await begun({ status: "prompted", requestedAtMs: at + 2, promptExpiresAtMs: at + 2_000, checkoutRequestId: "ws_CO_o1" }),
      await begun({ status: "confirming", requestedAtMs: at + 3, checkoutRequestId: null }),
    ].map(({ attempt }) => attempt.id);
    await begun({ status: "requested", requestedAtMs: at + 1_001 });
    await begun({ status: "prompted", requestedAtMs: at, promptExpiresAtMs: at + 2_001, checkoutRequestId: "ws_CO_o2" });
    await begun({ status: "confirming", requestedAtMs: at, checkoutRequestId: "ws_CO_o3" });
    await begun({ status: "confirming", requestedAtMs: at + 3_001, checkoutRequestId: null });
    await begun({ status: "failed", requestedAtMs: at });
    expect((await store.overdue(limits, 10)).map(({ id }) => id).toSorted()).toEqual(overdue.toSorted());
    expect(await store.overdue(limits, 2)).toHaveLength(2);
  });

  describe("bookings that nobody paid", () => {
    /** Older than every other case's. */
    const old = START_MS - 90_000_000;
    const lapse = (most = 50) => store.lapseBookings(old + 1, START_MS, most);

    it("lapse when they are old, pending, without an open attempt and without a question", async () => {
      const unpaid = await inserted({ createdAtMs: old });
      const failed = (await begun({ status: "failed" }, { createdAtMs: old })).booking;
      const kept = [
        (await begun({ status: "prompted" }, { createdAtMs: old })).booking,
        (await begun({ status: "failed", nextQueryAtMs: LAST_MS }, { createdAtMs: old })).booking,
        await inserted({ createdAtMs: old, status: "booked" }),
        await inserted({ createdAtMs: old + 1 }),
      ];
      expect((await lapse()).toSorted()).toEqual([unpaid.id, failed.id].toSorted());
      expect((await store.load(unpaid.id))?.booking).toEqual({ ...unpaid, status: "lapsed", version: 2 });
      for (const { id, status, version } of kept) expect((await store.load(id))?.booking).toMatchObject({ status, version });
      expect(await lapse()).toEqual([]);
    });

    it("are taken a few at a time, the oldest first", async () => {
      const older = await inserted({ createdAtMs: old - 2 });
      await inserted({ createdAtMs: old - 1 });
      expect(await lapse(1)).toEqual([older.id]);
      expect(await lapse()).toHaveLength(1);
    });

    it("a payment that starts at that moment wins whole or loses whole", async () => {
      const rounds = [];
      for (let index = 0; index < 10; index++) rounds.push(await inserted({ createdAtMs: old }));
      const starting = Promise.all(rounds.map((booking) => store.commit(newChange(booking, newAttempt(booking)))));
      const lapsed = new Set([...(await lapse()), ...(await lapse())]);
      const results = await starting;
      for (const [index, booking] of rounds.entries()) {
        const now = (await store.load(booking.id))?.booking;
        const hasStarted = results[index] === "committed";
        expect(hasStarted).toBe(!lapsed.has(booking.id));
        expect(now).toMatchObject({ version: 2, status: hasStarted ? "pending" : "lapsed" });
      }
    });
  });
});

async function countRows({ knex }: Database, table: string, column: string, value: string): Promise<number> {
  const rows: unknown[] = await knex(table).where(column, value).select(column);
  return rows.length;
}

async function firstHistoryId({ knex }: Database, paymentId: string): Promise<string | undefined> {
  const row: unknown = await knex("payment_history").where({ payment_id: paymentId }).first("id");
  return typeof row === "object" && row !== null && "id" in row && typeof row.id === "string" ? row.id : undefined;
}

function tally(results: CommitResult[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const result of results) counts[result] = (counts[result] ?? 0) + 1;
  return counts;
}

/** What somebody does who will not take "somebody was first" for an answer. */
async function commitUntilTold(store: PaymentStore, bookingId: string): Promise<CommitResult> {
  for (;;) {
    const file = await store.load(bookingId);
    if (!file) throw new Error("the booking is gone");
    const result = await store.commit(newChange(file.booking, newAttempt(file.booking)));
    if (result !== "conflict") return result;
  }
}

async function takeAllDue(store: PaymentStore, nowMs: number): Promise<string[]> {
  const taken: string[] = [];
  while (await store.hasDueQuery(nowMs)) {
    const attempt = await store.takeDueQuery(nowMs, 1_000_000_000);
    if (attempt) taken.push(attempt.id);
  }
  return taken;
}
