/** What every answer tells the browser, whatever the route: OWASP ASVS 5, 3.4. */
import { expect, test } from "vitest";
import { book, call } from "../factories/calls.ts";
import { callApi, newMember } from "../factories/people.ts";
import { enterPin, startPaying } from "../factories/paying.ts";
import { deployments, sharedStack } from "../fixtures.ts";

const stack = sharedStack(deployments[0]);

test.each([
  "/",
  "/nothing",
  "/livez",
  "/readyz",
  "/metrics",
  "/openapi.json",
  "/docs",
  "/docs/errors",
  "/widget.js",
  "/api/session-types",
  "/api/v1/bookings",
  "/dashboard/session",
])("%s", async (path) => {
  expectSafe((await call(stack().service.url, path)).headers);
});

test("a booking, its receipt, and what a person sees", async () => {
  const { service } = stack();
  const { booking, prompt, stream } = await startPaying(stack());
  await enterPin(stack(), prompt);
  await stream.untilStatus("paid");
  for (const path of ["", "/receipt", "/calendar.ics"])
    expectSafe((await call(service.url, `/api/booking/${booking.bookingId}${path}`)).headers);
  expectSafe((await call(service.url, `/api/booking/${(await book(service.url)).bookingId}/receipt`)).headers);
  const member = await newMember(service);
  for (const answer of [
    await callApi(member, "/bookings"),
    await member.browser.call("/dashboard/session"),
    await member.browser.call("/dashboard/sign-ins"),
  ]) {
    expectSafe(answer.headers);
    expect(answer.headers).toMatchObject({ "cache-control": "no-store", "cross-origin-resource-policy": "same-origin" });
    expect(answer.headers).not.toHaveProperty("access-control-allow-origin");
  }
});

function expectSafe(headers: Record<string, string | string[] | undefined>): void {
  expect(headers["strict-transport-security"]).toBe("max-age=31536000; includeSubDomains");
  expect(headers["x-content-type-options"]).toBe("nosniff");
  expect(headers["referrer-policy"]).toBe("no-referrer");
  const policy = String(headers["content-security-policy"]);
  for (const directive of ["default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"]) expect(policy).toContain(directive);
  expect(policy).not.toMatch(/unsafe|\*/);
  expect(String(headers["content-type"])).toMatch(
    /^(application\/(problem\+)?json|text\/[\w-]+|application\/openmetrics-text|image\/png).*(charset=utf-8)?/i,
  );
}
