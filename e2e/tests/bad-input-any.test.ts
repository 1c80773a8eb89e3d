import fc from "fast-check";
import { beforeAll, describe, expect, it, test } from "vitest";
import type { BookingView } from "../../service/src/contract.ts";
import { book, bookingWish, call, type Answer } from "../factories/calls.ts";
import { expectProblem } from "../factories/problems.ts";
import { deployments, sharedStack } from "../fixtures.ts";

const RUNS = { numRuns: 25 };

const isText = (value: unknown) => typeof value === "string";
const isNumber = (value: unknown) => typeof value === "number";
/** What each member must be. Anything else is refused. JSON has no `undefined`, so optional members need no case of their own. */
const members = {
  "/api/pay/mpesa": { bookingId: isText, phone: isText, amount: isNumber },
  "/api/pay/code": { bookingId: isText, code: isText },
  "/api/bookings": {
    sessionType: isText,
    date: isText,
    time: isText,
    parentName: isText,
    childName: isText,
    email: isText,
    amount: isNumber,
    description: isText,
  },
} as const;

describe.each(deployments)("random input (%s)", (deployment) => {
  const stack = sharedStack(deployment);
  let booking: BookingView;
  beforeAll(async () => {
    booking = await book(stack().service.url);
  });
  const rightBody = (path: string): object =>
    path === "/api/bookings" ? bookingWish : { bookingId: booking.bookingId, phone: "0711000001", code: "UKN7RT61SV" };
  const nothingHappened = async (): Promise<void> => {
    expect(await stack().service.service.database.knex("payments").select("id")).toEqual([]);
    expect(await stack().service.service.database.knex("pending_sessions").select("id")).toEqual([{ id: booking.bookingId }]);
    expect(stack().simulator.control.prompts).toEqual([]);
  };

  const cases = Object.entries(members).flatMap(([path, list]) =>
    Object.entries(list).map(([member, isRight]) => ({ path, member, isRight })),
  );
  test.each(cases)("$path refuses a $member of a wrong type and names it", async ({ path, member, isRight }) => {
    const wrong = fc.jsonValue().filter((value) => !isRight(value));
    await fc.assert(
      fc.asyncProperty(wrong, async (value) => {
        const answer = await call(stack().service.url, path, { body: { ...rightBody(path), [member]: value } });
        if (member === "bookingId" && value === null) {
          expectProblem(answer, "booking_id_required");
          return;
        }
        const { errors } = expectProblem(answer, "invalid_request");
        expect(errors?.map(({ field }) => field)).toEqual([member]);
      }),
      RUNS,
    );
    await nothingHappened();
  });

  test.each(Object.keys(members))("%s answers any body with a problem document, and never with 500", async (path) => {
    const anyBody = fc.oneof(
      fc.jsonValue().map((value) => JSON.stringify(value)),
      fc.string({ unit: "binary" }),
      fc.constantFrom("{", "[", '"', "{}", '{"a":1}}', "\ufeff{}", "{".repeat(5_000), '{"a":'.repeat(2_000)),
    );
    await fc.assert(
      fc.asyncProperty(anyBody, async (rawBody) => {
        expectRefusal(await call(stack().service.url, path, { method: "POST", rawBody }));
      }),
      { numRuns: 60 },
    );
    await nothingHappened();
  });

  it("any path is answered with a problem document, and never with 500", async () => {
    const anyPath = fc.array(fc.oneof(fc.webPath({ size: "small" }), fc.string({ unit: "binary" }).map(escape)), {
      minLength: 1,
      maxLength: 3,
    });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom("/api/booking/", "/api/payment-status/", "/api/", "/"), anyPath, async (start, parts) => {
        expectRefusal(await call(stack().service.url, `${start}${parts.join("/").replace(/^\/+/, "")}x`));
      }),
      RUNS,
    );
  });
});

function expectRefusal(answer: Answer): void {
  expect(answer.status).toBeGreaterThanOrEqual(400);
  expect(answer.status).toBeLessThan(500);
  expect(answer.headers["content-type"]).toMatch(/^application\/problem\+json/);
}

/** Percent-encodes all but `%`. */
function escape(text: string): string {
  return [...Buffer.from(text)].map((byte) => (byte === 0x25 ? "%" : `%${byte.toString(16).padStart(2, "0")}`)).join("");
}
