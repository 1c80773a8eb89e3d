import { Registry } from "prom-client";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { hashSecret } from "../platform/ids.ts";
import { openJournal } from "../platform/journal.ts";
import { describeOnEachDatabase, folderForTest, testLogger } from "../platform/testing.ts";
import { createPaymentMetrics } from "./payment-metrics.ts";
import type { PaymentsDependencies } from "./payments-dependencies.ts";
import { paymentsUnderTest, type PaymentsUnderTest } from "./payments-under-test.ts";
import { processCallback } from "./process-callback.ts";
import { processPendingCallbacks } from "./process-pending-callbacks.ts";
import { receiveCallback } from "./receive-callback.ts";
import { createCallbackInbox, type CallbackInbox, type StoredCallback } from "./store/callback-inbox.ts";
import { insertTestSite, newId } from "./testing.ts";

const UNPROCESSED_AFTER_MS = 5_000;

describeOnEachDatabase("a stored callback", (database) => {
  beforeAll(() => insertTestSite(database()));
  const newInbox = async (): Promise<CallbackInbox> => {
    const journal = await openJournal(folderForTest());
    onTestFinished(() => journal.close());
    const { logger } = testLogger();
    return createCallbackInbox({ database: database(), journal, logger, metrics: createPaymentMetrics(new Registry()) });
  };
  const withInbox = async (changed: Partial<PaymentsDependencies> = {}): Promise<PaymentsUnderTest> =>
    paymentsUnderTest(database(), { inbox: await newInbox(), ...changed });

  /** An attempt with a stored success callback. */
  const toldOf = async (under: PaymentsUnderTest) => {
    const secret = newId("secret");
    const checkoutRequestId = newId("ws_CO");
    const { attempt } = await under.begun({ status: "prompted", checkoutRequestId, callbackSecretHash: hashSecret(secret) });
    const Item = [
      { Name: "Amount", Value: 1_500 },
      { Name: "MpesaReceiptNumber", Value: newId("UKN").replace("_", "").slice(0, 12) },
    ];
    const stkCallback = { CheckoutRequestID: checkoutRequestId, ResultCode: 0, ResultDesc: "", CallbackMetadata: { Item } };
    const body = Buffer.from(JSON.stringify({ Body: { stkCallback } }));
    const incoming = { kind: "stk", secret, remoteAddress: "196.201.214.200", body, truncated: false } as const;
    return { attempt, stored: await receiveCallback(under.deps, incoming), secret, incoming };
  };
  const rowOf = async ({ id }: Pick<StoredCallback, "id">): Promise<unknown> => database().knex("callbacks").where({ id }).first();
  const processed = async (callback: Pick<StoredCallback, "id">) => {
    const row = await rowOf(callback);
    return row !== null && typeof row === "object" && "processed_at" in row && row.processed_at !== null;
  };

  it("is stored with the secret's hash only, and whether it was truncated", async () => {
    const under = await withInbox();
    const { stored, secret, incoming } = await toldOf(under);
    if (!stored) throw new Error("the journal took it");
    expect(stored.secretHash).toBe(hashSecret(secret));
    expect(JSON.stringify(await rowOf(stored))).not.toContain(secret);
    const cut = await receiveCallback(under.deps, { ...incoming, truncated: true });
    expect(await rowOf(cut ?? { id: "" })).toMatchObject({ truncated: 1 });
  });

  it("in the journal is not processed yet", async () => {
    const under = await withInbox({ inbox: { ...(await newInbox()), store: async () => "journal" } });
    expect((await toldOf(under)).stored).toBeNull();
  });

  it("is marked as processed only after its outcome is committed", async () => {
    const under = await withInbox();
    const { stored, attempt } = await toldOf(under);
    if (!stored) throw new Error("the journal took it");
    const commit = async (): Promise<never> => {
      expect(await processed(stored)).toBe(false);
      throw new Error("the process dies here");
    };
    const dying = { ...under.deps, store: { ...under.deps.store, commit } };
    await expect(processCallback(dying, stored)).rejects.toThrow("the process dies here");
    expect(await processed(stored)).toBe(false);
    await processCallback(under.deps, stored);
    expect(await processed(stored)).toBe(true);
    expect(await under.reload(attempt)).toMatchObject({ status: "paid" });
  });

  describe("that its process left unprocessed", () => {
    it("is processed after five seconds", async () => {
      const under = await withInbox();
      const { attempt } = await toldOf(under);
      under.clock.advance(UNPROCESSED_AFTER_MS);
      await processPendingCallbacks(under.deps);
      expect(await under.reload(attempt)).toMatchObject({ status: "prompted" });
      under.clock.advance(1);
      await processPendingCallbacks(under.deps);
      expect(await under.reload(attempt)).toMatchObject({ status: "paid" });
    });

    it("is processed at once after a journal replay", async () => {
      const inbox = await newInbox();
      const under = await withInbox({ inbox: { ...inbox, replayJournal: async () => 1 } });
      const { attempt } = await toldOf(under);
      await processPendingCallbacks(under.deps);
      expect(await under.reload(attempt)).toMatchObject({ status: "paid" });
    });

    it("is processed in batches of a hundred", async () => {
      const under = await withInbox();
      const none = { kind: "stk", secret: null, remoteAddress: "", body: Buffer.from("{}"), truncated: false } as const;
      for (let count = 0; count < 101; count++) await receiveCallback(under.deps, none);
      under.clock.advance(UNPROCESSED_AFTER_MS + 1);
      expect(await processPendingCallbacks(under.deps)).toBe(true);
      expect(await processPendingCallbacks(under.deps)).toBe(false);
    });
  });

  describe("that cannot be processed", () => {
    const failing = (under: PaymentsUnderTest, id: string, error: Error): PaymentsDependencies => {
      const { store } = under.deps;
      const isIt = async (hash: string) => (await store.findAttemptBySecretHash(hash))?.id === id;
      const findAttemptBySecretHash = async (hash: string) =>
        (await isIt(hash)) ? Promise.reject(error) : store.findAttemptBySecretHash(hash);
      // It fails also among those that are read together.
      const loadBySecretHashes = async (hashes: readonly string[]) =>
        (await Promise.all(hashes.map(isIt))).includes(true) ? Promise.reject(error) : store.loadBySecretHashes(hashes);
      return { ...under.deps, store: { ...store, findAttemptBySecretHash, loadBySecretHashes } };
    };

    it("because of an error that is not its own is kept for later, and the next one is processed", async () => {
      const under = await withInbox();
      const broken = await toldOf(under);
      under.clock.advance(1);
      const next = await toldOf(under);
      under.clock.advance(UNPROCESSED_AFTER_MS + 1);
      await processPendingCallbacks(failing(under, broken.attempt.id, new Error("a bug")));
      expect(await processed(broken.stored ?? { id: "" })).toBe(false);
      expect(await under.reload(next.attempt)).toMatchObject({ status: "paid" });
    });

    it("because the database is busy stays unprocessed, and is retried", async () => {
      const under = await withInbox();
      const { attempt, stored } = await toldOf(under);
      under.clock.advance(UNPROCESSED_AFTER_MS + 1);
      const busy = Object.assign(new Error("Lock wait timeout exceeded"), { code: "ER_LOCK_WAIT_TIMEOUT" });
      await expect(processPendingCallbacks(failing(under, attempt.id, busy))).rejects.toThrow("Lock wait timeout");
      expect(await processed(stored ?? { id: "" })).toBe(false);
      await processPendingCallbacks(under.deps);
      expect(await under.reload(attempt)).toMatchObject({ status: "paid" });
    });
  });
});
