import { beforeAll, expect, it } from "vitest";
import { createPaymentStore } from "../../payments/store/payment-store.ts";
import { createPersonalDataStore } from "../../payments/store/personal-data-store.ts";
import { insertTestSite, newAttempt, newBooking, newChange } from "../../payments/testing.ts";
import type { Booking } from "../../bookings/booking.ts";
import { describeOnEachDatabase } from "../../platform/testing.ts";
import { plansOf } from "../testing.ts";
import { createSearchStore } from "./search-store.ts";

const SITE = "site_search";
const OTHER = "site_search_other";
/** Enough for a planner to prefer an index. */
const CROWD = 200;

describeOnEachDatabase("the search", (database) => {
  const search = () => createSearchStore(database());
  const book = async (facts: Partial<Booking>, attempt: Parameters<typeof newAttempt>[1] = {}): Promise<Booking> => {
    const store = createPaymentStore(database());
    const booking = newBooking({ siteId: SITE, ...facts });
    await store.insertBooking(booking, null);
    await store.commit(newChange(booking, newAttempt(booking, attempt)));
    return booking;
  };
  const find = (...words: string[]) => search().byWords(SITE, words, 20);
  let achieng: Booking;
  let older: Booking;
  let foreign: Booking;
  beforeAll(async () => {
    for (const siteId of [SITE, OTHER]) {
      await insertTestSite(database(), siteId);
      for (let index = 0; index < CROWD; index++)
        await book({ siteId, parentName: `Njoki Mwangi ${index}`, childName: "Baraka Mwangi" }, { phone: `254700000${100 + index}` });
    }
    older = await book({ parentName: "Achola Otieno", childName: "Ng'ang'a Otieno" }, { phone: "254711000001" });
    achieng = await book(
      { parentName: "Mama Achieng", childName: "Ŵairimu Achieng" },
      { phone: "254711000001", status: "paid", receipt: "UKNSEARCH1" },
    );
    foreign = await book(
      { siteId: OTHER, parentName: "Achieng Elsewhere", childName: "X" },
      { phone: "254711000001", status: "paid", receipt: "UKNSEARCH2" },
    );
  });

  it("finds names by the beginning of any word, newest first", async () => {
    expect(await find("ach")).toEqual([achieng.id, older.id]);
    expect(await find("achieng")).toEqual([achieng.id]);
    expect(await find("wairi", "mama")).toEqual([achieng.id]);
    expect(await find("nganga", "ach")).toEqual([older.id]);
    expect(await find("chieng")).toEqual([]);
    expect(await find("mwangi")).toHaveLength(20);
    expect(await find("%")).toEqual([]);
  });

  it("finds nothing of another site by any of its facts", async () => {
    expect(await find("elsewhere")).toEqual([]);
    expect(await search().byReceipt(SITE, ["UKNSEARCH2"])).toEqual([]);
    expect(await search().byReference(SITE, [foreign.reference])).toEqual([]);
    expect(await search().load(SITE, [foreign.id])).toEqual([]);
    const phone = { full: "254711000001", ending: "001" };
    expect(await search().byPhone(SITE, phone, 20)).not.toContain(foreign.id);
    expect(await search().byPhone(OTHER, phone, 20)).toEqual([foreign.id]);
  });

  it("finds receipts, references, and phones by their number or its end", async () => {
    expect(await search().byReceipt(SITE, ["UKNSEARCH2", "UKNSEARCH1"])).toEqual([achieng.id]);
    expect(await search().byReference(SITE, [achieng.reference])).toEqual([achieng.id]);
    expect((await search().byPhone(SITE, { full: null, ending: "000001" }, 20)).toSorted()).toEqual([older.id, achieng.id].toSorted());
    expect(await search().byPhone(SITE, { full: "254700000001", ending: "001" }, 20)).toEqual([]);
    const [file] = await search().load(SITE, [achieng.id]);
    expect(file).toMatchObject({ booking: { id: achieng.id }, attempts: [{ receipt: "UKNSEARCH1" }] });
  });

  it("forgets the names of people whose data was erased", async () => {
    const gone = await book(
      { parentName: "Zuhura Goneby", childName: "Z", email: "zuhura@example.com" },
      { status: "failed", phone: "254700000987" },
    );
    expect(await find("zuhura")).toEqual([gone.id]);
    await createPersonalDataStore(database()).eraseOf({ email: "zuhura@example.com" }, 1);
    expect(await find("zuhura")).toEqual([]);
    expect(await search().byPhone(SITE, { full: "254700000987", ending: "987" }, 20)).toEqual([gone.id]);
  });

  it.each<[string, (store: ReturnType<typeof createSearchStore>) => Promise<unknown>, RegExp]>([
    ["names", (store) => store.byWords(SITE, ["achieng"], 20), /PRIMARY|booking_words/],
    ["several names", (store) => store.byWords(SITE, ["achieng", "mama"], 20), /PRIMARY|booking_words/],
    ["phones", (store) => store.byPhone(SITE, { full: "254711000001", ending: "001" }, 20), /phone_ending/],
    ["receipts", (store) => store.byReceipt(SITE, ["UKNSEARCH1"]), /provider_ref/],
    ["references", (store) => store.byReference(SITE, ["H7HEDX8M"]), /reference|const|no matching/i],
  ])("reads %s by an index", async (_what, run, index) => {
    const [plan = ""] = await plansOf(database(), () => run(search()));
    expect(plan).toMatch(index);
    expect(plan).not.toMatch(/"type":"(?:ALL|index)"|SCAN/);
  });
});
