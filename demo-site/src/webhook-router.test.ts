import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import express from "express";
import { Webhook } from "standardwebhooks";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createBookingDesk, type BookingDesk } from "./booking-desk.ts";
import { openBookingsFile, type BookingsFile } from "./bookings-file.ts";
import { createFakeService, type FakeService } from "./fake-service.ts";
import { findLesson } from "./lessons.ts";
import { listen, type Listening } from "./listen.ts";
import { toUtcMs } from "./nairobi-time.ts";
import { createWebhookRouter, WEBHOOK_PATH } from "./webhook-router.ts";

const SECRET = `whsec_${Buffer.from("not a real secret, for tests").toString("base64")}`;
const slot = { date: "2026-12-10", time: "10:00" };
const wish = { parentName: "Wanjiru Kamau", childName: "Amani", email: "wanjiru@example.com", slot, formId: "form-1" };
const nowMs = toUtcMs("2026-12-08", "08:00");

let folder: string;
let file: BookingsFile;
let service: FakeService;
let desk: BookingDesk;
let server: Listening;
let bookingId: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "amani-hooks-"));
  file = await openBookingsFile(join(folder, "bookings.json"));
  service = createFakeService();
  desk = createBookingDesk(file, service, () => nowMs);
  server = await listen(express().use(createWebhookRouter(desk, SECRET)), 0, "DEMO_PORT", "127.0.0.1");
  const lesson = findLesson("maths-1h");
  bookingId = (lesson && (await desk.book(lesson, wish))) ?? "";
});
afterEach(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

function message(type: string, facts: object): string {
  const booking = { ...service.views.get(bookingId), ...facts };
  return JSON.stringify({ type, timestamp: new Date().toISOString(), data: { booking } });
}

async function deliver(body: string, secret = SECRET): Promise<number> {
  const at = new Date();
  const headers = {
    "content-type": "application/json",
    "webhook-id": "msg_1",
    "webhook-timestamp": String(Math.floor(at.getTime() / 1_000)),
    "webhook-signature": new Webhook(secret).sign("msg_1", at, body),
  };
  return (await fetch(`http://127.0.0.1:${server.port}${WEBHOOK_PATH}`, { method: "POST", headers, body })).status;
}

it("a verified booking.booked books the lesson here, without asking the service", async () => {
  expect(await deliver(message("booking.booked", { booking_status: "booked", version: 4 }))).toBe(204);
  expect(desk.find(bookingId)?.told).toEqual({ isBooked: true, version: 4 });
  service.isAway = true;
  expect((await desk.takenTimes("maths-1h", "another form"))(slot)).toBe(true);
  // It is on disk, too.
  const reopened = await openBookingsFile(join(folder, "bookings.json"));
  expect(reopened.all()[0]?.told).toEqual({ isBooked: true, version: 4 });
});

it("a message that comes twice or too late changes nothing; a newer one does", async () => {
  await deliver(message("booking.booked", { booking_status: "booked", version: 4 }));
  expect(await deliver(message("booking.booked", { booking_status: "booked", version: 4 }))).toBe(204);
  expect(await deliver(message("payment.partial", { booking_status: "pending", version: 3 }))).toBe(204);
  expect(desk.find(bookingId)?.told).toEqual({ isBooked: true, version: 4 });
  expect(await deliver(message("booking.cancelled", { booking_status: "cancelled", version: 5 }))).toBe(204);
  expect(desk.find(bookingId)?.told).toEqual({ isBooked: false, version: 5 });
});

it("a message about another site's booking is accepted and leads to nothing", async () => {
  expect(await deliver(message("booking.booked", { bookingId: "bk_other", booking_status: "booked" }))).toBe(204);
  expect(desk.find(bookingId)?.told).toBeUndefined();
});

it("the test message of an endpoint is accepted, and so is a type that is new to this site", async () => {
  expect(
    await deliver('{"type":"webhook.test","timestamp":"2026-12-08T07:00:00.000Z","data":{"endpointId":"we_1","text":"It works."}}'),
  ).toBe(204);
  expect(await deliver('{"type":"site.changed","timestamp":"2026-12-08T07:00:00.000Z","data":{}}')).toBe(204);
});

it("a message with another signature, or none, is refused", async () => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
  const body = message("booking.booked", { booking_status: "booked", version: 4 });
  expect(await deliver(body, `whsec_${Buffer.from("another secret, also not real").toString("base64")}`)).toBe(400);
  const bare = await fetch(`http://127.0.0.1:${server.port}${WEBHOOK_PATH}`, { method: "POST", body });
  expect(bare.status).toBe(400);
  expect(desk.find(bookingId)?.told).toBeUndefined();
  expect(warn).toHaveBeenCalledTimes(2);
  warn.mockRestore();
});
