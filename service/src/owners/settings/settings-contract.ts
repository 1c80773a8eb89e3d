/** The wire format of a site's settings: the site, its keys and its M-Pesa account. */
import { z } from "zod";
import { bookingViewSchema, createBookingSchema } from "../../contract.ts";
import { keyAccesses } from "../../sites/api-key.ts";
import { mpesaCredentialsSchema, originSchema } from "../../sites/site-file.ts";

const ORIGINS_MAX = 50;

export const siteSettingsSchema = z.object({
  siteId: z.string(),
  name: z.string(),
  allowedOrigins: z.array(z.string()).describe("Where the site's pages are. A page elsewhere can neither book nor pay."),
  publishableKey: z.string().describe("For the site's pages. No secret."),
  retentionDays: z.number().int().describe("After so many days raw callbacks are deleted, and names, e-mail addresses and phones erased."),
  publicUrl: z.string().describe("Where this service is reached: the address in the embed snippet."),
  paybill: z.string().nullable().describe("Where payments go; null: to a till, or nowhere yet."),
  till: z.string().nullable(),
});
export type SiteSettings = z.infer<typeof siteSettingsSchema>;

export const changeSiteSchema = z
  .strictObject({
    name: createBookingSchema.shape.parentName
      .optional()
      .describe("The merchant's name on receipts. `somopay site add` finds a site by its name."),
    allowedOrigins: z.array(originSchema).min(1, "must name at least one origin").max(ORIGINS_MAX).optional(),
  })
  .refine((body) => Object.keys(body).length > 0, { message: "must change something" });

export const apiKeySchema = z.object({
  id: z.string(),
  name: z.string().describe("What it is for."),
  access: z.enum(keyAccesses).describe("`full` begins with `sk_`. `read` begins with `rk_` and may only read."),
  ending: z.string().nullable().describe("Its last characters, to tell it from others; null: not known."),
  createdAt: z.number().int(),
  lastUsedAt: z.number().int().nullable().describe("To the minute or so; null: never."),
  endsAt: z.number().int().nullable().describe("Refused from then on; null: it is good until it is revoked."),
});
export type ApiKeyView = z.infer<typeof apiKeySchema>;
export const newApiKeySchema = apiKeySchema.extend({
  secretKey: z.string().optional().describe("The key itself. Shown this once: a repetition under the same Idempotency-Key has none."),
});

export const createKeySchema = z.strictObject({
  name: createBookingSchema.shape.parentName.describe("What it is for."),
  access: z.enum(keyAccesses),
});

/** A week: servers are changed one by one. */
const OVERLAP_HOURS_MAX = 168;
export const rotateKeySchema = z.strictObject({
  overlapHours: z.number().min(0).max(OVERLAP_HOURS_MAX).default(24).describe("For so long the old key is good too."),
});

export const mpesaAccountSchema = z.object({
  source: z
    .enum(["own", "service", "none"])
    .describe("`own`: the site's. `service`: the operator's, for sites without one. `none`: nobody can pay."),
  environment: z.enum(["sandbox", "production"]).describe("In the sandbox no money moves."),
  shortcode: z.string().nullable(),
  till: z.string().nullable(),
  initiator: z.string().nullable().describe("Its name; null: payments cannot be refunded from here, and codes not checked."),
  isReadable: z.boolean().describe("false: SECRETS_KEY is not the one that it was stored with."),
  canStore: z.boolean().describe("false: the operator must set SECRETS_KEY first."),
});
export type MpesaAccountView = z.infer<typeof mpesaAccountSchema>;
export const putMpesaAccountSchema = mpesaCredentialsSchema;

export const checkAccountSchema = z.strictObject({
  account: mpesaCredentialsSchema.optional().describe("To try another account before it is stored. Default: the one that the site uses."),
});
export const findingSchema = z.object({
  ok: z.boolean().describe("false: parents cannot pay, or the owner would not be told."),
  what: z.string().describe("What was found, in words."),
  how: z.string().nullable().describe("What to do about it; null: nothing. A finding that is `ok` may have some too: it is worth knowing."),
});
export type Finding = z.infer<typeof findingSchema>;
export const findingsSchema = z.object({ findings: z.array(findingSchema) });

export const testPaymentSchema = z.strictObject({ phone: z.string().max(40).describe("A Kenyan mobile number in any common form.") });
export const testPaymentAnswerSchema = z.object({ booking: bookingViewSchema });
