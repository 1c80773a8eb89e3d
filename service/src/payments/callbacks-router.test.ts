import { once } from "node:events";
import express from "express";
import { beforeAll, expect, it, onTestFinished, vi } from "vitest";
import { hashSecret } from "../platform/ids.ts";
import { describeOnEachDatabase } from "../platform/testing.ts";
import { createCallbacksRouter } from "./callbacks-router.ts";
import type { PaymentsDependencies } from "./payments-dependencies.ts";
import { CREDENTIALS, paymentsUnderTest } from "./payments-under-test.ts";
import type { StoredCallback } from "./store/callback-inbox.ts";
import { insertTestSite, newId } from "./testing.ts";

describeOnEachDatabase("the callback addresses", (database) => {
  beforeAll(() => insertTestSite(database()));

  /** Serves only these routes, and returns the base URL. */
  const listening = async (deps: PaymentsDependencies): Promise<string> => {
    const app = express();
    app.use((request, _response, next) => {
      Object.assign(request, { log: deps.logger });
      next();
    });
    app.use(createCallbacksRouter(deps).router);
    const server = app.listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    return `http://127.0.0.1:${address.port}`;
  };
  const post = async (url: string, body: string) => {
    const answer = await fetch(url, { method: "POST", body });
    const json: unknown = await answer.json();
    return { status: answer.status, body: json };
  };

  it("answer 200 only after the callback is stored", async () => {
    const { promise: isOnDisk, resolve: takeIt } = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<StoredCallback>();
    const under = paymentsUnderTest(database());
    const inbox = {
      ...under.deps.inbox,
      async store(callback: StoredCallback) {
        begun.resolve(callback);
        await isOnDisk;
        return "journal" as const;
      },
    };
    const url = await listening({ ...under.deps, inbox });
    let isAnswered = false;
    const answer = post(`${url}/callbacks/stk/5ec4e7`, "{}").finally(() => void (isAnswered = true));
    expect(await begun.promise).toMatchObject({ kind: "stk", secretHash: hashSecret("5ec4e7"), body: "{}" });
    // A complete second request has been answered meanwhile.
    await fetch(`${url}/callbacks`);
    expect(isAnswered).toBe(false);
    takeIt();
    expect(await answer).toEqual({ status: 200, body: { ResultCode: 0, ResultDesc: "Accepted" } });
  });

  it("answer 503 if the callback could not be stored", async () => {
    const under = paymentsUnderTest(database());
    const store = () => Promise.reject(new Error("ENOSPC"));
    const url = await listening({ ...under.deps, inbox: { ...under.deps.inbox, store } });
    expect(await post(`${url}/callbacks/stk/5ec4e7`, "{}")).toMatchObject({ status: 503, body: { ResultCode: 1 } });
  });

  const notice = (reference: string, amountKes: number) =>
    JSON.stringify({ TransID: "UKN7RT61SV", TransAmount: amountKes, BusinessShortCode: CREDENTIALS.shortcode, BillRefNumber: reference });
  const validated = async (url: string, body: string) => (await post(`${url}/callbacks/c2b/validation/c2b-of-router`, body)).body;

  it("accept a validation if the database is away", async () => {
    const under = paymentsUnderTest(database());
    await under.deps.c2bAddresses.add(hashSecret("c2b-of-router"), CREDENTIALS.shortcode);
    onTestFinished(() => under.deps.c2bAddresses.remove(hashSecret("c2b-of-router")));
    const { reference } = await under.inserted({ reference: newId("R").replace("_", ""), status: "lapsed" });
    expect(await validated(await listening(under.deps), notice(reference, 20))).toMatchObject({ ResultCode: "C2B00016" });
    const bookingIdByReference = () => Promise.reject(new Error("the database went away"));
    const url = await listening({ ...under.deps, store: { ...under.deps.store, bookingIdByReference } });
    expect(await validated(url, notice(reference, 20))).toEqual({ ResultCode: "0", ResultDesc: "Accepted" });
  });

  it("accept a validation if the database takes longer than three seconds", async () => {
    const under = paymentsUnderTest(database());
    const asked = Promise.withResolvers<void>();
    const shortcodeOf = () => {
      asked.resolve();
      return new Promise<never>(() => undefined);
    };
    const url = await listening({ ...under.deps, c2bAddresses: { ...under.deps.c2bAddresses, shortcodeOf } });
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    const answer = validated(url, notice("X", 20));
    await asked.promise;
    await vi.advanceTimersByTimeAsync(3_000);
    expect(await answer).toEqual({ ResultCode: "0", ResultDesc: "Accepted" });
  });
});
