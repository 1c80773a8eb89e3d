/** A site's settings, under `/api/v1`: the site, its keys and its M-Pesa account; and a receipt sent again. */
import { z } from "zod";
import type { ZodOpenApiPathsObject } from "zod-openapi";
import {
  apiKeySchema,
  changeSiteSchema,
  checkAccountSchema,
  createKeySchema,
  findingsSchema,
  mpesaAccountSchema,
  newApiKeySchema,
  putMpesaAccountSchema,
  rotateKeySchema,
  siteSettingsSchema,
  testPaymentSchema,
  type ApiKeyView,
  type MpesaAccountView,
  type SiteSettings,
} from "../owners/settings/settings-contract.ts";
import type { ErrorCode } from "../platform/errors.ts";
import { resendReceiptSchema, resentReceiptSchema } from "../owners/receipts/resend-receipt-router.ts";
import { examples } from "./examples.ts";
import { body, bookingPath, json, named, serverRoute } from "./openapi-parts.ts";

const site: SiteSettings = {
  siteId: "site_01m83k8nc0ftw9bg6b5veeed7xfw6gcfrk0y",
  name: "Amani Tutors",
  allowedOrigins: ["https://www.example.com"],
  publishableKey: "pk_not_a_real_key",
  retentionDays: 400,
  publicUrl: "https://pay.example.com",
  paybill: "174379",
  till: null,
};

const key: ApiKeyView = {
  id: "key_01m83k8nc0ftw9bg6b5veeed7xfw6gcfrk0y",
  name: "Website",
  access: "full",
  ending: "real",
  createdAt: Date.UTC(2026, 11, 1, 7),
  lastUsedAt: null,
  endsAt: null,
};

const account: MpesaAccountView = {
  source: "own",
  environment: "production",
  shortcode: "174379",
  till: null,
  initiator: null,
  isReadable: true,
  canStore: true,
};

const credentials = {
  consumerKey: "not-a-real-key",
  consumerSecret: "not-a-real-secret",
  shortcode: "174379",
  passkey: "not-a-real-passkey",
};
const findings = {
  findings: [
    { ok: true, what: "Safaricom accepts the keys of paybill 174379.", how: null },
    { ok: false, what: "The price list is empty: nothing can be booked.", how: "Add a session type with its price." },
  ],
};

const Site = siteSettingsSchema.meta({ id: "Site" });
const ApiKey = apiKeySchema.meta({ id: "ApiKey" });
const NewApiKey = newApiKeySchema.meta({ id: "NewApiKey" });
const MpesaAccount = mpesaAccountSchema.meta({ id: "MpesaAccount" });
const keyPath = z.object({ keyId: z.string() });
const ofOwners = ["forbidden_role", "password_required"] as const satisfies ErrorCode[];
const OWNERS_ONLY = "Only an owner may, who is signed in and gave the password in the last 15 minutes.";

