import { describe, expect, it, test } from "vitest";
import { z } from "zod";
import { problemSchema } from "../contract.ts";
import { parseOrThrow } from "./error-handler.ts";
import { errorTable, ServiceError, type ErrorCode } from "./errors.ts";

const statuses: Record<ErrorCode, number> = {
  booking_id_required: 400,
  invalid_request: 400,
  not_json: 400,
  phone_invalid: 400,
  amount_mismatch: 422,
  session_type_not_found: 404,
  session_type_unknown: 422,
  site_key_missing: 401,
  site_key_unknown: 401,
  secret_key_required: 403,
  key_read_only: 403,
  origin_not_allowed: 403,
  booking_not_found: 404,
  payment_not_found: 404,
  callback_not_found: 404,
  money_not_found: 404,
  code_invalid: 400,
  codes_not_checked: 409,
  code_check_open: 409,
  refunds_not_set_up: 409,
  not_refundable: 409,
  refund_open: 409,
  refund_refused: 502,
  not_found: 404,
  attempt_open: 409,
  already_paid: 409,
  booking_lapsed: 409,
  receipt_used: 409,
  not_settleable: 409,
  booking_cancelled: 409,
  prompt_too_soon: 409,
  webhook_endpoint_not_found: 404,
  webhook_delivery_not_found: 404,
  webhooks_not_set_up: 409,
  site_name_taken: 409,
  key_not_found: 404,
  keys_full: 409,
  account_not_storable: 409,
  account_refused: 422,
  mail_not_set_up: 409,
  no_receipt: 409,
  webhook_endpoints_full: 409,
  signed_out: 401,
  sign_in_wrong: 401,
  code_wrong: 401,
  password_wrong: 403,
  password_required: 403,
  password_weak: 422,
  cross_site_request: 403,
  https_required: 409,
  forbidden_role: 403,
  site_not_named: 400,
  site_not_found: 404,
  invitation_not_found: 404,
  reset_not_found: 404,
  two_factor_not_set_up: 409,
  two_factor_state: 409,
  staff_not_found: 404,
  staff_known: 409,
  staff_full: 409,
  last_owner: 409,
  date_in_past: 422,
  idempotency_in_progress: 409,
  idempotency_conflict: 409,
  body_too_large: 413,
  too_many_requests: 429,
  payment_refused: 502,
  payment_unavailable: 503,
  unavailable: 503,
  too_many_streams: 503,
  internal: 500,
};

describe("the error table", () => {
  test("has these codes and no others", () => {
    expect(Object.keys(errorTable).toSorted()).toEqual(Object.keys(statuses).toSorted());
  });

  test.each(Object.entries(statuses))("%s is %i, and its problem document is complete", (name, status) => {
    const code = Object.keys(errorTable).find((key): key is ErrorCode => key === name);
    if (!code) throw new Error(`${name} is not in the table`);
    const entry = errorTable[code];
    const problem = new ServiceError(code).toProblem();
    expect(problemSchema.strict().parse(problem)).toEqual({
      type: `/docs/errors#${name}`,
      title: entry.title,
      status,
      detail: entry.detail,
      code: name,
      error: entry.detail,
    });
  });

  test("titles are unique, details are sentences, and every meaning says something", () => {
    const entries = Object.values(errorTable);
    expect(new Set(entries.map(({ title }) => title)).size).toBe(entries.length);
    for (const { detail, meaning } of entries) {
      expect(detail).toMatch(/^(bookingId required|[A-Z].*\.)$/);
      expect(meaning.length).toBeGreaterThan(20);
    }
  });
});

describe("ServiceError", () => {
  it("copies reason, fields and booking into the problem, but not its cause", () => {
    const cause = new Error("connect ECONNREFUSED 10.0.0.7:3306");
    const error = new ServiceError("invalid_request", {
      reason: "busy",
      errors: [{ field: "date", message: "is required" }],
      detail: "date: is required",
      cause,
    });
    expect(error.cause).toBe(cause);
    expect(error.toProblem()).toMatchObject({
      detail: "date: is required",
      error: "date: is required",
      reason: "busy",
      errors: [{ field: "date" }],
    });
    expect(JSON.stringify(error.toProblem())).not.toContain("10.0.0.7");
  });
});

describe("parsing a request body", () => {
  const schema = z.object({ name: z.string(), seats: z.number().int() });

  it("lists every invalid field", () => {
    expect(() => parseOrThrow(schema, { seats: 1.5 })).toThrow(
      expect.objectContaining({
        code: "invalid_request",
        extras: expect.objectContaining({
          errors: [expect.objectContaining({ field: "name" }), expect.objectContaining({ field: "seats" })],
        }),
      }),
    );
  });

  test.each([undefined, null, "text", 7, true, [[]], [[{ name: "x" }]]])("%j is not a JSON object", (input) => {
    expect(() => parseOrThrow(schema, input)).toThrow(expect.objectContaining({ code: "not_json" }));
  });
});
