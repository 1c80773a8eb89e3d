import { beforeAll, describe, expect, it, test } from "vitest";
import type { CommitResult, PaymentStore } from "./payment-store.ts";
import type { Attempt } from "../payment.ts";
import { describeOnEachStore } from "./store-under-test.ts";
import { bookingsIn, newAttempt, newBooking, newChange, newHistory, newId, SITE_ID, START_MS } from "../testing.ts";

/** Characters that databases are known to lose or to mix up: 4-byte ones, combining marks, both spellings of one letter, right to left, quotes. */
const TRICKY_NAME = "Zoë Zoe\u0308 👩🏾‍🏫 𠜎 מורה <b>'\";--\\% ʻokina";
/** The latest moment that a Date can name. */
const LAST_MS = 8_640_000_000_000_000;

describeOnEachStore("the payment store", (under, { isServer }) => {
  let store: PaymentStore;
  beforeAll(() => void ({ store } = under()));

  const { inserted, begun, reload } = bookingsIn(() => store);
  const countOf = async (table: string, column: string, value: string): Promise<number> =>
    (await under().rowsOf(table, column, value)).length;
  const rowOf = async (table: string, column: string, value: string) => (await under().rowsOf(table, column, value))[0];

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
      for (const other of ["bk_aé", "BK_Aé", "bk_Ae", "bk_Ae\u0301", "bk_Aé ", " bk_Aé", "bk_Aé\u0000", "bk_A%", ""])
        expect(await store.load(other)).toBeNull();
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
        surplusKes: 500,
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
      expect(file?.attempts[0]).toMatchObject({ surplusKes: 0, retryAtMs: null });
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
      const attempt: Attempt = {
        ...before,
        status: "paid",
        receipt: newId("R").slice(0, 12),
        paidAtMs: START_MS + 9,
        endedAtMs: START_MS + 9,
      };
      const history = newHistory({ fromStatus: "prompted", toStatus: "paid", event: "paid", source: "callback", note: "x".repeat(600) });
      const webhook = { id: newId("msg"), type: "payment.paid", paymentId: attempt.id, payload: '{"a":"😀"}', createdAtMs: START_MS };
      const sessionId = newId("se");
      expect(
        await store.commit(
          newChange(booking, attempt, { before, history, webhooks: [webhook], session: { id: sessionId, bookedAtMs: START_MS + 9 } }),
        ),
      ).toBe("committed");

      expect(await store.load(booking.id)).toEqual({
        booking: { ...booking, version: 3, status: "booked" },
        attempts: [{ ...attempt, sessionId }],
      });
      expect(await rowOf("pending_sessions", "id", booking.id)).toMatchObject({ processed: 1, status: "booked" });
      expect(await rowOf("sessions", "id", sessionId)).toMatchObject({
        pending_session_id: booking.id,
        payment_id: attempt.id,
        site_id: SITE_ID,
        child_name: booking.childName,
        amount: 1_500,
        booked_at: START_MS + 9,
      });
      expect(await rowOf("payment_history", "id", history.id)).toMatchObject({
        from_status: "prompted",
        to_status: "paid",
        source: "callback",
        booking_version: 3,
        note: "x".repeat(500),
      });
      expect(await rowOf("webhook_messages", "id", webhook.id)).toMatchObject({
        type: "payment.paid",
        payload: webhook.payload,
        booking_id: booking.id,
      });
      expect(await rowOf("payments", "id", attempt.id)).toMatchObject({ open_key: null });
    });

    it("is a conflict when the booking has moved on, and then nothing of it is written", async () => {
      const { booking, attempt: before } = await begun({ status: "prompted" });
      const stale = { ...booking, version: 1 };
      const change = newChange(stale, { ...before, status: "paid" }, { before, session: { id: newId("se"), bookedAtMs: START_MS } });
      expect(await store.commit(change)).toBe("conflict");
      expect(await store.load(booking.id)).toEqual({ booking, attempts: [before] });
      expect(await countOf("payment_history", "id", change.history.id)).toBe(0);
      expect(await countOf("sessions", "pending_session_id", booking.id)).toBe(0);
    });

    it("of a booking that is not there is a conflict", async () => {
      const booking = newBooking();
      expect(await store.commit(newChange(booking, newAttempt(booking)))).toBe("conflict");
    });

    it("that fails half way leaves nothing", async () => {
      const { booking, attempt: before } = await begun({ status: "prompted" });
      const history = newHistory({ toStatus: "a status longer than its column by far" });
      const sameHistoryAgain = newHistory({ id: String((await rowOf("payment_history", "payment_id", before.id))?.["id"]) });
      await expect(
        store.commit(newChange(booking, { ...before, status: "paid" }, { before, history: isServer ? history : sameHistoryAgain })),
      ).rejects.toThrow();
      expect(await store.load(booking.id)).toEqual({ booking, attempts: [before] });
    });

    it("writes the questions' columns only when the step decides about them", async () => {
      const { booking, attempt: before } = await begun({
        status: "prompted",
        nextQueryAtMs: START_MS + 20_000,
        checkoutRequestId: "ws_CO_q",
      });
      await store.scheduleQuery(before.id, {
        askedAtMs: START_MS + 20_000,
        queriedAtMs: START_MS + 21_000,
        nextQueryAtMs: START_MS + 40_000,
        asked: 1,
      });
      await store.commit(newChange(booking, { ...before, status: "confirming" }, { before }));
      expect(await reload(before)).toMatchObject({
        status: "confirming",
        nextQueryAtMs: START_MS + 40_000,
        queries: 1,
        queriedAtMs: START_MS + 21_000,
      });
      await store.commit(
        newChange(
          { ...booking, version: 3 },
          { ...before, status: "paid", nextQueryAtMs: null },
          { before: { ...before, status: "confirming" } },
        ),
      );
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
      const change = newChange(
        booking,
        { ...before, status: "paid", receipt },
        { before, session: { id: newId("se"), bookedAtMs: START_MS } },
      );
      expect(await store.commit(change)).toBe("receipt_taken");
      expect(await store.load(booking.id)).toEqual({ booking, attempts: [before] });
      expect(await countOf("sessions", "pending_session_id", booking.id)).toBe(0);
    });

    it("and payments without one are many", async () => {
      for (let count = 0; count < 2; count++) {
        const { attempt } = await begun({ status: "paid", receipt: null });
        expect(await reload(attempt)).toEqual(attempt);
      }
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

  describe("changes that are written together", () => {
    const ended = ({ booking, attempt: before }: Awaited<ReturnType<typeof begun>>, facts: Partial<Attempt> = {}) => {
      const attempt = { ...before, status: "paid" as const, receipt: newId("R").slice(0, 12), paidAtMs: START_MS + 5, ...facts };
      const session = attempt.status === "paid" ? { id: newId("se"), bookedAtMs: START_MS + 5 } : null;
      return newChange(booking, attempt, { before, session });
    };

    it("are all there, as if each had been written by itself", async () => {
      const begunOnes = [await begun({ status: "prompted" }), await begun({ status: "prompted", nextQueryAtMs: START_MS }), await begun()];
      const [first, second, third] = begunOnes;
      if (!first || !second || !third) throw new Error("too few");
      const changes = [
        ended(first),
        ended(second, { status: "failed", reason: "no_answer", resultCode: "1037", receipt: null, nextQueryAtMs: START_MS + 9 }),
        ended(third, { checkoutRequestId: "ws_CO_learnt", resultCode: "0" }),
      ];
      expect(await store.commitTogether(changes)).toBe(true);
      for (const { booking, attempt, session, amountPaidKes, bookingStatus } of changes) {
        const file = await store.load(booking.id);
        expect(file?.booking).toEqual({ ...booking, status: bookingStatus, version: booking.version + 1 });
        expect(file?.attempts).toEqual([{ ...attempt, sessionId: session?.id ?? null }]);
        expect(await rowOf("pending_sessions", "id", booking.id)).toMatchObject({ amount_paid: amountPaidKes, processed: session ? 1 : 0 });
        expect(await countOf("payment_history", "payment_id", attempt.id)).toBe(2);
        expect(await countOf("sessions", "pending_session_id", booking.id)).toBe(session ? 1 : 0);
        expect(await rowOf("payments", "id", attempt.id)).toMatchObject({ open_key: null });
      }
    });

    it.each<[string, (of: Awaited<ReturnType<typeof begun>>) => Promise<ReturnType<typeof ended>>]>([
      ["a booking was changed since it was read", async (of) => ended({ ...of, booking: { ...of.booking, version: 1 } })],
      [
        "a receipt has paid for something else",
        async (of) => {
          const receipt = newId("R").slice(0, 12);
          await begun({ status: "paid", receipt });
          return ended(of, { receipt });
        },
      ],
    ])("are not written, none of them, if %s", async (_what, poisoned) => {
      const [good, bad] = [await begun({ status: "prompted" }), await begun({ status: "prompted" })];
      expect(await store.commitTogether([ended(good), await poisoned(bad)])).toBe(false);
      for (const { booking, attempt } of [good, bad]) {
        expect((await store.load(booking.id))?.booking.version).toBe(2);
        expect(await reload(attempt)).toEqual(attempt);
        expect(await countOf("payment_history", "payment_id", attempt.id)).toBe(1);
      }
    });

    it("are not written if two of them have one receipt", async () => {
      const receipt = newId("R").slice(0, 12);
      const both = [await begun({ status: "prompted" }), await begun({ status: "prompted" })];
      expect(await store.commitTogether(both.map((one) => ended(one, { receipt })))).toBe(false);
      expect(await store.isReceiptUsed(receipt)).toBe(false);
    });

    it("keep a query that an unverified callback has asked for", async () => {
      const of = await begun({ status: "prompted", checkoutRequestId: newId("ws_CO"), nextQueryAtMs: START_MS + 50 });
      await store.requestQuery(of.attempt.id, START_MS + 1, START_MS);
      const failed = { status: "failed", reason: "cancelled", resultCode: "1032", receipt: null, nextQueryAtMs: null } as const;
      expect(await store.commitTogether([ended(of, failed)])).toBe(true);
      expect((await reload(of.attempt)).nextQueryAtMs).toBe(START_MS + 1);
    });
  });

  it("finds attempts by their callback secrets, with the whole booking of each", async () => {
    const one = await begun({ status: "failed" });
    const again = newAttempt(one.booking);
    await store.commit(newChange(one.booking, again));
    const other = await begun();
    const hashes = [again.callbackSecretHash, other.attempt.callbackSecretHash, "hash-of-nothing"];
    const found = await store.loadBySecretHashes(hashes);
    expect([...found.keys()].toSorted()).toEqual(hashes.slice(0, 2).toSorted());
    expect(found.get(again.callbackSecretHash)).toEqual({ attempt: again, file: await store.load(one.booking.id) });
    expect(found.get(other.attempt.callbackSecretHash)).toEqual({ attempt: other.attempt, file: await store.load(other.booking.id) });
    expect(await store.loadBySecretHashes([])).toEqual(new Map());
  });

  it("a receipt stays used after a refund", async () => {
    for (const status of ["paid", "refunded"] as const) {
      const receipt = newId("R").slice(0, 12);
      expect(await store.isReceiptUsed(receipt)).toBe(false);
      await begun({ status, receipt });
      expect(await store.isReceiptUsed(receipt)).toBe(true);
    }
  });

  describe("money that another booking may wait for", () => {
    const DAY_MS = 24 * 60 * 60_000;
    /** Unique per case: the cases share their tables. */
    let amountKes = 10_000;
    const asked = async (attempt: Partial<Attempt>, money: { payer?: string; paidAtMs?: number; amountKes?: number } = {}) => {
      amountKes += 1;
      const { booking } = await begun({ status: "prompted", phone: "254711000042", amountKes, ...attempt });
      const about = { payer: "2547*****042", paidAtMs: START_MS, amountKes, ...money };
      return {
        byOther: await store.isAwaitedElsewhere({ siteId: SITE_ID, bookingId: "bk_other", ...about }),
        byItself: await store.isAwaitedElsewhere({ siteId: SITE_ID, bookingId: booking.id, ...about }),
        atOtherSite: await store.isAwaitedElsewhere({ siteId: "site_other", bookingId: "bk_other", ...about }),
      };
    };

    test.each<[string, Partial<Attempt>, { payer?: string; paidAtMs?: number }]>([
      ["from its payer's masked number", {}, {}],
      ["from its payer's full number", {}, { payer: "254711000042" }],
      ["dated a day after the prompt", {}, { paidAtMs: START_MS + DAY_MS }],
      ["dated a day before the prompt", {}, { paidAtMs: START_MS - DAY_MS }],
      ["whose prompt has failed", { status: "failed", reason: "no_answer", resultCode: "1037" }, {}],
    ])("includes money %s, but not for the booking itself", async (_what, attempt, money) => {
      expect(await asked(attempt, money)).toEqual({ byOther: true, byItself: false, atOtherSite: false });
    });

    test.each<[string, Partial<Attempt>, { payer?: string; paidAtMs?: number; amountKes?: number }]>([
      ["from another phone", {}, { payer: "2547*****043" }],
      ["whose prompt was cancelled by the payer", { status: "failed", reason: "cancelled", resultCode: "1032" }, {}],
      ["from an unnamed payer", {}, { payer: "" }],
      ["from a payer whose number is hashed", {}, { payer: "8d9f".repeat(16) }],
      ["of another amount", {}, { amountKes: 1 }],
      ["dated more than a day after the prompt", {}, { paidAtMs: START_MS + DAY_MS + 1 }],
      ["dated more than a day before the prompt", {}, { paidAtMs: START_MS - DAY_MS - 1 }],
    ])("excludes money %s", async (_what, attempt, money) => {
      expect(await asked(attempt, money)).toEqual({ byOther: false, byItself: false, atOtherSite: false });
    });

    it("excludes prompts whose receipt is known", async () => {
      expect(await asked({ status: "paid", receipt: newId("R").slice(0, 12) })).toEqual({
        byOther: false,
        byItself: false,
        atOtherSite: false,
      });
    });
  });

  describe("a repeated request finds what was committed", () => {
    const resourceOf = async (key: string): Promise<unknown> => (await rowOf("idempotency_keys", "idempotency_key", key))?.["resource_id"];

    it("under its key: the attempt, the booking", async () => {
      const booking = newBooking();
      const [bookingClaim, payClaim] = [
        { scope: "bookings:x", key: newId("key") },
        { scope: "pay:x", key: newId("key") },
      ];
      for (const claim of [bookingClaim, payClaim]) await under().claimKey(claim);
      await store.insertBooking(booking, bookingClaim);
      const attempt = newAttempt(booking);
      await store.commit(newChange(booking, attempt, { claim: payClaim }));
      expect(await resourceOf(bookingClaim.key)).toBe(booking.id);
      expect(await resourceOf(payClaim.key)).toBe(attempt.id);
    });

    it("and nothing when the change was undone", async () => {
      const claim = { scope: "pay:y", key: newId("key") };
      await under().claimKey(claim);
      const { booking } = await begun({ status: "prompted" });
      expect(await store.commit(newChange({ ...booking, version: 1 }, newAttempt(booking), { claim }))).toBe("conflict");
      expect(await store.commit(newChange(booking, newAttempt(booking), { claim }))).toBe("open_attempt");
      expect(await store.insertBooking(newBooking({ reference: booking.reference }), claim)).toBe("reference_taken");
      expect(await resourceOf(claim.key)).toBeNull();
    });
  });
});

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
