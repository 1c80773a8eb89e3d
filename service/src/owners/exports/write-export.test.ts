import { buffer, text } from "node:stream/consumers";
import { beforeAll, expect, it } from "vitest";
import { createPaymentStore } from "../../payments/store/payment-store.ts";
import { insertTestSite, newAttempt, newBooking, newChange, START_MS } from "../../payments/testing.ts";
import { describeOnEachDatabase } from "../../platform/testing.ts";
import { plansOf } from "../testing.ts";
import { exportFiles, type ExportName } from "./export-files.ts";
import { writeExport } from "./write-export.ts";

const SITE = "site_exports";
const OTHER = "site_exports_other";
/** More than one page. */
const BOOKINGS = 1_050;
const everything = { siteId: SITE, shortcode: "600100", fromMs: undefined, toMs: undefined };

describeOnEachDatabase("an export", (database) => {
  const saved = (name: ExportName, wish: Partial<typeof everything> = {}) =>
    text(writeExport(database().knex, exportFiles[name], { ...everything, ...wish }));
  beforeAll(async () => {
    for (const siteId of [SITE, OTHER]) await insertTestSite(database(), siteId);
    const store = createPaymentStore(database());
    for (let index = 0; index < BOOKINGS; index++) {
      const booking = newBooking({ siteId: SITE, createdAtMs: START_MS + Math.floor(index / 3) });
      await store.insertBooking(booking, null);
    }
    const booking = newBooking({ siteId: OTHER, parentName: "Onlyhere" });
    await store.insertBooking(booking, null);
    await store.commit(newChange(booking, newAttempt(booking)));
    const money = {
      account_number: "\t=cmd|' /C calc'!A0",
      amount: 700,
      payer: "2547 ***** 001",
      why: "+1",
      paid_at: START_MS,
      received_at: START_MS,
    };
    await database()
      .knex("unassigned_money")
      .insert({ receipt: "UKNEXPORT1", shortcode: "600100", ...money });
    await database()
      .knex("unassigned_money")
      .insert({ receipt: "UKNEXPORT2", shortcode: "600200", ...money });
  }, 300_000);

  it("has every row once, over all pages, and none of another site", async () => {
    const lines = (await saved("bookings")).trimEnd().split("\r\n");
    expect(lines).toHaveLength(BOOKINGS + 1);
    expect(new Set(lines).size).toBe(BOOKINGS + 1);
    expect(lines.join()).not.toContain("Onlyhere");
    expect((await saved("payments")).trimEnd().split("\r\n")).toHaveLength(1);
    expect((await saved("refunds")).trimEnd().split("\r\n")).toHaveLength(1);
  });

  it("is UTF-8 with its mark, and no cell is a formula", async () => {
    const bytes = await buffer(writeExport(database().knex, exportFiles.money, everything));
    expect(bytes.subarray(0, 3)).toEqual(Buffer.from("\ufeff"));
    const [, row = "", ...others] = bytes.toString().trimEnd().split("\r\n");
    expect(row).toContain("UKNEXPORT1,700,'\t=cmd|' /C calc'!A0,");
    expect(row).toContain(",'+1,waiting,");
    // UKNEXPORT2 went to another paybill.
    expect(others).toEqual([]);
  });

  it("of a site that shares its paybill has no money without a booking", async () => {
    expect(
      (await text(writeExport(database().knex, exportFiles.money, { ...everything, shortcode: null }))).trimEnd().split("\r\n"),
    ).toHaveLength(1);
  });

  it("keeps to its days", async () => {
    const lines = (
      await text(writeExport(database().knex, exportFiles.bookings, { ...everything, fromMs: START_MS + 1, toMs: START_MS + 3 }))
    ).trimEnd();
    expect(lines.split("\r\n")).toHaveLength(7);
  });

  it.each<[ExportName, RegExp]>([
    ["payments", /site_id_requested_at/],
    ["bookings", /site_id_created_at/],
    ["money", /shortcode_received_at/],
    ["refunds", /refunds_site_id_requested_at/],
  ])("reads %s by an index", async (name, index) => {
    const [plan] = await plansOf(database(), () => saved(name));
    expect(plan).toMatch(index);
  });
});
