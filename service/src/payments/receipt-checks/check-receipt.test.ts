import { beforeAll, expect, it } from "vitest";
import { describeOnEachDatabase } from "../../platform/testing.ts";
import { ServiceError } from "../../platform/errors.ts";
import { CREDENTIALS, paymentsUnderTest, type PaymentsUnderTest } from "../payments-under-test.ts";
import { insertTestSite, newId } from "../testing.ts";
import { startReceiptCheck } from "./check-receipt.ts";

describeOnEachDatabase("starting a receipt check", (database) => {
  beforeAll(() => insertTestSite(database()));
  const newReceipt = () => newId("UKN").replace("_", "").slice(0, 12);
  /** Payments that count the lookups at Safaricom. */
  const counting = (): { under: PaymentsUnderTest; lookups: string[] } => {
    const lookups: string[] = [];
    const lookUp = async (_credentials: unknown, receipt: string) => {
      lookups.push(receipt);
      return { kind: "accepted", conversationId: null } as const;
    };
    return { under: paymentsUnderTest(database(), { daraja: { lookUp } }), lookups };
  };
  const type = ({ deps }: PaymentsUnderTest, bookingId: string, code: string) =>
    startReceiptCheck(deps, { bookingId, code, address: "127.0.0.1", claim: null });
  const statusOf = async ({ deps }: PaymentsUnderTest, bookingId: string) => (await deps.receiptChecks.newestOf(bookingId))?.status;

  it("looks the code up once, and is refused with a Retry-After while another check is open", async () => {
    const { under, lookups } = counting();
    const { id } = await under.inserted();
    const code = newReceipt();
    await type(under, id, ` ${code.slice(0, 3).toLowerCase()} ${code.slice(3)} `);
    expect(lookups).toEqual([code]);
    await expect(type(under, id, newReceipt())).rejects.toMatchObject({ code: "code_check_open", extras: { retryAfterMs: 5_000 } });
    expect(lookups).toEqual([code]);
  });

  it("looks nothing up if the limit is reached", async () => {
    const { under, lookups } = counting();
    const { id } = await under.inserted();
    const refuse = () => Promise.reject(new ServiceError("too_many_requests", { retryAfterMs: 1_000 }));
    const limited = { ...under, deps: { ...under.deps, limits: { ...under.deps.limits, consumeCode: refuse } } };
    await expect(type(limited, id, newReceipt())).rejects.toMatchObject({ code: "too_many_requests" });
    expect(lookups).toEqual([]);
  });

  it("looks nothing up if the code has paid for another booking", async () => {
    const { under, lookups } = counting();
    const receipt = newReceipt();
    await under.begun({ status: "paid", receipt });
    const { id } = await under.inserted();
    await type(under, id, receipt);
    expect([lookups, await statusOf(under, id)]).toEqual([[], "used"]);
  });

  it.each([
    ["this account's money, which pays without a lookup", CREDENTIALS.shortcode, "counted"],
    ["another account's money, which is looked up", "600000", "checking"],
  ])("finds %s on the owner's list", async (_what, shortcode, status) => {
    const { under, lookups } = counting();
    const { id } = await under.inserted();
    const receipt = newReceipt();
    const atMs = under.clock.now();
    const money = { receipt, shortcode, accountNumber: "LESSON", amountKes: 1_500, payer: "2547*****001", why: "" };
    await under.deps.unassignedMoney.keep({ ...money, paidAtMs: atMs, receivedAtMs: atMs });
    await type(under, id, receipt);
    expect(await statusOf(under, id)).toBe(status);
    expect(lookups).toEqual(status === "counted" ? [] : [receipt]);
  });
});
