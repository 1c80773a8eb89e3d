import { beforeAll, expect, it } from "vitest";
import type { Database } from "../../platform/database.ts";
import { describeOnEachDatabase } from "../../platform/testing.ts";
import { insertTestSite, newAttempt, newBooking, newChange } from "../testing.ts";
import { createPaymentStore } from "./payment-store.ts";

/** A database that rejects the first transactions, as it does with a deadlock's victim. */
function rejecting(database: Database, times: number, code: string): { database: Database; tries: () => number } {
  let tries = 0;
  const knex = new Proxy(database.knex, {
    get(target, name, receiver) {
      if (name !== "transaction") return Reflect.get(target, name, receiver) as unknown;
      return (...given: Parameters<typeof target.transaction>) => {
        tries += 1;
        return tries <= times ? Promise.reject(Object.assign(new Error(code), { code })) : target.transaction(...given);
      };
    },
  });
  return { database: { ...database, knex }, tries: () => tries };
}

describeOnEachDatabase("a commit that the database rejects", (database) => {
  beforeAll(() => insertTestSite(database()));
  const changeOn = async () => {
    const booking = newBooking();
    await createPaymentStore(database()).insertBooking(booking, null);
    return newChange(booking, newAttempt(booking));
  };

  it.each(["ER_LOCK_DEADLOCK", "ER_LOCK_WAIT_TIMEOUT", "SQLITE_BUSY"])("is tried four times in all: %s", async (code) => {
    const change = await changeOn();
    const fourth = rejecting(database(), 3, code);
    expect(await createPaymentStore(fourth.database).commit(change)).toBe("committed");
    const never = rejecting(database(), 4, code);
    await expect(createPaymentStore(never.database).commit(change)).rejects.toThrow(code);
    expect(never.tries()).toBe(4);
  });

  it("is not retried after any other error", async () => {
    const { database: failing, tries } = rejecting(database(), 1, "ER_NO_SUCH_TABLE");
    await expect(createPaymentStore(failing).commit(await changeOn())).rejects.toThrow("ER_NO_SUCH_TABLE");
    expect(tries()).toBe(1);
  });
});
