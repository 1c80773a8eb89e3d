import { beforeAll, describe, expect, it } from "vitest";
import type { CommandReply, DarajaClient } from "../../daraja/daraja-types.ts";
import { describeOnEachDatabase } from "../../platform/testing.ts";
import type { Attempt } from "../payment.ts";
import { accountsWith, CREDENTIALS, paymentsUnderTest, type PaymentsUnderTest } from "../payments-under-test.ts";
import { insertTestSite, newId, SITE_ID } from "../testing.ts";
import { endOverdueRefunds, settleRefund, startRefund } from "./refund-payment.ts";
import type { Refund } from "./refund-store.ts";

const AWAITED_MS = 2 * 60_000;
const ACCEPTED: CommandReply = { kind: "accepted", conversationId: "AG_1" };
const DONE = { kind: "done", code: "0", message: "done" } as const;

describeOnEachDatabase("a refund", (database) => {
  beforeAll(() => insertTestSite(database()));
  const withReply = (reply: () => CommandReply | Promise<CommandReply>): PaymentsUnderTest =>
    paymentsUnderTest(database(), { daraja: { reverse: async () => reply() } });
  const newReceipt = () => newId("UKN").replace("_", "").slice(0, 12);
  const paid = async (under: PaymentsUnderTest, facts: Partial<Attempt> = {}): Promise<Attempt> =>
    (await under.begun({ status: "paid", receipt: newReceipt(), resultCode: "0", ...facts }, { status: "booked" })).attempt;
  const ask = ({ deps }: PaymentsUnderTest, { id }: Attempt, siteId: string | null = SITE_ID) =>
    startRefund(deps, { paymentId: id, siteId, remarks: "Refund", decision: { actor: "Amani", note: "ill" }, claim: null });
  const theRefund = async (under: PaymentsUnderTest, { id }: Attempt): Promise<Refund> => {
    const refund = (await under.deps.refunds.ofPayment(id)).at(-1);
    if (!refund) throw new Error("no refund");
    return refund;
  };

  it("is committed before the reversal is sent", async () => {
    let attempt: Attempt | null = null;
    const seen: (string | undefined)[] = [];
    const under = withReply(async () => {
      if (attempt) seen.push((await theRefund(under, attempt)).status);
      return ACCEPTED;
    });
    attempt = await paid(under);
    expect(await ask(under, attempt)).toMatchObject({ status: "sent", receipt: attempt.receipt });
    expect(seen).toEqual(["requested"]);
  });

  it("gives all of the payment back, surplus or not, from the account that has the money", async () => {
    const own = { id: "acct_own", credentials: { ...CREDENTIALS, shortcode: "600111" } };
    const accounts = { ...accountsWith(CREDENTIALS), ofPayment: async () => own };
    const sent: unknown[] = [];
    const reverse: DarajaClient["reverse"] = async ({ shortcode }, { receipt, amountKes }) => {
      sent.push({ shortcode, receipt, amountKes });
      return ACCEPTED;
    };
    const under = paymentsUnderTest(database(), { accounts, daraja: { reverse } });
    const attempt = await paid(under, { amountKes: 2_000, surplusKes: 500 });
    await ask(under, attempt);
    expect(sent).toEqual([{ shortcode: "600111", receipt: attempt.receipt, amountKes: 2_000 }]);
    expect(await theRefund(under, attempt)).toMatchObject({ amountKes: 2_000, mpesaAccountId: own.id });
  });

  it("is refused with a Retry-After while another is open, and allowed after two minutes", async () => {
    let asked = 0;
    const under = withReply(() => {
      asked += 1;
      return ACCEPTED;
    });
    const attempt = await paid(under);
    await ask(under, attempt);
    under.clock.advance(AWAITED_MS);
    await expect(ask(under, attempt)).rejects.toMatchObject({ code: "refund_open", extras: { retryAfterMs: AWAITED_MS } });
    expect(asked).toBe(1);
    under.clock.advance(1);
    await ask(under, attempt);
    expect(asked).toBe(2);
  });

  describe("is not sent", () => {
    const never = () => withReply(() => Promise.reject(new Error("nobody was to ask")));

    it.each<[string, Partial<Attempt>]>([
      ["failed", { status: "failed", receipt: null, reason: "cancelled" }],
      ["open", { status: "prompted", receipt: null }],
      ["refunded already", { status: "refunded" }],
      ["paid without a receipt yet", { receipt: null }],
    ])("for a payment that is %s", async (_what, facts) => {
      const under = never();
      const attempt = await paid(under, facts);
      await expect(ask(under, attempt)).rejects.toMatchObject({ code: "not_refundable" });
      expect(await under.deps.refunds.ofPayment(attempt.id)).toEqual([]);
    });

    it("for another site's payment, except by the operator", async () => {
      const under = withReply(() => ACCEPTED);
      const attempt = await paid(under);
      await expect(ask(under, attempt, "site_other")).rejects.toMatchObject({ code: "payment_not_found" });
      expect(await ask(under, attempt, null)).toMatchObject({ status: "sent" });
    });

    it("without an initiator", async () => {
      const { initiator: _, ...credentials } = CREDENTIALS;
      const under = paymentsUnderTest(database(), { accounts: accountsWith(credentials) });
      await expect(ask(under, await paid(under))).rejects.toMatchObject({ code: "refunds_not_set_up" });
    });
  });

  it("with an unclear reply waits for the result", async () => {
    const under = withReply(() => ({ kind: "unclear", message: "no reply" }));
    const attempt = await paid(under);
    expect(await ask(under, attempt)).toMatchObject({ status: "sent", note: "no reply" });
    expect(await settleRefund(under.deps, await theRefund(under, attempt), DONE)).toBe("verified");
    expect(await under.reload(attempt)).toMatchObject({ status: "refunded" });
  });

  it("that Safaricom refuses fails, and the payment stays paid", async () => {
    const under = withReply(() => ({ kind: "refused", reason: "busy", code: "500", message: "busy" }));
    const attempt = await paid(under);
    await expect(ask(under, attempt)).rejects.toMatchObject({ code: "refund_refused" });
    expect(await theRefund(under, attempt)).toMatchObject({ status: "failed", resultCode: "500", endedAtMs: under.clock.now() });
    expect(await under.reload(attempt)).toMatchObject({ status: "paid" });
  });

  it("is done only after its payment is refunded, so that the same result can be processed again", async () => {
    const under = withReply(() => ACCEPTED);
    const attempt = await paid(under);
    await ask(under, attempt);
    const refund = await theRefund(under, attempt);
    const commit = () => Promise.reject(new Error("the process dies here"));
    const dying = { ...under.deps, store: { ...under.deps.store, commit } };
    await expect(settleRefund(dying, refund, DONE)).rejects.toThrow("the process dies here");
    expect(await theRefund(under, attempt)).toMatchObject({ status: "sent" });
    expect(await settleRefund(under.deps, refund, DONE)).toBe("verified");
    expect([(await theRefund(under, attempt)).status, (await under.reload(attempt)).status]).toEqual(["done", "refunded"]);
    expect(await settleRefund(under.deps, refund, DONE)).toBe("duplicate");
  });

  it("with a failed result fails once, and the payment stays paid", async () => {
    const under = withReply(() => ACCEPTED);
    const attempt = await paid(under);
    await ask(under, attempt);
    const refund = await theRefund(under, attempt);
    const failed = { kind: "failed", code: "2001", message: "no", isMisconfigured: true } as const;
    expect(await settleRefund(under.deps, refund, failed)).toBe("verified");
    expect(await settleRefund(under.deps, refund, failed)).toBe("duplicate");
    expect([(await theRefund(under, attempt)).status, (await under.reload(attempt)).status]).toEqual(["failed", "paid"]);
  });

  it.each([
    ["Safaricom's queue times out", "timeout", "verified"],
    ["its result is unreadable", { kind: "unreadable", why: "not a result" }, "unverified"],
  ] as const)("is unknown if %s, and a late result still decides it", async (_what, outcome, verdict) => {
    const under = withReply(() => ACCEPTED);
    const attempt = await paid(under);
    await ask(under, attempt);
    const refund = await theRefund(under, attempt);
    expect(await settleRefund(under.deps, refund, outcome)).toBe(verdict);
    expect([(await theRefund(under, attempt)).status, (await under.reload(attempt)).status]).toEqual(["unknown", "paid"]);
    expect(await settleRefund(under.deps, refund, DONE)).toBe("verified");
    // A later notice does not undo the result.
    await settleRefund(under.deps, refund, outcome);
    expect([(await theRefund(under, attempt)).status, (await under.reload(attempt)).status]).toEqual(["done", "refunded"]);
  });

  it("without a result is unknown after two minutes, and logged as an error", async () => {
    const under = withReply(() => ACCEPTED);
    const attempt = await paid(under);
    await ask(under, attempt);
    under.clock.advance(AWAITED_MS);
    await endOverdueRefunds(under.deps);
    expect(await theRefund(under, attempt)).toMatchObject({ status: "sent" });
    under.clock.advance(1);
    await endOverdueRefunds(under.deps);
    const refund = await theRefund(under, attempt);
    expect(refund).toMatchObject({ status: "unknown" });
    const errors = under.lines.filter((line) => line.includes('"level":"error"'));
    expect(errors.filter((line) => line.includes(refund.id))).toHaveLength(1);
  });
});
