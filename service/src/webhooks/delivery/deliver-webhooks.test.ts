import { Registry } from "prom-client";
import { beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { insertTestSite, newId, START_MS } from "../../payments/testing.ts";
import type { Database } from "../../platform/database.ts";
import { createIds } from "../../platform/ids.ts";
import { describeOnEachDatabase, testClock, testLogger, type TestClock } from "../../platform/testing.ts";
import { systemTimers, type Timers } from "../../platform/timers.ts";
import { checkEndpoints } from "../endpoints/endpoint-health.ts";
import type { Endpoint } from "../endpoints/endpoint.ts";
import type { PostResult, WebhookPost } from "../sending/post-webhook.ts";
import { webhooksUnderTest } from "../webhooks-under-test.ts";
import { createDeliverer, type Deliverer } from "./deliver-webhooks.ts";
import { createDeliveryList } from "./delivery-list.ts";
import { createDeliveryStore } from "./delivery-store.ts";
import { createWebhookMetrics } from "./webhook-metrics.ts";

const SECOND_MS = 1_000;
const HOUR_MS = 3_600 * SECOND_MS;
const DAY_MS = 24 * HOUR_MS;
const LEASE_MS = 30 * SECOND_MS;

const OK: PostResult = { status: 204, problem: null, answer: "" };
const ERROR: PostResult = { status: 500, problem: "answered 500", answer: "Oops" };
const GONE: PostResult = { status: 410, problem: "answered 410", answer: "" };
const NO_ANSWER: PostResult = { status: null, problem: "gave no answer", answer: null };

/** A message on its way: `webhookId` and `type` of it, and what the receiver answers. */
type Post = { webhookId: string; type: string; answer: (result: PostResult) => void };

type Receiver = {
  /** Everything that came, in its order. */
  posts: Post[];
  /** What it answers at once; null: what the test says by `answer`. */
  behave: (post: Post) => PostResult | null;
};

/** Calls back at once what the service would wait for. */
const impatient: Timers = { after: (_delayMs, work) => (queueMicrotask(work), () => undefined), each: () => () => undefined };

/** Waits for what happens in the background, on a real database: not for time to pass. */
const until = (condition: () => Promise<void>): Promise<void> => vi.waitFor(condition, { timeout: 60_000, interval: 1 });

/** One copy's deliverer, which sends to this endpoint alone: other cases have theirs in the same database. */
function copyFor(database: Database, { endpoint, receiver, clock, timers = systemTimers }: CopyParts): Deliverer {
  const { endpoints } = webhooksUnderTest(database);
  const deliverer = createDeliverer({
    deliveries: createDeliveryStore(database),
    endpoints: { ...endpoints, due: async (nowMs) => (await endpoints.due(nowMs)).filter(({ id }) => id === endpoint.id) },
    client: {
      post: (post) => receive(receiver, post),
      close: async () => undefined,
    },
    ids: createIds(clock.now),
    now: clock.now,
    timers,
    logger: testLogger().logger,
    metrics: createWebhookMetrics(new Registry()),
    random: () => 0,
  });
  return deliverer;
}

type CopyParts = { endpoint: Endpoint; receiver: Receiver; clock: TestClock; timers?: Timers };

function receive(receiver: Receiver, { headers, body, signal }: WebhookPost): Promise<PostResult> {
  return new Promise((resolve) => {
    const type = /"type":"([^"]+)"/.exec(body)?.[1] ?? "";
    const post = { webhookId: headers["webhook-id"] ?? "", type, answer: resolve };
    receiver.posts.push(post);
    signal.addEventListener("abort", () => resolve(NO_ANSWER));
    const result = receiver.behave(post);
    if (result) resolve(result);
  });
}

