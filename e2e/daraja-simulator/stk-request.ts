/** Parses pushes and queries. A refusal names the first invalid field, in Daraja's words. */
import { z } from "zod";
import { invalidField, RefusedCall, refusals } from "./daraja-answers.ts";
import type { Account, Accounts } from "./accounts.ts";
import { phoneSchema } from "./phones.ts";

const AMOUNT_MAX_KES = 250_000;

/** Callers send numbers as well as strings; the official example has both in one body. */
const text = z.union([z.string(), z.number()]).transform(String);
const shortcode = text.pipe(z.string().regex(/^\d{5,8}$/));
const timestamp = text.pipe(z.string().regex(/^\d{4}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])([01]\d|2[0-3])[0-5]\d[0-5]\d$/));
const password = z.string().min(1);

const pushSchema = z.object({
  BusinessShortCode: shortcode,
  Password: password,
  Timestamp: timestamp,
  TransactionType: z.enum(["CustomerPayBillOnline", "CustomerBuyGoodsOnline"]),
  Amount: text.pipe(z.string().regex(/^\d+$/)).transform(Number).pipe(z.number().min(1).max(AMOUNT_MAX_KES)),
  PartyA: text.pipe(phoneSchema),
  PartyB: shortcode,
  PhoneNumber: text.pipe(phoneSchema),
  CallBackURL: z
    .string()
    .regex(/^https?:\/\//i)
    .refine(URL.canParse),
  AccountReference: text.pipe(z.string().min(1)),
  TransactionDesc: text.pipe(z.string().min(1)),
});
export type PushRequest = z.output<typeof pushSchema>;

const querySchema = z.object({
  BusinessShortCode: shortcode,
  Password: password,
  Timestamp: timestamp,
  CheckoutRequestID: z.string().min(1),
});
export type QueryRequest = z.output<typeof querySchema>;

/** Fields that refusals call by another name. */
const namedInRefusal: Readonly<Record<string, string>> = { TransactionDesc: "Remarks" };

/** As at Daraja, a body that is not a JSON object (or has a wrong Content-Type) counts as one without fields. */
function read<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(typeof body === "object" && body !== null ? body : {});
  if (parsed.success) return parsed.data;
  const field = String(parsed.error.issues[0]?.path[0] ?? "BusinessShortCode");
  throw new RefusedCall(invalidField(namedInRefusal[field] ?? field));
}

export const readPush = (body: unknown): PushRequest => read(pushSchema, body);
export const readQuery = (body: unknown): QueryRequest => read(querySchema, body);

/** The account of a request's shortcode. @throws RefusedCall unless it is the caller's own, with the right Password. */
export function verifyMerchant(
  request: { BusinessShortCode: string; Password: string; Timestamp: string },
  accounts: Accounts,
  caller: Account,
): Account {
  const account = accounts.byShortcode(request.BusinessShortCode);
  if (account === undefined || account.consumerKey !== caller.consumerKey) throw new RefusedCall(refusals.merchantUnknown);
  const expected = Buffer.from(account.shortcode + account.passkey + request.Timestamp).toString("base64");
  if (request.Password !== expected) throw new RefusedCall(refusals.wrongCredentials);
  return account;
}

const FORBIDDEN_IN_URL = /mpesa|safaricom|query|cmd|exe|sql/i;
const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/** What stricter accounts refuse: forbidden words, a host that is not lower case, and http except to this machine. */
export function isStrictlyAllowed(callbackUrl: string): boolean {
  const url = new URL(callbackUrl);
  const rawHost = /^https?:\/\/([^/?#]*)/i.exec(callbackUrl)?.[1] ?? "";
  if (FORBIDDEN_IN_URL.test(callbackUrl) || rawHost !== rawHost.toLowerCase()) return false;
  return url.protocol === "https:" || LOOPBACK.test(url.hostname);
}
