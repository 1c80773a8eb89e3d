import { beforeAll, describe, expect, it } from "vitest";
import type { CreateBooking } from "../contract.ts";
import { createPaymentStore } from "../payments/store/payment-store.ts";
import { insertTestSite, newId, SITE_ID } from "../payments/testing.ts";
import { createIds } from "../platform/ids.ts";
import { createIdempotencyKeys, HOLDER_DEAD_AFTER_MS } from "../platform/idempotency.ts";
import { describeOnEachDatabase, testClock } from "../platform/testing.ts";
import { createBooking, type Booker } from "./create-booking.ts";

const site: Booker["site"] = {
  id: SITE_ID,
  name: "Amani Tutors",
  allowedOrigins: [],
  publishableKey: "pk_amani",
  webhookUrl: null,
  mpesaAccountId: null,
  sessionTypes: [{ code: "maths-1h", name: "Maths, one hour", amountKes: 1_500, durationMinutes: 60 }],
};
const browser: Booker = { site, isServer: false };
const server: Booker = { site, isServer: true };
const person = { date: "2036-12-09", time: "10:00", parentName: "Wanjiru Kamau", childName: "Amani Kamau", email: "wanjiru@example.com" };
const wish: CreateBooking = { ...person, sessionType: "maths-1h" };

describeOnEachDatabase("creating a booking", (database) => {
  beforeAll(() => insertTestSite(database()));
  const clock = testClock();
  const parts = (draw: () => string) => ({
    now: clock.now,
    bookingLifeMs: 2 * 60 * 60_000,
    ids: { ...createIds(clock.now), reference: draw },
    store: createPaymentStore(database()),
  });
  const anyReference = () => createIds(clock.now).reference();

  it("draws another reference if the first is taken", async () => {
    const [taken, free] = [anyReference(), anyReference()];
    await createBooking(
      parts(() => taken),
      browser,
      wish,
      null,
    );
    const draws = [taken, taken, taken, taken, free];
    const booking = await createBooking(
      parts(() => draws.shift() ?? "none"),
      browser,
      wish,
      null,
    );
    expect(booking.reference).toBe(free);
    expect((await createPaymentStore(database()).load(booking.id))?.booking).toEqual(booking);
  });

  it("fails if every reference drawn is taken", async () => {
    const taken = anyReference();
    await createBooking(
      parts(() => taken),
      browser,
      wish,
      null,
    );
    await expect(
      createBooking(
        parts(() => taken),
        browser,
        wish,
        null,
      ),
    ).rejects.toThrow("no free booking reference");
  });

  it("is stored with its idempotency key, for a caller that resumes", async () => {
    const keys = createIdempotencyKeys(database(), clock.now);
    const claim = { scope: `book:${SITE_ID}`, key: newId("key") };
    await keys.claim(claim, "hash");
    const { id } = await createBooking(parts(anyReference), browser, wish, claim);
    clock.advance(HOLDER_DEAD_AFTER_MS);
    expect(await keys.claim(claim, "hash")).toEqual({ kind: "resume", resourceId: id });
  });

  describe("takes the price from", () => {
    it("the site's list", async () => {
      const booking = await createBooking(parts(anyReference), browser, wish, null);
      expect(booking).toMatchObject({ sessionType: "maths-1h", sessionName: "Maths, one hour", amountKes: 1_500 });
    });

    it("the site's own server", async () => {
      const named = { ...person, amount: 700, description: "Reading" };
      const booking = await createBooking(parts(anyReference), server, named, null);
      expect(booking).toMatchObject({ sessionType: null, sessionName: "Reading", amountKes: 700 });
    });

    it.each<[string, Booker, CreateBooking, string]>([
      ["an amount from a browser", browser, { ...person, amount: 1, description: "Maths" }, "secret_key_required"],
      ["a description from a browser", browser, { ...wish, description: "Maths" }, "secret_key_required"],
      ["an amount without a description", server, { ...person, amount: 1 }, "invalid_request"],
      ["a description without an amount", server, { ...person, description: "Maths" }, "invalid_request"],
      ["a session type with an amount", server, { ...wish, amount: 1, description: "Maths" }, "invalid_request"],
      ["an unknown session type", server, { ...person, sessionType: "MATHS-1H" }, "session_type_unknown"],
      ["neither", browser, person, "invalid_request"],
    ])("and refuses %s", async (_what, caller, given, code) => {
      await expect(createBooking(parts(anyReference), caller, given, null)).rejects.toMatchObject({ code });
    });
  });
});
