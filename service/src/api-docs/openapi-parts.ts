/** What the descriptions of the routes are made of. */
import { z } from "zod";
import type { ZodOpenApiOperationObject, ZodOpenApiResponseObject } from "zod-openapi";
import {
  assignAnswerSchema,
  assignRequestSchema,
  attentionItemSchema,
  bookingViewSchema,
  cancelBookingSchema,
  createBookingSchema,
  dismissCallbackSchema,
  keepMoneySchema,
  moveBookingSchema,
  ownerBookingSchema,
  ownerCallbackSchema,
  ownerPaymentSchema,
  paymentWithRefundsSchema,
  problemSchema,
  refundRequestSchema,
  refundViewSchema,
  sessionTypeChangeSchema,
  sessionTypeViewSchema,
  settleRequestSchema,
  unassignedMoneySchema,
} from "../contract.ts";
import type { Role } from "../sites/roles.ts";
import { errorCodes, errorTable, ServiceError, type ErrorCode } from "../platform/errors.ts";

const bookingView = bookingViewSchema.meta({ id: "BookingView" });
const refund = refundViewSchema.meta({ id: "Refund" });

/** The schemas with a name: the reference has a section for each, and the client package a type. */
export const named = {
  BookingView: bookingView,
  OwnerBooking: ownerBookingSchema.meta({ id: "OwnerBooking" }),
  SessionType: sessionTypeViewSchema.meta({ id: "SessionType" }),
  Payment: ownerPaymentSchema.meta({ id: "Payment" }),
  PaymentWithRefunds: paymentWithRefundsSchema.extend({ refunds: z.array(refund) }).meta({ id: "PaymentWithRefunds" }),
  Refund: refund,
  Callback: ownerCallbackSchema.meta({ id: "Callback" }),
  UnassignedMoney: unassignedMoneySchema.meta({ id: "UnassignedMoney" }),
  AttentionItem: attentionItemSchema.meta({ id: "AttentionItem" }),
  Assignment: assignAnswerSchema.extend({ booking: bookingView }).meta({ id: "Assignment" }),
  Problem: problemSchema.extend({ code: z.enum(errorCodes), booking: bookingView.optional() }).meta({ id: "Problem" }),
  CreateBooking: createBookingSchema.meta({ id: "CreateBooking" }),
  MoveBooking: moveBookingSchema.meta({ id: "MoveBooking" }),
  CancelBooking: cancelBookingSchema.meta({ id: "CancelBooking" }),
  CreateRefund: refundRequestSchema.meta({ id: "CreateRefund" }),
  SettlePayment: settleRequestSchema.meta({ id: "SettlePayment" }),
  KeepMoney: keepMoneySchema.meta({ id: "KeepMoney" }),
  DismissCallback: dismissCallbackSchema.meta({ id: "DismissCallback" }),
  AssignMoney: assignRequestSchema.meta({ id: "AssignMoney" }),
  SessionTypeChange: sessionTypeChangeSchema.meta({ id: "SessionTypeChange" }),
};

export const json = <Schema extends z.ZodType>(description: string, schema: Schema, example?: object) => ({
  description,
  content: { "application/json": { schema, ...(example && { example: withoutGaps(example) }) } },
});

export const body = <Schema extends z.ZodType>(schema: Schema, examples: Record<string, object>, required = true) => ({
  required,
  content: {
    "application/json": {
      schema,
      examples: Object.fromEntries(Object.entries(examples).map(([name, value]) => [name, { value: withoutGaps(value) }])),
    },
  },
});

/** As it crosses the wire: a member that is undefined is not there. */
function withoutGaps(example: object): unknown {
  return JSON.parse(JSON.stringify(example));
}

/** The errors of a route, grouped by status: OpenAPI allows one description per status. Each has its example. */
export function problems(...codes: ErrorCode[]) {
  const byStatus = Map.groupBy(new Set(codes), (code) => errorTable[code].status);
  return Object.fromEntries(
    [...byStatus].map(([status, ofStatus]) => [
      String(status),
      {
        description: ofStatus.map((code) => `\`${code}\`: ${errorTable[code].detail}`).join(" "),
        ...(status === 429 && { headers: z.object({ "Retry-After": retryAfter }) }),
        content: {
          "application/problem+json": {
            schema: named.Problem,
            examples: Object.fromEntries(ofStatus.map((code) => [code, { $ref: `#/components/examples/${code}` }])),
          },
        },
      },
    ]),
  );
}

