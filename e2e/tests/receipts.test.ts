import { describe, expect, it } from "vitest";
import { book, call, toProblem } from "../factories/calls.ts";
import { enterPin, startPaying } from "../factories/paying.ts";
import { deploymentOptions, deployments, stackForTest } from "../fixtures.ts";

const RECEIPT_FILES = ["receipt", "calendar.ics"] as const;

describe.each(deployments)("a receipt (%s)", (deployment) => {
  it("and its calendar file exist once the booking is paid", async () => {
    const stack = await stackForTest(await deploymentOptions(deployment));
    const { url } = stack.service;
    const { booking, phone, prompt, stream } = await startPaying(stack);
    const path = (name: string) => `/api/booking/${booking.bookingId}/${name}`;
    for (const name of RECEIPT_FILES) expect(toProblem(await call(url, path(name)))).toMatchObject({ status: 404, code: "not_found" });
    const code = await enterPin(stack, prompt);
    await stream.untilStatus("paid");

    // As a browser opens an address that was typed: no page of another site is involved.
    const receipt = await call(url, path("receipt"), { headers: { Origin: "" } });
    expect([receipt.status, receipt.headers["content-type"]]).toEqual([200, "text/html; charset=utf-8"]);
    expect(receipt.headers).toMatchObject({ "cache-control": "no-store", "referrer-policy": "no-referrer" });
    expect(receipt.headers["content-security-policy"]).toMatch(/^default-src 'none'; style-src 'sha256-/);
    for (const text of ["Amani Tutors", "KES\u00a01,500", code, booking.reference, `07••\u00a0•••\u00a0${phone.slice(-3)}`])
      expect(receipt.body).toContain(text);
    expect(receipt.body).not.toContain(phone.slice(3));
    expect((await call(url, path("receipt?lang=sw"))).body).toContain("Risiti ya M-Pesa");
    expect((await call(url, path("receipt?lang=sw&lang=en"))).status).toBe(200);

    const session = await call(url, path("calendar.ics"), { headers: { Origin: "" } });
    expect([session.status, session.headers["content-type"]]).toEqual([200, "text/calendar; charset=utf-8"]);
    expect(session.headers["content-disposition"]).toBe(`inline; filename="${booking.reference}.ics"`);
    expect(session.body).toContain("DTSTART:20361209T070000Z\r\nDURATION:PT60M\r\n");
  });

  it("requires the booking id, and is not shown to pages of other sites", async () => {
    const { service } = await stackForTest(await deploymentOptions(deployment));
    const { bookingId } = await book(service.url);
    for (const name of RECEIPT_FILES) {
      expect(toProblem(await call(service.url, `/api/booking/bk_nobody/${name}`)).code).toBe("booking_not_found");
      const foreign = await call(service.url, `/api/booking/${bookingId}/${name}`, { headers: { Origin: "https://evil.example" } });
      expect(toProblem(foreign).code).toBe("origin_not_allowed");
    }
  });
});
