/** Properties checked on random input. A failure prints its seed. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { z } from "zod";
import { defaultFaults, faultsSchema, type FaultsPatch } from "./faults.ts";
import { Ids, seededRandom } from "./ids.ts";
import { nairobiTimestamp } from "./nairobi-time.ts";
import { patched } from "./patch.ts";
import { SpikeArrest } from "./spike-arrest.ts";
import { stkCallbackJson } from "./stk-callback.ts";
import { scene } from "./testing.ts";

const times = fc.integer({ min: Date.UTC(2025, 0, 1), max: Date.UTC(2031, 11, 31) });
const phones = fc
  .tuple(fc.constantFrom("7", "1"), fc.integer({ min: 0, max: 99_999_999 }))
  .map(([first, rest]) => `254${first}${String(rest).padStart(8, "0")}`);
const faults = fc.record(
  {
    callbackItems: fc.constantFrom("with_balance", "four", "empty", "absent"),
    callbackBalance: fc.constantFrom("absent", "number", "string"),
    callbackItemsReordered: fc.boolean(),
    callbackPhone: fc.constantFrom("number", "string", "masked", "absent"),
    callbackAmount: fc.constantFrom("two_decimals", "integer", "string"),
    callbackCodes: fc.constantFrom("number", "string"),
    callbackCopies: fc.integer({ min: 1, max: 3 }),
    callbackLost: fc.boolean(),
    callbackLateMs: fc.integer({ min: 0, max: 5 }),
    callbackBeforeReply: fc.boolean(),
    pushReply: fc.constantFrom("sent", "reset_after_accept", "reset_before_accept"),
    lockLeaks: fc.boolean(),
    lateMoneyMs: fc.constantFrom(null, 1),
  },
  { requiredKeys: [] },
) satisfies fc.Arbitrary<FaultsPatch>;

const callbackSchema = z.object({
  Body: z.object({
    stkCallback: z.object({
      ResultCode: z.union([z.string(), z.number()]),
      CallbackMetadata: z
        .object({ Item: z.array(z.object({ Name: z.string(), Value: z.union([z.string(), z.number()]).optional() })) })
        .optional(),
    }),
  }),
});

test("a callback is JSON in every form, and says what was paid", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 250_000 }), phones, times, faults, (amountKes, phone, at, patch) => {
      const result = {
        merchantRequestId: "m",
        checkoutRequestId: "c",
        phone,
        amountKes,
        code: "0",
        receipt: "UKN4ABCDEF",
        balanceKes: 7,
        at,
      };
      const { stkCallback } = callbackSchema.parse(JSON.parse(stkCallbackJson(result, patched(defaultFaults, patch)))).Body;
      expect(Number(stkCallback.ResultCode)).toBe(0);
      const values = new Map((stkCallback.CallbackMetadata?.Item ?? []).map(({ Name, Value }) => [Name, Value]));
      if (values.size === 0) return;
      expect(Number(values.get("Amount"))).toBe(amountKes);
      expect(values.get("MpesaReceiptNumber")).toBe("UKN4ABCDEF");
      expect(String(values.get("TransactionDate"))).toBe(nairobiTimestamp(at));
    }),
  );
});

test("ids have their forms on every day, and none comes twice", () => {
  fc.assert(
    fc.property(fc.integer(), times, phones, (seed, at, phone) => {
      const ids = new Ids(seededRandom(seed));
      expect(ids.receipt(at)).toMatch(/^[T-Z][A-L][1-9A-V][A-Z0-9]{7}$/);
      const same = Array.from({ length: 100 }, () => ids.checkoutRequestId(at, phone));
      expect(new Set(same).size).toBe(100);
      for (const id of same) expect(id).toMatch(new RegExp(`^ws_CO_\\d{14}(\\d|\\d{3})${phone.slice(3)}$`));
    }),
  );
  const receipt = new Ids(seededRandom(1)).receipt(Date.UTC(2026, 10, 21));
  expect(receipt.slice(0, 3)).toBe("UKL");
});

test("the spike arrest never lets two through within its spacing", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 30_000 }), { maxLength: 50 }), (gaps) => {
      const arrest = new SpikeArrest();
      let now = 0;
      let last = Number.NEGATIVE_INFINITY;
      for (const gap of gaps) {
        now += gap;
        const admitted = arrest.admits("app", now, 5, 60_000);
        expect(admitted).toBe(now - last >= 12_000);
        if (admitted) last = now;
      }
    }),
  );
});

const requestFaults = fc.record(
  {
    requestAnswer: fc.constantFrom(null, "internal_error", "system_busy"),
    requestAcceptedAnyway: fc.boolean(),
    requestReply: fc.constantFrom("sent", "reset_after_accept", "reset_before_accept"),
    requestDropped: fc.boolean(),
    resultFailure: fc.constantFrom(null, "8006", "1"),
    resultLost: fc.boolean(),
    resultTimedOut: fc.boolean(),
    resultBeforeReply: fc.boolean(),
    resultCopies: fc.integer({ min: 1, max: 3 }),
  },
  { requiredKeys: [] },
) satisfies fc.Arbitrary<FaultsPatch>;

test("whatever is asked and goes wrong, money goes back once: the ledger, the phone and the results agree", async () => {
  const { control, shop, caller } = await scene({
    timings: { holdReplyMs: 50 },
    phoneDefaults: { balanceKes: 5_000, rule: { action: "pay" } },
  });
  const request = fc.record({
    payment: fc.integer({ min: 0, max: 2 }),
    kind: fc.constantFrom("reverse", "reverse", "status"),
    offKes: fc.constantFrom(0, 0, 0, 1),
    faults: requestFaults,
  });
  await fc.assert(
    fc.asyncProperty(fc.array(request, { minLength: 1, maxLength: 12 }), async (requests) => {
      control.reset();
      await caller.token();
      for (const amount of [100, 200, 300]) await caller.pushed(shop.callbackUrl, { Amount: amount, PhoneNumber: `254700000${amount}` });
      await control.waitForIdle();
      const receipts = control.ledger.map(({ receipt, amountKes, payerPhone }) => ({ receipt, amountKes, payerPhone }));
      await Promise.all(
        requests.map(({ payment, kind, offKes, faults: own }) => {
          const { receipt = "", amountKes = 0, payerPhone } = receipts[payment] ?? {};
          control.nextFaults({ requestReply: "sent", ...own }, { phone: payerPhone });
          return caller[kind](shop, receipt, { Amount: amountKes + offKes }).catch(() => "reply lost");
        }),
      );
      await control.waitForIdle();

      for (const { receipt, amountKes, payerPhone, reversedAt } of control.ledger) {
        const done = control.conversationsAbout(receipt, "reversal").filter(({ code }) => code === "0");
        expect(done).toHaveLength(reversedAt === undefined ? 0 : 1);
        expect(control.phone(payerPhone).balanceKes).toBe(reversedAt === undefined ? 5_000 - amountKes : 5_000);
      }
      expect(control.ledger).toHaveLength(3);
    }),
    { numRuns: 50 },
  );
});

const rules = fc.constantFrom("pay", "cancel", "wrong_pin", "no_answer", "insufficient", "offline");

test("in any storm the ledger is the truth: balances, receipts, outcomes and callbacks agree with it", async () => {
  const { control, shop, caller } = await scene({
    timings: { noAnswerAfterMs: 3, lockMs: 3, holdReplyMs: 50 },
    phoneDefaults: { balanceKes: 5_000 },
  });
  const push = fc.record({ phone: fc.integer({ min: 0, max: 5 }), amount: fc.integer({ min: 1, max: 2_000 }), rule: rules, faults });
  const storm = fc.array(push, { minLength: 1, maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(storm, async (pushes) => {
      control.reset();
      shop.received.length = 0;
      await caller.token();
      await Promise.all(
        pushes.map(({ phone, amount, rule, faults: own }) => {
          const number = `25470000000${phone}`;
          control.setRule(number, { action: rule });
          control.nextFaults(faultsSchema.partial().parse({ pushReply: "sent", ...own }), { phone: number });
          return caller.push(shop.callbackUrl, { PhoneNumber: number, PartyA: number, Amount: amount }).catch(() => "reply lost");
        }),
      );
      await control.waitForIdle();

      const paid = control.prompts.filter((prompt) => prompt.outcome?.code === "0");
      const byReceipt = (a: { receipt?: string | undefined }, b: { receipt?: string | undefined }) =>
        String(a.receipt).localeCompare(String(b.receipt));
      expect(control.ledger.map(({ receipt, amountKes }) => ({ receipt, amountKes })).sort(byReceipt)).toEqual(
        paid.map(({ outcome, amountKes }) => ({ receipt: outcome?.receipt, amountKes })).sort(byReceipt),
      );
      expect(new Set(control.ledger.map(({ receipt }) => receipt)).size).toBe(control.ledger.length);
      for (const { phone, balanceKes } of control.phones) {
        const spentKes = control.ledger.filter(({ payerPhone }) => payerPhone === phone).reduce((sum, { amountKes }) => sum + amountKes, 0);
        expect(balanceKes).toBe(5_000 - spentKes);
        expect(balanceKes).toBeGreaterThanOrEqual(0);
      }
      for (const prompt of control.prompts) expect(control.deliveriesOf(prompt.checkoutRequestId).length).toBeGreaterThan(0);
      expect(shop.received).toHaveLength(control.deliveries.filter(({ outcome }) => outcome === "answered").length);
    }),
    { numRuns: 25 },
  );
});
