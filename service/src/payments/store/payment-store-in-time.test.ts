import { beforeAll, describe, expect, it } from "vitest";
import type { ComposeLapse, PaymentStore } from "./payment-store.ts";
import type { Attempt, BookingFile } from "../payment.ts";
import { describeOnEachStore } from "./store-under-test.ts";
import { bookingsIn, newAttempt, newChange, newId, START_MS } from "../testing.ts";

/** The latest moment that a Date can name. */
const LAST_MS = 8_640_000_000_000_000;

describeOnEachStore("what time moves on in the payment store", (under) => {
  let store: PaymentStore;
  beforeAll(() => void ({ store } = under()));
  const { inserted, begun, reload } = bookingsIn(() => store);

  describe("questions to Safaricom", () => {
    /** Nothing is due before this in the other cases. */
    const dueAt = START_MS - 1_000_000;

    it("each due attempt is taken by one worker, the longest waiting first", async () => {
      const ids: string[] = [];
      for (let index = 0; index < 24; index++) {
        const { attempt } = await begun({ status: "prompted", checkoutRequestId: `ws_CO_due_${index}`, nextQueryAtMs: dueAt - index });
        ids.push(attempt.id);
      }
      const first = await store.takeDueQuery(null, dueAt, 1_000_000);
      expect(first?.id).toBe(ids.at(-1));
      const taken = await Promise.all(Array.from({ length: 8 }, () => takeAllDue(store, dueAt)));
      expect([...taken.flat(), first?.id ?? ""].toSorted()).toEqual(ids.toSorted());
      expect(await store.accountsToQuery(dueAt, dueAt)).toEqual([]);
    });

    it("one that nobody finished is due again when its lease is over", async () => {
      const { attempt } = await begun({ status: "prompted", nextQueryAtMs: dueAt });
      expect((await store.takeDueQuery(null, dueAt, 1_000))?.id).toBe(attempt.id);
      expect(await store.takeDueQuery(null, dueAt + 999, 1_000)).toBeNull();
      expect((await store.takeDueQuery(null, dueAt + 1_000, 1_000))?.id).toBe(attempt.id);
      await store.scheduleQuery(attempt.id, { askedAtMs: dueAt, queriedAtMs: dueAt, nextQueryAtMs: null, asked: 0 });
      expect(await reload(attempt)).toMatchObject({ nextQueryAtMs: null, queries: 0 });
    });

    it("are counted, and end when the attempt was paid meanwhile", async () => {
      const { booking, attempt: before } = await begun({ status: "prompted", nextQueryAtMs: START_MS + 5 });
      const next = { askedAtMs: START_MS, queriedAtMs: START_MS + 1, nextQueryAtMs: START_MS + 2, asked: 1 } as const;
      await store.scheduleQuery(before.id, next);
      await store.scheduleQuery(before.id, next);
      expect(await reload(before)).toMatchObject({ queries: 2, nextQueryAtMs: START_MS + 2 });
      await store.commit(newChange(booking, { ...before, status: "paid", resultCode: "0", nextQueryAtMs: null }, { before }));
      await store.scheduleQuery(before.id, next);
      expect(await reload(before)).toMatchObject({ queries: 3, nextQueryAtMs: null });
    });

    it("go on while money that came by itself may be another prompt's", async () => {
      const { attempt } = await begun({ status: "paid", receipt: newId("UK"), nextQueryAtMs: START_MS });
      await store.scheduleQuery(attempt.id, { askedAtMs: START_MS, queriedAtMs: START_MS + 1, nextQueryAtMs: START_MS + 2, asked: 1 });
      expect(await reload(attempt)).toMatchObject({ nextQueryAtMs: START_MS + 2 });
    });

    describe("after a callback that can not be verified", () => {
      const notSinceMs = START_MS - 60_000;
      const asked = async (facts: Partial<Attempt>): Promise<number | null> => {
        const { attempt } = await begun({ status: "confirming", checkoutRequestId: "ws_CO_unverified", ...facts });
        await store.requestQuery(attempt.id, START_MS, notSinceMs);
        return (await reload(attempt)).nextQueryAtMs;
      };

      it("is asked at once, also about an attempt that has failed", async () => {
        expect(await asked({ nextQueryAtMs: START_MS + 60_000 })).toBe(START_MS);
        expect(await asked({ nextQueryAtMs: null })).toBe(START_MS);
        expect(await asked({ status: "failed" })).toBe(START_MS);
        expect(await asked({ queriedAtMs: notSinceMs - 1 })).toBe(START_MS);
      });

      it("is asked when a minute has gone by since the last time, so that what it says is settled in any case", async () => {
        expect(await asked({ queriedAtMs: START_MS - 1_000, nextQueryAtMs: null })).toBe(START_MS + 59_000);
        expect(await asked({ status: "failed", queriedAtMs: START_MS, nextQueryAtMs: null })).toBe(START_MS + 60_000);
        expect(await asked({ queriedAtMs: START_MS - 1_000, nextQueryAtMs: START_MS + 100_000 })).toBe(START_MS + 59_000);
      });

      const question = { askedAtMs: START_MS - 10, queriedAtMs: START_MS + 10, asked: 1 } as const;

      it("is asked again when the callback came during the question, whose answer may be older", async () => {
        const { attempt } = await begun({ status: "failed", checkoutRequestId: "ws_CO_meanwhile", nextQueryAtMs: START_MS + 30_000 });
        await store.requestQuery(attempt.id, START_MS, notSinceMs);
        await store.scheduleQuery(attempt.id, { ...question, nextQueryAtMs: null });
        expect(await reload(attempt)).toMatchObject({ nextQueryAtMs: START_MS + 60_010 });
        await store.scheduleQuery(attempt.id, { ...question, askedAtMs: START_MS + 60_010, nextQueryAtMs: null });
        expect(await reload(attempt)).toMatchObject({ nextQueryAtMs: null });
      });

      it("is asked again when the callback came in the millisecond in which the question began", async () => {
        const { attempt } = await begun({ status: "failed", checkoutRequestId: "ws_CO_same_ms", nextQueryAtMs: START_MS });
        await store.requestQuery(attempt.id, START_MS, notSinceMs);
        await store.scheduleQuery(attempt.id, { ...question, askedAtMs: START_MS, nextQueryAtMs: null });
        expect(await reload(attempt)).toMatchObject({ nextQueryAtMs: START_MS + 60_010 });
      });

      it("is asked although a failure comes after it, until an answer has settled it", async () => {
        const fails = async (askedAtMs: number | null) => {
          const { booking, attempt: before } = await begun({ status: "confirming", checkoutRequestId: "ws_CO_both" });
          await store.requestQuery(before.id, START_MS, notSinceMs);
          if (askedAtMs !== null) await store.scheduleQuery(before.id, { ...question, askedAtMs, nextQueryAtMs: null });
          const read = await reload(before);
          await store.commit(newChange(booking, { ...read, status: "failed", nextQueryAtMs: null }, { before: read }));
          return (await reload(before)).nextQueryAtMs;
        };
        expect(await fails(null)).toBe(START_MS);
        expect(await fails(START_MS + 1)).toBeNull();
      });

      it("is not asked without an id, of a payment that is paid or refunded, or later than it would have been", async () => {
        expect(await asked({ checkoutRequestId: null })).toBeNull();
        expect(await asked({ status: "paid", resultCode: "0" })).toBeNull();
        expect(await asked({ status: "refunded", resultCode: "0" })).toBeNull();
        expect(await asked({ queriedAtMs: START_MS - 1_000, nextQueryAtMs: START_MS + 7 })).toBe(START_MS + 7);
      });

      it("is asked of a payment whose money had come by itself: the prompt's own may have come as well", async () => {
        expect(await asked({ status: "paid", resultCode: null })).toBe(START_MS);
        expect(await asked({ status: "paid", resultCode: "1037" })).toBe(START_MS);
      });

      it("is not put off when it was due already", async () => {
        expect(await asked({ nextQueryAtMs: START_MS - 5 })).toBe(START_MS - 5);
      });
    });

    it("find the receipt that an unverified callback on the attempt's own address had named, the newest", async () => {
      const { attempt } = await begun({ status: "confirming" });
      expect(await store.unverifiedReceipt(attempt)).toBeNull();
      const own = { paymentId: attempt.id, secretHash: attempt.callbackSecretHash, verdict: "unverified" } as const;
      for (const callback of [
        { ...own, receivedAtMs: START_MS, receipt: "OLDRECEIPT" },
        { ...own, receivedAtMs: START_MS + 1, receipt: "NEWRECEIPT" },
        { ...own, receivedAtMs: START_MS + 2, receipt: null },
        { ...own, receivedAtMs: START_MS + 3, receipt: "STRANGER01", secretHash: null },
        { ...own, receivedAtMs: START_MS + 4, receipt: "REPEATED01", verdict: "duplicate" as const },
      ])
        await under().addReadCallback({ id: newId("cb"), ...callback });
      expect(await store.unverifiedReceipt(attempt)).toBe("NEWRECEIPT");
    });
  });

  it("names what is overdue, and nothing else", async () => {
    const lateBooking = { createdAtMs: START_MS };
    const at = START_MS - 50_000_000;
    const limits = { requestedBeforeMs: at + 1_000, promptedBeforeMs: at + 2_000, undecidedBeforeMs: at + 3_000 };
    const overdue = [
      await begun({ status: "requested", requestedAtMs: at + 1_000 }, lateBooking),
      await begun({ status: "prompted", requestedAtMs: at + 2, promptExpiresAtMs: at + 2_000, checkoutRequestId: "ws_CO_o1" }),
      await begun({ status: "confirming", requestedAtMs: at + 3, checkoutRequestId: null }),
      await begun({ status: "confirming", requestedAtMs: at + 4, checkoutRequestId: "ws_CO_o3" }),
    ].map(({ attempt }) => attempt.id);
    await begun({ status: "requested", requestedAtMs: at + 1_001 });
    await begun({ status: "prompted", requestedAtMs: at, promptExpiresAtMs: at + 2_001, checkoutRequestId: "ws_CO_o2" });
    await begun({ status: "confirming", requestedAtMs: at + 3_001, checkoutRequestId: null });
    await begun({ status: "failed", requestedAtMs: at });
    expect((await store.overdue(limits, 10)).map(({ id }) => id).toSorted()).toEqual(overdue.toSorted());
    expect(await store.overdue(limits, 2)).toHaveLength(2);
  });

  describe("bookings that nobody paid", () => {
    /** Older than every other case's. */
    const old = START_MS - 90_000_000;
    const lapse = (most = 50, compose: ComposeLapse = async () => []) => store.lapseBookings(old, most, compose);

    it("lapse when their time is over, pending, without an open attempt and without a question", async () => {
      const unpaid = await inserted({ expiresAtMs: old });
      const failed = (await begun({ status: "failed" }, { expiresAtMs: old })).booking;
      const kept = [
        (await begun({ status: "prompted" }, { expiresAtMs: old })).booking,
        (await begun({ status: "failed", nextQueryAtMs: LAST_MS }, { expiresAtMs: old })).booking,
        await inserted({ expiresAtMs: old, status: "booked" }),
        await inserted({ expiresAtMs: old + 1 }),
      ];
      expect((await lapse()).toSorted()).toEqual([unpaid.id, failed.id].toSorted());
      expect((await store.load(unpaid.id))?.booking).toEqual({ ...unpaid, status: "lapsed", version: 2 });
      for (const { id, status, version } of kept) expect((await store.load(id))?.booking).toMatchObject({ status, version });
      expect(await lapse()).toEqual([]);
    });

    it("lapse together with the message that says so", async () => {
      const { id } = await inserted({ expiresAtMs: old });
      const message = { id: newId("msg"), type: "booking.lapsed", paymentId: null, payload: "{}", createdAtMs: old };
      const composed: BookingFile[] = [];
      const compose: ComposeLapse = async (lapsed) => {
        composed.push(lapsed);
        return [message];
      };
      expect(await lapse(50, compose)).toEqual([id]);
      expect(composed).toMatchObject([{ booking: { id, status: "lapsed", version: 2 } }]);
      expect(await under().rowsOf("webhook_messages", "id", message.id)).toMatchObject([{ type: "booking.lapsed", booking_id: id }]);
    });

    it("are taken a few at a time, the oldest first", async () => {
      const older = await inserted({ expiresAtMs: old - 2 });
      await inserted({ expiresAtMs: old - 1 });
      expect(await lapse(1)).toEqual([older.id]);
      expect(await lapse()).toHaveLength(1);
    });

    it("a payment that starts at that moment wins whole or loses whole", async () => {
      const rounds = [];
      for (let index = 0; index < 10; index++) rounds.push(await inserted({ expiresAtMs: old }));
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

async function takeAllDue(store: PaymentStore, nowMs: number): Promise<string[]> {
  const taken: string[] = [];
  while ((await store.accountsToQuery(nowMs, nowMs)).length > 0) {
    const attempt = await store.takeDueQuery(null, nowMs, 1_000_000_000);
    if (attempt) taken.push(attempt.id);
  }
  return taken;
}