describeOnEachDatabase("the deliverer", (database) => {
  beforeAll(() => insertTestSite(database()));

  const begin = async (behave: Receiver["behave"]) => {
    const { endpoints, added, told } = webhooksUnderTest(database());
    const endpoint = await added();
    const clock = testClock(START_MS);
    const receiver: Receiver = { posts: [], behave };
    const parts = { endpoint, receiver, clock };
    const copies: Deliverer[] = [];
    const copy = (timers: Timers = systemTimers): Deliverer => {
      const deliverer = copyFor(database(), { ...parts, timers });
      // What hangs is cut off.
      onTestFinished(() => deliverer.stop());
      copies.push(deliverer);
      return deliverer;
    };
    const list = createDeliveryList(database());
    const deliveries = async () => (await list.page(endpoint.siteId, endpoint.id, { limit: 100 })).data;
    const deliveryOf = async (webhookId: string | undefined) => {
      const found = (await deliveries()).find((delivery) => delivery.webhookId === webhookId);
      if (!found) throw new Error("there is no such delivery");
      return found;
    };
    const typesSent = () => receiver.posts.map(({ type }) => type);
    /** Rounds, as the background work makes them, until so much has come in all. By a new copy: one that found nothing rests, and the clock stands still. */
    const sent = (count: number, deliverer = copy()) =>
      until(async () => {
        await deliverer.round();
        expect(receiver.posts.length).toBeGreaterThanOrEqual(count);
      });
    const delivered = (count: number) =>
      until(async () => expect((await deliveries()).filter(({ status }) => status === "delivered")).toHaveLength(count));
    /** Time in which no copy runs. */
    const pass = async (ms: number): Promise<void> => {
      await Promise.all(copies.map((deliverer) => deliverer.stop()));
      clock.advance(ms);
    };
    return { endpoints, endpoint, clock, pass, receiver, copy, told, deliveries, deliveryOf, typesSent, sent, delivered };
  };

  describe("sends", () => {
    it("one booking's messages one after the other, in their order, whichever copy sends them", async () => {
      const { receiver, copy, told, typesSent, sent, delivered } = await begin(() => OK);
      const bookingId = newId("bk");
      const first = await told(bookingId, 2, ["payment.paid", "booking.booked"]);
      const second = await told(bookingId, 3, ["payment.refunded", "booking.cancelled"]);
      const copies = [copy(), copy(), copy()];
      await Promise.all(copies.map((deliverer) => sent(4, deliverer)));
      await delivered(4);
      expect(typesSent()).toEqual(["payment.paid", "booking.booked", "payment.refunded", "booking.cancelled"]);
      expect(receiver.posts.map(({ webhookId }) => webhookId)).toEqual([...first, ...second]);
    });

    it("nothing more of a booking while its message has no answer, and other bookings' messages", async () => {
      const { receiver, copy, told, typesSent, sent, delivered } = await begin(({ type }) => (type === "payment.paid" ? null : OK));
      await told(newId("bk"), 2, ["payment.paid", "booking.booked"]);
      await told(newId("bk"), 2, ["payment.failed"]);
      await sent(2);
      await delivered(1);
      await copy().round();
      expect(typesSent().toSorted()).toEqual(["payment.failed", "payment.paid"]);
      receiver.posts.find(({ type }) => type === "payment.paid")?.answer(OK);
      await delivered(3);
      expect(typesSent().at(-1)).toBe("booking.booked");
    });

    it("what another copy took and did not finish, once its lease is over; a late failure of that copy changes nothing", async () => {
      const { receiver, clock, copy, told, sent, delivered, deliveryOf } = await begin(() => null);
      const [webhookId] = await told(newId("bk"), 2, ["payment.paid"]);
      await sent(1);
      clock.advance(LEASE_MS - 1);
      await copy().round();
      expect(receiver.posts).toHaveLength(1);
      clock.advance(1);
      await sent(2);
      expect(receiver.posts.map((post) => post.webhookId)).toEqual([webhookId, webhookId]);
      receiver.posts[1]?.answer(OK);
      await delivered(1);
      receiver.posts[0]?.answer(ERROR);
      await until(async () => expect(await deliveryOf(webhookId)).toMatchObject({ status: "delivered", tries: 1, lastStatus: 204 }));
    });

    it("what it had under way when it was stopped, through another copy at once", async () => {
      const { receiver, copy, told, sent, deliveryOf } = await begin(() => null);
      const [webhookId] = await told(newId("bk"), 2, ["payment.paid"]);
      const stopping = copy(impatient);
      await sent(1, stopping);
      await stopping.stop();
      expect(await deliveryOf(webhookId)).toMatchObject({ status: "waiting", tries: 0 });
      await sent(2);
      expect(receiver.posts.map((post) => post.webhookId)).toEqual([webhookId, webhookId]);
    });
  });

  describe("a message that fails", () => {
    it("is sent again nine times over three days, and then lets the next one of its booking go", async () => {
      const { clock, copy, told, sent, typesSent, deliveryOf, delivered } = await begin(({ type }) =>
        type === "payment.paid" ? ERROR : OK,
      );
      const [webhookId] = await told(newId("bk"), 2, ["payment.paid", "booking.booked"]);
      const pausesMs: number[] = [];
      for (let tries = 1; tries <= 9; tries++) {
        await sent(tries);
        await until(async () => expect(await deliveryOf(webhookId)).toMatchObject({ status: "waiting", tries, lastStatus: 500 }));
        const { nextTryAt = 0 } = await deliveryOf(webhookId);
        pausesMs.push(nextTryAt - clock.now());
        clock.advance(nextTryAt - clock.now() - 1);
        await copy().round();
        expect(typesSent()).toHaveLength(tries);
        clock.advance(1);
      }
      expect(pausesMs.map((ms) => ms / SECOND_MS)).toEqual([5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400]);
      await sent(10);
      await until(async () => expect(await deliveryOf(webhookId)).toMatchObject({ status: "failed", tries: 10, lastAnswer: "Oops" }));
      await sent(11);
      await delivered(1);
      expect(typesSent().at(-1)).toBe("booking.booked");
    });

    it("holds up its own booking only", async () => {
      const { clock, receiver, told, sent, typesSent, deliveryOf, delivered } = await begin(({ type }) =>
        type === "payment.paid" ? ERROR : OK,
      );
      const [webhookId] = await told(newId("bk"), 2, ["payment.paid", "booking.booked"]);
      for (let count = 0; count < 5; count++) await told(newId("bk"), 2, ["payment.failed"]);
      await sent(6);
      await delivered(5);
      await until(async () => expect(await deliveryOf(webhookId)).toMatchObject({ tries: 1 }));
      receiver.behave = () => OK;
      clock.advance(5 * SECOND_MS);
      await sent(8);
      await delivered(7);
      expect(typesSent().slice(-2)).toEqual(["payment.paid", "booking.booked"]);
    });
  });

  describe("an endpoint", () => {
    it("that answers 410 is disabled and gets nothing more; enabled again, it gets what has waited, in order", async () => {
      const { endpoints, endpoint, clock, pass, receiver, copy, told, sent, typesSent, delivered } = await begin(() => GONE);
      const bookingId = newId("bk");
      await told(bookingId, 2, ["payment.paid", "booking.booked"]);
      await sent(1);
      await until(async () => expect(await endpoints.byId(null, endpoint.id)).toMatchObject({ status: "disabled", disabledWhy: "gone" }));
      await told(bookingId, 3, ["payment.refunded"]);
      await pass(HOUR_MS);
      await copy().round();
      expect(typesSent()).toEqual(["payment.paid"]);
      receiver.behave = () => OK;
      await endpoints.change(endpoint.id, { status: "enabled" }, clock.now());
      await sent(4);
      await delivered(3);
      expect(typesSent().slice(1)).toEqual(["payment.paid", "booking.booked", "payment.refunded"]);
    });

    it("that has failed for five days is disabled and gets nothing more; one that has worked meanwhile is not", async () => {
      const { endpoints, endpoint, clock, pass, receiver, copy, told, sent, typesSent, delivered } = await begin(() => NO_ANSWER);
      const health = { endpoints, now: clock.now, logger: testLogger().logger };
      const present = () => endpoints.byId(null, endpoint.id);
      await told(newId("bk"), 2, ["payment.paid"]);
      await sent(1);
      await until(async () => expect(await present()).toMatchObject({ failingSinceMs: START_MS, lastFailure: "gave no answer" }));
      receiver.behave = () => OK;
      await pass(4 * DAY_MS);
      await sent(2);
      await until(async () => expect(await present()).toMatchObject({ failingSinceMs: null }));
      await pass(DAY_MS);
      await checkEndpoints(health);
      expect(await present()).toMatchObject({ status: "enabled" });
      receiver.behave = () => ERROR;
      await told(newId("bk"), 2, ["payment.failed"], clock.now());
      await sent(3);
      await until(async () => expect(await present()).toMatchObject({ failingSinceMs: clock.now() }));
      await pass(5 * DAY_MS);
      await checkEndpoints(health);
      expect(await present()).toMatchObject({ status: "disabled", disabledWhy: "failing" });
      await copy().round();
      expect(typesSent()).toEqual(["payment.paid", "payment.paid", "payment.failed"]);
      receiver.behave = () => OK;
      await endpoints.change(endpoint.id, { status: "enabled" }, clock.now());
      await sent(4);
      await delivered(2);
    });
  });
});
