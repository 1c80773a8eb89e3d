import { beforeAll, expect, it } from "vitest";
import { describeOnEachDatabase } from "../../platform/testing.ts";
import type { Attempt } from "../payment.ts";
import { createPaymentStore } from "./payment-store.ts";
import { insertTestSite, newAttempt, newBooking, newChange, newId, START_MS } from "../testing.ts";

describeOnEachDatabase("the questions to Safaricom", (database) => {
  const siteId = newId("site");
  beforeAll(async () => {
    await insertTestSite(database());
    const [row] = await database().knex("sites").select();
    const own = { id: siteId, name: siteId, publishable_key: `pk_${siteId}`, secret_key_hash: siteId };
    await database()
      .knex("sites")
      .insert({ ...row, ...own });
  });

  it("are shared between the sites: one with many open payments does not keep the other waiting", async () => {
    const store = createPaymentStore(database());
    const open = async (facts: { siteId?: string }, nextQueryAtMs: number): Promise<string> => {
      const booking = newBooking(facts);
      await store.insertBooking(booking, null);
      const attempt = newAttempt(booking, { status: "prompted", checkoutRequestId: `ws_${booking.id}`, nextQueryAtMs });
      expect(await store.commit(newChange(booking, attempt))).toBe("committed");
      return attempt.id;
    };
    const busy = [await open({}, START_MS + 1), await open({}, START_MS + 2), await open({}, START_MS + 3)];
    const quiet = [await open({ siteId }, START_MS + 4), await open({ siteId }, START_MS + 5)];

    const order: string[] = [];
    for (let turn = 1; turn <= 5; turn++) {
      const nowMs = START_MS + turn * 1_000;
      const attempt = await store.takeDueQuery(null, nowMs, 60_000);
      if (!attempt) throw new Error("nothing is due");
      order.push(attempt.id);
      await store.scheduleQuery(attempt.id, { askedAtMs: nowMs, queriedAtMs: nowMs, nextQueryAtMs: null, asked: 1 });
    }
    expect(order).toEqual([busy[0], quiet[0], busy[1], quiet[1], busy[2]]);
  });

  it("go to what is open or unverified first, whichever site's it is: what has ended waits", async () => {
    const store = createPaymentStore(database());
    const dueAt = START_MS + 1_000_000;
    const due = async (facts: Partial<Attempt>, dueSinceMs: number): Promise<string> => {
      const booking = newBooking();
      await store.insertBooking(booking, null);
      const attempt = newAttempt(booking, { checkoutRequestId: `ws_${booking.id}`, nextQueryAtMs: dueAt - dueSinceMs, ...facts });
      expect(await store.commit(newChange(booking, attempt))).toBe("committed");
      return attempt.id;
    };
    const ended = await due({ status: "failed", reason: "no_answer", resultCode: "1037" }, 3_000);
    const unverified = await due({ status: "failed", reason: "cancelled", resultCode: "1032" }, 2_000);
    await store.requestQuery(unverified, dueAt - 2_000, dueAt);
    const open = await due({ status: "confirming" }, 1_000);
    const order: (string | undefined)[] = [];
    for (let turn = 0; turn < 3; turn++) order.push((await store.takeDueQuery(null, dueAt, 1_000_000))?.id);
    expect(order).toEqual([unverified, open, ended]);
  });
});
