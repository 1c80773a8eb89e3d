import { beforeAll, expect, it } from "vitest";
import { hashSecret } from "../platform/ids.ts";
import { describeOnEachDatabase } from "../platform/testing.ts";
import { CREDENTIALS, paymentsUnderTest, type PaymentsUnderTest } from "./payments-under-test.ts";
import { processResult } from "./process-result.ts";
import { startReceiptCheck } from "./receipt-checks/check-receipt.ts";
import { startRefund } from "./refunds/refund-payment.ts";
import { insertTestSite, newId, SITE_ID } from "./testing.ts";

const SAFARICOM = "196.201.214.200";
const STRANGER = "203.0.113.7";

describeOnEachDatabase("the result of an asynchronous request", (database) => {
  beforeAll(() => insertTestSite(database()));
  const newReceipt = () => newId("UKN").replace("_", "").slice(0, 12);

  /** Payments whose requests Safaricom accepts, and the secret of the newest request. */
  const accepting = (): { under: PaymentsUnderTest; secret: () => string } => {
    let resultUrl = "";
    const accept = async (addresses: { resultUrl: string }) => {
      ({ resultUrl } = addresses);
      return { kind: "accepted", conversationId: null } as const;
    };
    const under = paymentsUnderTest(database(), {
      isTrustedCaller: (address) => address === SAFARICOM,
      daraja: {
        lookUp: (_credentials, _receipt, addresses) => accept(addresses),
        reverse: (_credentials, _request, addresses) => accept(addresses),
      },
    });
    return { under, secret: () => resultUrl.slice(resultUrl.lastIndexOf("/") + 1) };
  };
  const comes = (
    { deps }: PaymentsUnderTest,
    secret: string,
    parameters: Record<string, unknown>,
    { from = SAFARICOM, kind = "result" as const } = {},
  ) => {
    const ResultParameter = Object.entries(parameters).map(([Key, Value]) => ({ Key, Value }));
    const Result = {
      ResultType: 0,
      ResultCode: 0,
      ResultDesc: "done",
      ConversationID: "AG_1",
      TransactionID: "UKN9999999",
      ResultParameters: { ResultParameter },
    };
    return processResult(deps, {
      id: newId("cb"),
      receivedAtMs: deps.now(),
      kind,
      secretHash: hashSecret(secret),
      remoteAddress: from,
      body: JSON.stringify({ Result }),
      bodyEncoding: "utf8",
      truncated: false,
    });
  };

  it("of a receipt lookup counts only from Safaricom", async () => {
    const { under, secret } = accepting();
    const { id: bookingId } = await under.inserted();
    const code = newReceipt();
    await startReceiptCheck(under.deps, { bookingId, code, address: "127.0.0.1", claim: null });
    const found = {
      ReceiptNo: code,
      TransactionStatus: "Completed",
      Amount: 1_500,
      CreditPartyName: `${CREDENTIALS.shortcode} - Amani Tutors`,
      DebitPartyName: "254711000001 - NAME",
    };
    expect(await comes(under, secret(), found, { from: STRANGER })).toMatchObject({ verdict: "unverified", receipt: code });
    expect((await under.fileOf({ id: bookingId })).attempts).toEqual([]);
    expect(await under.deps.receiptChecks.newestOf(bookingId)).toMatchObject({ status: "checking" });
    expect(await comes(under, secret(), found)).toMatchObject({ verdict: "verified", receipt: code });
    expect((await under.fileOf({ id: bookingId })).attempts).toMatchObject([{ status: "paid", receipt: code }]);
  });

  it("of a refund counts only from Safaricom", async () => {
    const { under, secret } = accepting();
    const { attempt } = await under.begun({ status: "paid", receipt: newReceipt(), resultCode: "0" }, { status: "booked" });
    await startRefund(under.deps, {
      paymentId: attempt.id,
      siteId: SITE_ID,
      remarks: "Refund",
      decision: { actor: "Amani", note: null },
      claim: null,
    });
    expect(await comes(under, secret(), {}, { from: STRANGER })).toMatchObject({ verdict: "unverified", paymentId: attempt.id });
    expect(await under.reload(attempt)).toMatchObject({ status: "paid" });
    expect(await comes(under, secret(), {})).toMatchObject({ verdict: "verified", paymentId: attempt.id });
    expect(await under.reload(attempt)).toMatchObject({ status: "refunded" });
  });

  it("of no request is unmatched", async () => {
    const { under } = accepting();
    expect(await comes(under, "a guess", {})).toMatchObject({ verdict: "unmatched" });
  });
});
