import { randomUUID } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createBookingDesk, type BookingDesk } from "./booking-desk.ts";
import type { Wish } from "./booking-form.ts";
import { openBookingsFile } from "./bookings-file.ts";
import { createFakeService, type FakeService } from "./fake-service.ts";
import { findLesson } from "./lessons.ts";
import { toUtcMs } from "./nairobi-time.ts";
import { ServiceAwayError } from "./service-client.ts";

const DAY_MS = 86_400_000;
const lesson = findLesson("maths-1h")!;
const slot = { date: "2026-12-10", time: "15:00" };
const wish = (change: Partial<Wish> = {}): Wish => ({
  formId: randomUUID(),
  slot,
  parentName: "Wanjiru Kamau",
  childName: "Amani",
  email: "wanjiru@example.com",
  ...change,
});

let folder: string;
let service: FakeService;
let nowMs: number;
let desk: BookingDesk;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "amani-desk-"));
  service = createFakeService();
  nowMs = toUtcMs("2026-12-08", "08:00");
  desk = await openDesk();
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const bookingsPath = () => join(folder, "bookings.json");
const openDesk = async () => createBookingDesk(await openBookingsFile(bookingsPath()), service, () => nowMs);
const isTaken = async (formId?: string) => (await desk.takenTimes("maths-1h", formId))(slot);

describe("booking", () => {
  it("creates one booking if a form is sent twice at once", async () => {
    const once = wish();
    const [first, second] = await Promise.all([desk.book(lesson, once), desk.book(lesson, once)]);
    expect(first).toMatch(/^bk_/);
    expect(second).toBe(first);
    expect(service.views.size).toBe(1);
  });

  it("gives a time to one of two families that book at once", async () => {
    const answers = await Promise.all([desk.book(lesson, wish()), desk.book(lesson, wish({ childName: "Achieng" }))]);
    expect(answers.filter((answer) => answer !== null)).toHaveLength(1);
    expect(service.calls).toHaveLength(1);
  });

  it("retries with the same key after no answer, and books once", async () => {
    const once = wish();
    service.isAway = true;
    await expect(desk.book(lesson, once)).rejects.toBeInstanceOf(ServiceAwayError);
    expect(await isTaken()).toBe(false);
    service.isAway = false;
    expect(await desk.book(lesson, once)).toMatch(/^bk_/);
    expect(service.views.size).toBe(1);
  });

  it("lets a parent go back, correct the form and keep the time", async () => {
    const first = wish();
    await desk.book(lesson, first);
    const mended = await desk.book(lesson, { ...first, childName: "Amani Kamau" });
    expect(mended).toMatch(/^bk_/);
    expect((await desk.listed()).map(({ record }) => record.childName)).toEqual(["Amani Kamau"]);
  });
});

describe("a time", () => {
  it("is taken while it is reserved, paid or not, except for the form that reserved it", async () => {
    const held = wish();
    await desk.book(lesson, held);
    expect(await isTaken()).toBe(true);
    expect(await isTaken(held.formId)).toBe(false);
  });

  it("is free again a day later if unpaid, and stays taken if paid", async () => {
    const bookingId = await desk.book(lesson, wish());
    nowMs += DAY_MS + 1;
    expect(await isTaken()).toBe(false);
    service.setPaid(bookingId ?? "", "UKN1234567");
    expect(await isTaken()).toBe(true);
  });

  it("stays taken by a part payment while the rest may come, and is free once the booking is cancelled", async () => {
    const bookingId = (await desk.book(lesson, wish())) ?? "";
    service.setPaid(bookingId, "UKN1234567", 1_000);
    nowMs += DAY_MS + 1;
    expect(await isTaken()).toBe(true);
    service.end(bookingId, "cancelled");
    expect(await isTaken()).toBe(false);
  });

  it("is free although the money came, if that was too late to book it", async () => {
    const bookingId = (await desk.book(lesson, wish())) ?? "";
    nowMs += DAY_MS + 1;
    service.end(bookingId, "lapsed");
    service.setPaid(bookingId, "UKN1234567");
    expect(await isTaken()).toBe(false);
    expect((await desk.listed()).map(({ view }) => view.payment_status)).toEqual(["paid"]);
  });

  it("counts as taken while the service does not answer", async () => {
    await desk.book(lesson, wish());
    nowMs += DAY_MS + 1;
    service.isAway = true;
    expect(await isTaken()).toBe(true);
  });
});

describe("the list", () => {
  it("shows the service's state, soonest lesson first, and survives a restart", async () => {
    await desk.book(lesson, wish({ slot: { date: "2026-12-11", time: "15:00" }, childName: "Later" }));
    const paid = await desk.book(lesson, wish({ childName: "Sooner" }));
    service.setPaid(paid ?? "", "UKN1234567");
    desk = await openDesk();
    const listed = await desk.listed();
    expect(listed.map(({ record, view }) => [record.childName, view.payment_status])).toEqual([
      ["Sooner", "paid"],
      ["Later", "unpaid"],
    ]);
  });

  it("leaves out lapsed bookings, and those that the service no longer knows", async () => {
    const forgotten = await desk.book(lesson, wish());
    await desk.book(lesson, wish({ slot: { date: "2026-12-11", time: "15:00" } }));
    service.views.delete(forgotten ?? "");
    expect(await desk.listed()).toHaveLength(1);
    nowMs += DAY_MS + 1;
    expect(await desk.listed()).toHaveLength(0);
  });

  it("renames an unreadable file, warns, and starts a new one", async () => {
    await writeFile(bookingsPath(), "half a fi");
    const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    desk = await openDesk();
    expect(warn).toHaveBeenCalledWith(expect.stringContaining("could not be read"));
    warn.mockRestore();
    expect(await desk.listed()).toEqual([]);
  });
});
