/** In memory and one statement at a time: money that nobody has claimed, codes that were typed, refunds. */
import type { IdempotencyClaim } from "../../service/src/platform/idempotency.ts";
import { hashSecret } from "../../service/src/platform/ids.ts";
import { fakeKeyOf } from "../../service/src/payments/store/fake-payment-store.ts";
import { type FakeTables } from "../../service/src/payments/store/fake-tables.ts";
import type { C2bAddresses } from "../../service/src/payments/c2b/c2b-addresses.ts";
import type { UnassignedMoney, UnassignedMoneyStore } from "../../service/src/payments/c2b/unassigned-money-store.ts";
import type { ReceiptCheck, ReceiptCheckStore } from "../../service/src/payments/receipt-checks/receipt-check-store.ts";
import type { Refund, RefundStore } from "../../service/src/payments/refunds/refund-store.ts";
import { simulatedAccounts } from "./accounts.ts";
import type { Life } from "./life.ts";

/** The tables: what is committed. */
export class FakeMoney {
  readonly unassigned = new Map<string, UnassignedMoney & { paymentId: string | null }>();
  readonly checks = new Map<string, ReceiptCheck>();
  readonly refunds = new Map<string, Refund>();
}

export function createFakeUnassignedMoney({ unassigned }: FakeMoney, { run }: Life): UnassignedMoneyStore {
  return {
    keep: (money) =>
      run(`keep ${money.receipt} for the owner`, null, () => {
        if (unassigned.has(money.receipt)) return "known";
        unassigned.set(money.receipt, { ...money, paymentId: null });
        return "kept";
      }),
    find: (receipt) =>
      run("find unassigned money", null, () => {
        const found = unassigned.get(receipt);
        return found?.paymentId === null ? found : null;
      }),
    read: (receipt) => run("read unassigned money", null, () => unassigned.get(receipt) ?? null),
    // Nobody here assigns under a key.
    markAssigned: (receipt, paymentId) =>
      run(`assign ${receipt}`, paymentId, () => {
        const found = unassigned.get(receipt);
        if (found) unassigned.set(receipt, { ...found, paymentId });
      }),
    // Nobody here reads the list.
    markKept: async () => false,
    list: async () => [],
  };
}

const shortcodeOfAddress = new Map(simulatedAccounts.map(({ noticeSecret, shortcode }) => [hashSecret(noticeSecret), shortcode]));

/** One address for each account, registered before the world begins. */
export function createFakeAddresses({ run }: Life): C2bAddresses {
  return {
    shortcodeOf: (secretHash) => run("whose address is it", null, () => shortcodeOfAddress.get(secretHash) ?? null),
    has: async () => true,
    add: async () => undefined,
    remove: async () => undefined,
  };
}

export function createFakeChecks({ checks }: FakeMoney, tables: FakeTables, { run }: Life): ReceiptCheckStore {
  const moveOn = (bookingId: string): void => {
    const booking = tables.bookings.get(bookingId);
    if (booking) tables.bookings.set(bookingId, Object.freeze({ ...booking, version: booking.version + 1 }));
    tables.onCommitted(bookingId, null);
  };
  return {
    begin: (check, claim) =>
      run(`begin to check ${check.receipt}`, check.bookingId, () => {
        const isOpen = [...checks.values()].some(({ bookingId, status }) => bookingId === check.bookingId && status === "checking");
        if (isOpen) return "open";
        checks.set(check.id, Object.freeze(check));
        noteClaim(tables, claim, check.id);
        moveOn(check.bookingId);
        return "begun";
      }),
    end: ({ id, bookingId, receipt }, { status, note, atMs }) =>
      run(`check of ${receipt}: ${status}${note === null ? "" : ` (${note})`}`, bookingId, () => {
        const present = checks.get(id);
        const isUndecided = present?.status === "checking" || (status !== "unanswered" && present?.status === "unanswered");
        if (!present || !isUndecided) return false;
        checks.set(id, Object.freeze({ ...present, status, note, endedAtMs: atMs }));
        moveOn(bookingId);
        return true;
      }),
    newestOf: (bookingId) =>
      run("read the newest check", bookingId, () => {
        const own = [...checks.values()].filter((check) => check.bookingId === bookingId);
        return own.reduce<ReceiptCheck | null>((newest, check) => (newest && isOlder(check, newest) ? newest : check), null);
      }),
    bySecretHash: (resultSecretHash) =>
      run(
        "find the check by its secret",
        null,
        () => [...checks.values()].find((check) => check.resultSecretHash === resultSecretHash) ?? null,
      ),
    overdue: (requestedBeforeMs, most) =>
      run("read overdue checks", null, () =>
        [...checks.values()].filter((check) => check.status === "checking" && check.requestedAtMs < requestedBeforeMs).slice(0, most),
      ),
  };
}

function isOlder(left: ReceiptCheck, right: ReceiptCheck): boolean {
  return left.requestedAtMs < right.requestedAtMs || (left.requestedAtMs === right.requestedAtMs && left.id < right.id);
}

export function createFakeRefunds({ refunds }: FakeMoney, tables: FakeTables, { run }: Life): RefundStore {
  const all = () => [...refunds.values()];
  return {
    begin: (refund, openSinceMs, claim) =>
      run(`begin to give ${refund.receipt} back`, refund.paymentId, () => {
        if (tables.attempts.get(refund.paymentId)?.status !== "paid") return "not_paid";
        const open = all().find(({ paymentId, endedAtMs }) => paymentId === refund.paymentId && endedAtMs === null);
        if (open && open.requestedAtMs >= openSinceMs) return "open";
        if (open) refunds.set(open.id, Object.freeze({ ...open, status: "unknown", endedAtMs: refund.requestedAtMs }));
        refunds.set(refund.id, Object.freeze(refund));
        noteClaim(tables, claim, refund.id);
        return "begun";
      }),
    step: (refundId, from, step) =>
      run(`refund: ${step.status}`, refunds.get(refundId)?.paymentId ?? null, () => {
        const present = refunds.get(refundId);
        if (!present || !from.includes(present.status)) return false;
        refunds.set(refundId, Object.freeze({ ...present, ...step }));
        return true;
      }),
    byId: (refundId) => run("read the refund", null, () => refunds.get(refundId) ?? null),
    bySecretHash: (resultSecretHash) =>
      run("find the refund by its secret", null, () => all().find((refund) => refund.resultSecretHash === resultSecretHash) ?? null),
    ofPayment: (paymentId) => run("read the payment's refunds", paymentId, () => all().filter((refund) => refund.paymentId === paymentId)),
    overdue: (requestedBeforeMs, most) =>
      run("read overdue refunds", null, () =>
        all()
          .filter(({ status, requestedAtMs }) => (status === "requested" || status === "sent") && requestedAtMs < requestedBeforeMs)
          .slice(0, most),
      ),
  };
}

function noteClaim(tables: FakeTables, claim: IdempotencyClaim | null, resourceId: string): void {
  const key = claim && fakeKeyOf(claim);
  const present = key === null ? undefined : tables.keys.get(key);
  if (key !== null && present) tables.keys.set(key, { ...present, resourceId });
}
