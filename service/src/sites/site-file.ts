import { z } from "zod";
import { amountKesSchema, MINUTES_OF_A_DAY, sessionTypeCodeSchema } from "../contract.ts";
import { CREDENTIAL_TEXT, CREDENTIAL_TEXT_PROBLEM } from "../daraja/credential-text.ts";
import { problemWithCertificate } from "../daraja/security-credential.ts";
import { trimUnseen } from "../platform/text-file.ts";

/** What a person pasted, without what came with it at both ends. */
const pasted = z.string().overwrite(trimUnseen);

/** A page inside an app, as the web view of Capacitor or Ionic sends it. For URL these schemes have no origin. */
const APP_ORIGIN = /^(?:capacitor|ionic):\/\/[a-z0-9]+(?:[.-][a-z0-9]+)*(?::\d{1,5})?$/;

/** Where a site's pages are. */
export const originSchema = pasted.refine((text) => {
  if (APP_ORIGIN.test(text)) return true;
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  // A wildcard would be read as a host name that no page ever matches.
  return /^https?:$/.test(url.protocol) && url.origin === text && !text.includes("*");
}, "must be an origin such as https://www.example.com: scheme and host, no path, no slash at the end, no wildcard. In an app it is capacitor://localhost or ionic://localhost");

const credential = pasted.regex(CREDENTIAL_TEXT, CREDENTIAL_TEXT_PROBLEM);

const certificate = z.string().superRefine((pem, context) => {
  const problem = problemWithCertificate(pem);
  if (problem !== null) context.addIssue(`must be Safaricom's certificate: ${problem}`);
});

/** What Safaricom gives for an M-Pesa account. */
export const mpesaCredentialsSchema = z
  .strictObject({
    consumerKey: credential,
    consumerSecret: credential,
    shortcode: pasted.regex(/^\d{5,10}$/, "must be 5 to 10 digits"),
    passkey: credential,
    till: pasted.regex(/^\d{5,10}$/, "must be 5 to 10 digits").optional(),
    initiator: z.strictObject({ name: pasted.min(1), password: pasted.min(1), certificate }).optional(),
  })
  .transform(({ till, initiator, ...credentials }) => ({
    ...credentials,
    ...(till !== undefined && { till }),
    ...(initiator !== undefined && { initiator }),
  }));

/** A site file, as the operator writes it. */
const siteFileSchema = z
  .strictObject({
    name: pasted.min(1).max(120),
    allowedOrigins: z.array(originSchema).min(1, "must name at least one origin"),
    sessionTypes: z
      .array(
        z.strictObject({
          code: pasted.pipe(sessionTypeCodeSchema),
          name: pasted.min(1).max(120),
          amount: amountKesSchema,
          durationMinutes: z.number().int().min(1).max(MINUTES_OF_A_DAY),
        }),
      )
      .refine((types) => new Set(types.map(({ code }) => code)).size === types.length, "each code may appear only once"),
    publishableKey: pasted
      .regex(/^pk_\w{8,70}$/, "must begin with pk_ and have 8 to 70 letters, digits or underscores after it")
      .optional(),
    secretKey: pasted.regex(/^sk_\w{24,70}$/, "must begin with sk_ and have 24 to 70 letters, digits or underscores after it").optional(),
    webhookUrl: pasted.pipe(z.url({ protocol: /^https?$/ }).max(500)).optional(),
    mpesa: mpesaCredentialsSchema.nullable().optional(),
  })
  .meta({ id: "SiteFile" });

export type SiteFile = z.infer<typeof siteFileSchema>;

export class SiteFileError extends Error {
  readonly problems: string[];
  constructor(problems: string[]) {
    super(
      `The site file has ${problems.length === 1 ? "a problem" : `${problems.length} problems`}:\n${problems.map((line) => `  - ${line}`).join("\n")}`,
    );
    this.name = "SiteFileError";
    this.problems = problems;
  }
}

/** @throws SiteFileError with every problem */
export function parseSiteFile(text: string): SiteFile {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new SiteFileError([`it is not JSON: ${error instanceof Error ? error.message : String(error)}`]);
  }
  const result = siteFileSchema.safeParse(json);
  if (result.success) return result.data;
  throw new SiteFileError(
    result.error.issues.map((issue) => [issue.path.join("."), issue.message].filter((part) => part !== "").join(": ")),
  );
}
