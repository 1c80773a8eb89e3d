import { beforeAll, expect, it } from "vitest";
import { insertTestSite, newId, START_MS } from "../../payments/testing.ts";
import { describeOnEachDatabase } from "../../platform/testing.ts";
import { webhooksUnderTest } from "../webhooks-under-test.ts";
import { createDeliveryList } from "./delivery-list.ts";
import { createDeliveryStore, type ClaimedDelivery, type TryOutcome } from "./delivery-store.ts";

const LEASE_MS = 30_000;
const MINUTE_MS = 60_000;

describeOnEachDatabase("the store of deliveries", (database) => {
  beforeAll(() => insertTestSite(database()));
  const store = () => createDeliveryStore(database());
  const list = () => createDeliveryList(database());
  const under = () => webhooksUnderTest(database());
  const claim = (endpointId: string, nowMs = START_MS, most = 100, leaseId = newId("lease")) =>
    store().claim({ endpointId, most, nowMs, leaseId, leaseMs: LEASE_MS });
  const idsOf = (claimed: readonly ClaimedDelivery[]) => claimed.map(({ messageId }) => messageId).toSorted();
  const outcome = ({ id }: ClaimedDelivery, leaseId: string, facts: Partial<TryOutcome> = {}): TryOutcome => ({
    id,
    leaseId,
    isDelivered: true,
    tries: 1,
    nextTryAtMs: null,
    atMs: START_MS,
    status: 204,
    problem: null,
    answer: "",
    ...facts,
  });

  it("gives one booking's messages out one after the other, and others at the same time", async () => {
    const { id } = await under().added();
    const [first, second] = await under().told("bk_a", 2, ["payment.paid", "booking.booked"]);
    const [third] = await under().told("bk_a", 3, ["payment.refunded"]);
    const [other] = await under().told("bk_b", 9, ["payment.failed"]);
    let claimed = await claim(id, START_MS, 100, "lease-1");
    expect(new Set(idsOf(claimed))).toEqual(new Set([first, other]));
    expect(await claim(id)).toEqual([]);
    for (const next of [second, third]) {
      await store().record(claimed.map((delivery) => outcome(delivery, "lease-1")));
      claimed = await claim(id, START_MS, 100, "lease-1");
      expect(idsOf(claimed)).toEqual([next]);
    }
  });

  it("a message that failed holds up its booking until its next try, and nobody else", async () => {
    const { id } = await under().added();
    const [first, second] = await under().told("bk_a", 2, ["payment.paid", "booking.booked"]);
    const [claimed] = await claim(id, START_MS, 100, "lease-2");
    if (!claimed) throw new Error("nothing was claimed");
    await store().record([
      outcome(claimed, "lease-2", { isDelivered: false, nextTryAtMs: START_MS + MINUTE_MS, status: 500, problem: "answered 500" }),
    ]);
    const [other] = await under().told("bk_c", 2, ["payment.paid"]);
    expect(idsOf(await claim(id, START_MS + MINUTE_MS - 1))).toEqual([other]);
    expect(idsOf(await claim(id, START_MS + MINUTE_MS, 100, "lease-3"))).toEqual([first]);
    // After the last try it is given up, and the next one goes.
    await store().record([outcome(claimed, "lease-3", { isDelivered: false, nextTryAtMs: null, tries: 10 })]);
    expect(idsOf(await claim(id, START_MS + MINUTE_MS))).toEqual([second]);
  });

  it("what a dead copy had claimed is claimed again when its lease is over; its late failure changes nothing, its late success does", async () => {
    const { id } = await under().added();
    await under().told("bk_a", 2, ["payment.paid"]);
    const [claimed] = await claim(id, START_MS, 100, "lease-dead");
    if (!claimed) throw new Error("nothing was claimed");
    expect(await claim(id, START_MS + LEASE_MS - 1)).toEqual([]);
    expect(await claim(id, START_MS + LEASE_MS, 100, "lease-new")).toHaveLength(1);
    await store().record([outcome(claimed, "lease-dead", { isDelivered: false, nextTryAtMs: START_MS, status: null, problem: "no" })]);
    expect(await claim(id, START_MS + LEASE_MS)).toEqual([]);
    await store().record([outcome(claimed, "lease-dead")]);
    expect(await list().one("site_test", claimed.id)).toMatchObject({ status: "delivered" });
  });

  it("each is claimed by one of many copies", async () => {
    const { id } = await under().added();
    for (let index = 0; index < 40; index++) await under().told(`bk_many_${index}`, 2, ["payment.paid"]);
    const all = await Promise.all(Array.from({ length: 8 }, () => claim(id, START_MS, 10)));
    const rest = await claim(id);
    const ids = idsOf([...all.flat(), ...rest]);
    expect(ids).toHaveLength(40);
    expect(new Set(ids).size).toBe(40);
  });

  it("is not claimed twice if another copy claims it between the look and the claim", async () => {
    const { id } = await under().added();
    await under().told("bk_between", 2, ["payment.paid"]);
    let first: ClaimedDelivery[] = [];
    const knex = new Proxy(database().knex, {
      apply(target, self, args) {
        const query = Reflect.apply(target, self, args);
        const { update } = query;
        query.update = async (row: object) => {
          first = await claim(id);
          return update.call(query, row);
        };
        return query;
      },
    });
    const late = createDeliveryStore({ ...database(), knex });
    expect(await late.claim({ endpointId: id, most: 100, nowMs: START_MS, leaseId: newId("lease"), leaseMs: LEASE_MS })).toEqual([]);
    expect(first).toHaveLength(1);
  });

  it("only endpoints that want a type get it", async () => {
    const [all, some] = [await under().added(), await under().added({ events: ["payment.paid_late", "booking.lapsed"] })];
    const [paid, late] = await under().told("bk_types", 2, ["payment.paid", "payment.paid_late"]);
    expect(idsOf(await claim(some.id))).toEqual([late]);
    expect(idsOf(await claim(all.id))).toEqual([paid]);
  });

  it("many outcomes are written at once, each its own", async () => {
    const { id } = await under().added();
    for (let index = 0; index < 6; index++) await under().told(`bk_batch_${index}`, 2, ["payment.paid"]);
    const claimed = await claim(id, START_MS, 100, "lease-4");
    await store().record(
      claimed.map((delivery, index) =>
        index % 2 === 0
          ? outcome(delivery, "lease-4", { answer: `ünï😀 ${index}` })
          : outcome(delivery, "lease-4", {
              isDelivered: false,
              nextTryAtMs: START_MS + index,
              status: null,
              problem: "p".repeat(300),
              answer: null,
            }),
      ),
    );
    const views = await Promise.all(claimed.map((delivery) => list().one("site_test", delivery.id)));
    for (const [index, view] of views.entries()) {
      if (index % 2 === 0) expect(view).toMatchObject({ status: "delivered", lastStatus: 204, lastAnswer: `ünï😀 ${index}`, tries: 1 });
      else expect(view).toMatchObject({ status: "waiting", nextTryAt: START_MS + index, lastProblem: "p".repeat(200) });
    }
  });

  it("old messages go, delivered or not", async () => {
    const old = START_MS - 100_000_000;
    const { id } = await under().added();
    await under().told("bk_old", 2, ["payment.paid", "booking.booked"], old);
    await under().told("bk_new", 2, ["payment.paid"]);
    while ((await store().deleteBefore(old + 1, 1)) > 0);
    expect((await list().page("site_test", id, { limit: 50 })).data).toMatchObject([{ bookingId: "bk_new" }]);
    expect(await database().knex("webhook_messages").where({ booking_id: "bk_old" })).toEqual([]);
  });
});
