import { beforeAll, expect, it } from "vitest";
import type { PushReply } from "../daraja/daraja-types.ts";
import { describeOnEachDatabase } from "../platform/testing.ts";
import { ServiceError } from "../platform/errors.ts";
import { createIdempotencyKeys, HOLDER_DEAD_AFTER_MS } from "../platform/idempotency.ts";
import type { Attempt } from "./payment.ts";
import type { PaymentsDependencies } from "./payments-dependencies.ts";
import { paymentsUnderTest, type PaymentsUnderTest } from "./payments-under-test.ts";
import { resumePayment, startPayment } from "./start-payment.ts";
import type { StoredCallback } from "./store/callback-inbox.ts";
import { insertTestSite, newChange, newId } from "./testing.ts";

const PHONE = "254711000001";
const accepted = (): PushReply => ({ kind: "accepted", checkoutRequestId: newId("ws_CO"), merchantRequestId: null });

describeOnEachDatabase("starting a payment", (database) => {
  beforeAll(() => insertTestSite(database()));
  /** Payments whose push is answered by `push`. */
  const withPush = (push: () => PushReply | Promise<PushReply>, changed: Partial<PaymentsDependencies> = {}): PaymentsUnderTest =>
    paymentsUnderTest(database(), { ...changed, daraja: { push: async () => push() } });
  const start = async (under: PaymentsUnderTest, bookingId: string) =>
    startPayment(under.deps, { file: await under.fileOf({ id: bookingId }), phone: PHONE, address: "127.0.0.1", claim: null });
  const attemptsOf = async (under: PaymentsUnderTest, booking: { id: string }): Promise<readonly Attempt[]> =>
    (await under.fileOf(booking)).attempts;

  it("commits the attempt before it sends the push", async () => {
    const seen: Attempt[] = [];
    const under = withPush(async () => {
      seen.push(...(await attemptsOf(under, booking)));
      return accepted();
    });
    const booking = await under.inserted();
    await start(under, booking.id);
    expect(seen).toMatchObject([{ status: "requested", phone: PHONE }]);
    expect(await attemptsOf(under, booking)).toMatchObject([{ status: "prompted" }]);
  });

  it("commits the attempt with its idempotency key, for a caller that resumes", async () => {
    const under = withPush(accepted);
    const { id: bookingId } = await under.inserted();
    const keys = createIdempotencyKeys(database(), under.clock.now);
    const claim = { scope: `pay:${bookingId}`, key: newId("key") };
    await keys.claim(claim, "hash");
    const file = await under.fileOf({ id: bookingId });
    await startPayment(under.deps, { file, phone: PHONE, address: "127.0.0.1", claim });
    under.clock.advance(HOLDER_DEAD_AFTER_MS);
    const [attempt] = await attemptsOf(under, { id: bookingId });
    expect(await keys.claim(claim, "hash")).toEqual({ kind: "resume", resourceId: attempt?.id });
  });

  it("sends no push if the commit fails", async () => {
    let pushes = 0;
    const under = withPush(() => {
      pushes += 1;
      return accepted();
    });
    const booking = await under.inserted();
    const commit = () => Promise.reject(new Error("the database went away"));
    const failing = { ...under, deps: { ...under.deps, store: { ...under.deps.store, commit } } };
    await expect(start(failing, booking.id)).rejects.toThrow("the database went away");
    expect(pushes).toBe(0);
  });

  it("sends no push and commits nothing if the limit is reached", async () => {
    let pushes = 0;
    const refuse = () => Promise.reject(new ServiceError("too_many_requests", { retryAfterMs: 7_000 }));
    const limits = { consume: refuse, consumeBooking: refuse, consumeCode: refuse };
    const under = withPush(
      () => {
        pushes += 1;
        return accepted();
      },
      { limits },
    );
    const booking = await under.inserted();
    await expect(start(under, booking.id)).rejects.toMatchObject({ code: "too_many_requests", extras: { retryAfterMs: 7_000 } });
    expect(pushes).toBe(0);
    expect(await attemptsOf(under, booking)).toEqual([]);
  });

  it.each<[string, Partial<Attempt> | null, "pending" | "booked" | "lapsed", string]>([
    ["is paid", { status: "paid", receipt: "" }, "pending", "already_paid"],
    ["is booked and refunded", { status: "refunded" }, "booked", "already_paid"],
    ["has an open attempt", { status: "confirming" }, "pending", "attempt_open"],
    ["has lapsed", null, "lapsed", "booking_lapsed"],
  ])("does not count towards the limit if the booking %s", async (_what, attempt, status, code) => {
    let asked = 0;
    const count = async (): Promise<void> => void (asked += 1);
    const under = withPush(accepted, { limits: { consume: count, consumeBooking: count, consumeCode: count } });
    const facts = attempt && { ...attempt, ...(attempt.receipt === "" && { receipt: newId("UK") }) };
    const booking = facts ? (await under.begun(facts, { status })).booking : await under.inserted({ status });
    await expect(start(under, booking.id)).rejects.toMatchObject({ code });
    expect(asked).toBe(0);
  });

  it("publishes the attempt before the push is answered, and again with the reply", async () => {
    const under = withPush(async () => {
      await expect.poll(() => under.published).toEqual([{ bookingId: booking.id, version: 2 }]);
      return accepted();
    });
    const booking = await under.inserted();
    await start(under, booking.id);
    expect(under.published.map(({ version }) => version)).toEqual([2, 3]);
  });

  it.each<[string, PushReply, { settled?: boolean; code?: string; retryAfterMs?: number }]>([
    ["an accepted push is settled", { kind: "accepted", checkoutRequestId: "", merchantRequestId: null }, { settled: true }],
    ["an unclear push is not settled", { kind: "unclear", message: "no reply" }, { settled: false }],
    ["a refused push is an error", { kind: "refused", reason: "rejected", code: "400.002.02", message: "no" }, { code: "payment_refused" }],
    [
      "a busy refusal has a Retry-After, even if Safaricom names none",
      { kind: "refused", reason: "busy", code: "unsent", message: "no" },
      { code: "payment_unavailable", retryAfterMs: 10_000 },
    ],
  ])("%s", async (_what, reply, { settled, code, retryAfterMs }) => {
    const under = withPush(() => (reply.kind === "accepted" ? accepted() : reply));
    const booking = await under.inserted();
    const started = start(under, booking.id);
    if (code === undefined) expect(await started).toMatchObject({ settled });
    else await expect(started).rejects.toMatchObject({ code, extras: { ...(retryAfterMs !== undefined && { retryAfterMs }) } });
  });

  it("returns a failure by callback as an outcome, not as an error", async () => {
    const under = withPush(async () => {
      const { booking: present, attempts } = await under.fileOf(booking);
      const [before] = attempts;
      if (!before) throw new Error("no attempt");
      const failed = { ...before, status: "failed", reason: "cancelled", resultCode: "1032", checkoutRequestId: newId("ws_CO") } as const;
      await under.deps.store.commit(newChange(present, failed, { before }));
      return accepted();
    });
    const booking = await under.inserted();
    expect(await start(under, booking.id)).toMatchObject({ settled: true, view: { payment_status: "failed" } });
  });

  it("stores the push reply in the inbox if the database is away", async () => {
    const kept: StoredCallback[] = [];
    const reply = accepted();
    const under = withPush(() => reply);
    const { store } = under.deps;
    let isAway = false;
    const gone = (): Promise<never> => Promise.reject(Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" }));
    const failing = {
      ...under,
      deps: {
        ...under.deps,
        store: { ...store, loadByAttempt: (id: string) => (isAway ? gone() : store.loadByAttempt(id)) },
        daraja: {
          ...under.deps.daraja,
          push: async () => {
            isAway = true;
            return reply;
          },
        },
        inbox: {
          ...under.deps.inbox,
          store: async (callback: StoredCallback) => {
            kept.push(callback);
            return "journal" as const;
          },
        },
      },
    };
    const booking = await under.inserted();
    await expect(start(failing, booking.id)).rejects.toThrow("ECONNREFUSED");
    const [attempt] = await attemptsOf(under, booking);
    expect(kept).toMatchObject([{ kind: "push", secretHash: attempt?.callbackSecretHash, body: JSON.stringify(reply) }]);
  });
});

describeOnEachDatabase("resuming a payment whose first caller died", (database) => {
  beforeAll(() => insertTestSite(database()));

  it.each<[Attempt["status"], Attempt["status"]]>([
    ["requested", "confirming"],
    ["prompted", "prompted"],
    ["failed", "failed"],
  ])("turns %s into %s", async (before, after) => {
    const under = paymentsUnderTest(database());
    const reason = before === "failed" ? "cancelled" : null;
    const checkoutRequestId = before === "requested" ? null : newId("ws_CO");
    const { attempt } = await under.begun({ status: before, reason, checkoutRequestId });
    expect(await resumePayment(under.deps, attempt.id)).toMatchObject({ settled: after !== "confirming" });
    expect(await under.reload(attempt)).toMatchObject({ status: after });
  });

  it("returns an attempt that was given up as an outcome, and one that Safaricom refused as an error", async () => {
    const under = paymentsUnderTest(database());
    const unknown = await under.begun({ status: "failed", reason: "unknown" });
    expect(await resumePayment(under.deps, unknown.attempt.id)).toMatchObject({ settled: true, view: { payment_status: "failed" } });
    const refused = await under.begun({ status: "failed", reason: "rejected", resultCode: "400.002.02" });
    await expect(resumePayment(under.deps, refused.attempt.id)).rejects.toMatchObject({ code: "payment_refused" });
  });
});
