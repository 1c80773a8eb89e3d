import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { createIds } from "../../platform/ids.ts";
import { CLOCKS_APART_MS, type Attempt } from "../payment.ts";
import { newAttempt, newBooking, newMoney, START_MS } from "../testing.ts";
import { matchAttempt, normaliseReference, type Money } from "./match-payment.ts";

const PHONE = "254711000001";
const booking = newBooking();
const money = newMoney(booking);
const attempt = (facts: Partial<Attempt>): Attempt => newAttempt(booking, { phone: PHONE, checkoutRequestId: "ws_CO_1", ...facts });
const failed = (resultCode: string | null, reason: Attempt["reason"] = "no_answer") => attempt({ status: "failed", reason, resultCode });
const chosen = (attempts: Attempt[], changed: Partial<Money> = {}): Attempt | null =>
  matchAttempt({ booking, attempts }, { ...money, ...changed });

describe("money that came by itself answers", () => {
  it("first a prompt that is paid without a receipt, then an open one, then the newest that may still be paid", () => {
    const paid = attempt({ status: "paid", resultCode: "0", endedAtMs: START_MS + 40_000 });
    const open = attempt({ status: "confirming" });
    const [older, newer] = [failed("1037"), failed(null, "unknown")];
    expect(chosen([older, newer, open, paid])).toBe(paid);
    expect(chosen([older, newer, open])).toBe(open);
    expect(chosen([older, newer])).toBe(newer);
    expect(chosen([older])).toBe(older);
    expect(chosen([failed("1032", "cancelled"), attempt({ status: "paid", receipt: "UKN0000000" })])).toBeNull();
  });

  const open = attempt({ status: "prompted" });
  const paidLongAgo = attempt({ status: "paid", resultCode: "0", endedAtMs: START_MS });
  test.each([
    ["of another amount", open, { amountKes: booking.amountKes - 1 }],
    ["from another phone", open, { payer: "2547*****999" }],
    ["that moved before the prompt", open, { paidAtMs: START_MS - CLOCKS_APART_MS - 1 }],
    ["that moved after Safaricom had said that the prompt was paid", paidLongAgo, { paidAtMs: START_MS + CLOCKS_APART_MS + 1 }],
  ])("no prompt when it is money %s", (_what, candidate, changed) => {
    expect(chosen([candidate], changed)).toBeNull();
  });

  test.each([
    ["before the prompt", open, { paidAtMs: START_MS - CLOCKS_APART_MS }],
    ["after the report that the prompt was paid", paidLongAgo, { paidAtMs: START_MS + CLOCKS_APART_MS }],
  ])("a prompt, if it is dated %s by no more than two clocks may differ", (_what, candidate, changed) => {
    expect(chosen([candidate], changed)).toBe(candidate);
  });

  test.each([{ payer: "" }, { payer: "8d9f".repeat(16) }, { payer: PHONE }, { paidAtMs: null }])("the open prompt with %j", (changed) => {
    expect(chosen([open], changed)).toBe(open);
  });
});

const ids = createIds(() => 0);

it("a reference typed in small letters, with blanks, dashes and dots, is the reference", () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom("", " ", "-", ".", "  ", "/"), { minLength: 9, maxLength: 9 }),
      fc.boolean(),
      (between, isSmall) => {
        const reference = ids.reference();
        const spread = between.map((gap, index) => gap + reference.charAt(index)).join("");
        expect(normaliseReference(isSmall ? spread.toLowerCase() : spread)).toBe(reference);
      },
    ),
  );
});

/** A typed 0 is no O, and a typed O no 0: references have neither, so there is nothing that either could have been. */
test.each(["0", "O", "1", "I", "L", "U", "V"])("no reference has %s, so that whoever types it names no booking by chance", (misread) => {
  for (let count = 0; count < 1_000; count++) expect(ids.reference()).not.toContain(misread);
  const reference = ids.reference();
  expect(normaliseReference(`${reference.slice(0, 3)}${misread.toLowerCase()}${reference.slice(4)}`)).toContain(misread);
});