export const settingsPaths: ZodOpenApiPathsObject = {
  "/api/v1/site": {
    get: serverRoute({
      operationId: "getSite",
      summary: "Get the site",
      answers: { "200": json("The site.", Site, site) },
    }),
    patch: serverRoute({
      operationId: "changeSite",
      summary: "Change the site's name or allowed origins",
      description:
        "Only an owner may; for `allowedOrigins`, which replaces the list, also only with the password of the last 15 minutes. `somopay site add` finds a site by its name: after another name, write that into the site file too.",
      requestBody: body(changeSiteSchema.meta({ id: "ChangeSite" }), { origins: { allowedOrigins: site.allowedOrigins } }),
      answers: { "200": json("The site as it is now.", Site, site) },
      least: "owner",
      errors: ["password_required", "site_name_taken"],
    }),
  },
  "/api/v1/keys": {
    get: serverRoute({
      operationId: "listKeys",
      summary: "List the secret keys",
      description: "Without the keys themselves; those that ended in the last 30 days included. Oldest first.",
      answers: { "200": json("All of them.", z.object({ data: z.array(ApiKey) }), { data: [key] }) },
    }),
    post: serverRoute({
      operationId: "createKey",
      summary: "Make a secret key",
      description: `The key is shown this once. ${OWNERS_ONLY}`,
      requestBody: body(createKeySchema.meta({ id: "CreateKey" }), { reports: { name: "Reports", access: "read" } }),
      answers: { "201": json("The key.", NewApiKey, { ...key, name: "Reports", access: "read", secretKey: "rk_not_a_real_key" }) },
      least: "owner",
      errors: [...ofOwners, "keys_full"],
    }),
  },
  "/api/v1/keys/{keyId}/rotate": {
    post: serverRoute({
      operationId: "rotateKey",
      summary: "Replace a secret key",
      description: `A new key of the same name and access, shown this once. The old one is good for \`overlapHours\` more. ${OWNERS_ONLY}`,
      requestParams: { path: keyPath },
      requestBody: body(rotateKeySchema.meta({ id: "RotateKey" }), { tomorrow: { overlapHours: 24 } }, false),
      answers: { "201": json("The new key.", NewApiKey, { ...key, secretKey: "sk_not_a_real_key" }) },
      least: "owner",
      errors: [...ofOwners, "key_not_found"],
    }),
  },
  "/api/v1/keys/{keyId}": {
    delete: serverRoute({
      operationId: "revokeKey",
      summary: "Revoke a secret key",
      description: `Every copy refuses it within two seconds. ${OWNERS_ONLY}`,
      requestParams: { path: keyPath },
      answers: { "204": { description: "It is revoked." } },
      least: "owner",
      errors: [...ofOwners, "key_not_found"],
    }),
  },
  "/api/v1/mpesa-account": {
    get: serverRoute({
      operationId: "getMpesaAccount",
      summary: "Get the M-Pesa account",
      description: "Where the site's money goes. Secrets are never given back.",
      answers: { "200": json("The account.", MpesaAccount, account) },
    }),
    put: serverRoute({
      operationId: "putMpesaAccount",
      summary: "Set the M-Pesa account",
      description: `The whole account: an initiator that is left out is removed. Safaricom must accept it. New payments go there; payments from before stay with the account that they were made with. ${OWNERS_ONLY}`,
      requestBody: body(putMpesaAccountSchema.meta({ id: "PutMpesaAccount" }), { paybill: credentials }),
      answers: { "200": json("The account as it is now.", MpesaAccount, account) },
      least: "owner",
      errors: [...ofOwners, "account_not_storable", "account_refused"],
    }),
  },
  "/api/v1/mpesa-account/check": {
    post: serverRoute({
      operationId: "checkMpesaAccount",
      summary: "Check whether the site can take money",
      description:
        "Asks Safaricom whether it accepts the keys, and looks at everything else that a payment needs. With `account`, before that is stored.",
      requestBody: body(checkAccountSchema.meta({ id: "CheckMpesaAccount" }), { current: {}, before: { account: credentials } }, false),
      answers: { "200": json("What was found.", findingsSchema.meta({ id: "Findings" }), findings) },
    }),
  },
  "/api/v1/mpesa-account/test-payment": {
    post: serverRoute({
      operationId: "startTestPayment",
      summary: "Pay one shilling as a test",
      description: "A real booking over KES 1 and a real prompt on this phone, both named “Test payment”. Refund it like any payment.",
      requestBody: body(testPaymentSchema.meta({ id: "TestPayment" }), { test: { phone: "0711 000 001" } }),
      answers: {
        "201": json("The prompt was sent.", z.object({ booking: named.BookingView }), {
          booking: { ...examples.prompted, amount: 1, amountDue: 1 },
        }),
        "202": json("Whether the prompt was sent is not known yet.", z.object({ booking: named.BookingView }), {
          booking: { ...examples.prompted, amount: 1, amountDue: 1 },
        }),
      },
      errors: ["phone_invalid", "payment_refused", "payment_unavailable"],
    }),
  },
  "/api/v1/bookings/{bookingId}/resend-receipt": {
    post: serverRoute({
      operationId: "resendReceipt",
      summary: "Send the receipt by mail once more",
      description: "To the parent's address, at most five times a day.",
      requestParams: { path: bookingPath },
      requestBody: body(resendReceiptSchema.meta({ id: "ResendReceipt" }), { english: { lang: "en" } }, false),
      answers: { "202": json("It is sent soon.", resentReceiptSchema, { to: "wanjiru@example.com" }) },
      errors: ["booking_not_found", "mail_not_set_up", "no_receipt"],
    }),
  },
};