/** For `components.examples`: the problem document of each error. */
export const problemExamples = Object.fromEntries(
  errorCodes.map((code) => [code, { summary: errorTable[code].title, value: withoutGaps(new ServiceError(code).toProblem()) }]),
);

const retryAfter = z.string().meta({ description: "Seconds." });

/** What any route may answer. */
export const anywhere = ["unavailable", "internal"] as const satisfies ErrorCode[];
/** What a route answers to a key that is not needed there, but is another site's. */
export const keyOfBooking = ["site_key_unknown", "origin_not_allowed", "booking_not_found"] as const satisfies ErrorCode[];

const serverOnly = [
  "site_key_missing",
  "site_key_unknown",
  "secret_key_required",
  "origin_not_allowed",
  "signed_out",
  "site_not_named",
  "site_not_found",
  "cross_site_request",
  "too_many_requests",
  ...anywhere,
] as const satisfies ErrorCode[];
const ofWrites = ["key_read_only", "forbidden_role", "idempotency_in_progress", "idempotency_conflict"] as const satisfies ErrorCode[];
const ofBodies = ["invalid_request", "not_json", "body_too_large"] as const satisfies ErrorCode[];

type Answer = Pick<ZodOpenApiResponseObject, "description" | "content">;

/** A route under `/api/v1`: with the secret key or by a signed-in person, counted, and with the errors that all of them have. `errors`: those of its own. */
export function serverRoute(
  operation: Omit<ZodOpenApiOperationObject, "responses" | "tags" | "security"> & {
    operationId: string;
    summary: string;
    answers: Record<`2${string}`, Answer>;
    errors?: readonly ErrorCode[];
    /** For a write that has neither a body nor one of the statuses that tell it. */
    isWrite?: boolean;
    /** The role that it takes. Default: `viewer` to read, `manager` to write. */
    least?: Role;
  },
): ZodOpenApiOperationObject {
  const { answers, errors = [], requestParams, isWrite: isSaid = false, least, ...rest } = operation;
  const isWrite = isSaid || "requestBody" in rest || "204" in answers || "202" in answers;
  const hasInput = "requestBody" in rest || requestParams?.query !== undefined;
  const counted = Object.fromEntries(Object.entries(answers).map(([status, answer]) => [status, { ...answer, headers: rateLimit }]));
  return {
    ...rest,
    "x-least-role": least ?? (isWrite ? "manager" : "viewer"),
    tags: ["server"],
    security: [{ secretKey: [] }, { session: [] }],
    requestParams: { ...requestParams, ...(isWrite && { header: idempotencyKey }) },
    responses: {
      ...counted,
      ...problems(
        ...serverOnly,
        ...(isWrite ? ofWrites : []),
        ...("requestBody" in rest ? ofBodies : hasInput ? (["invalid_request"] as const) : []),
        ...errors,
      ),
    },
  };
}

const rateLimit = z.object({
  "RateLimit-Policy": z.string().optional().meta({ description: '`"site";q=600;w=60`: 600 calls in 60 seconds, of all the site\'s keys.' }),
  RateLimit: z.string().optional().meta({ description: '`"site";r=599;t=60`: how many are left, and in how many seconds all are again.' }),
});

export const idempotencyKey = z.object({
  "Idempotency-Key": z.string().max(200).optional().meta({
    description:
      "A new key for each new request. Repeating a request with its key returns the same answer and never does anything twice. Keys are kept for a day.",
  }),
});

/** For `security`: who calls with the site's own key. */
export const siteKey = [{ publishableKey: [] }, { secretKey: [] }];
/** The booking's id is enough. A key may be sent too, and must then be its site's. */
export const noKeyNeeded: Record<string, string[]>[] = [];

export const paymentPath = z.object({ paymentId: z.string() });
export const bookingPath = z.object({ bookingId: z.string() });
export const secretPath = z.object({ secret: z.string() });
