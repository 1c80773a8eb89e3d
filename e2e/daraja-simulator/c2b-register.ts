/** POST /mpesa/c2b/v2/registerurl, and v1, whose notices carry a hashed phone. A second registration replaces the first. */
import type { RequestHandler } from "express";
import { z } from "zod";
import type { C2bDesk } from "./c2b.ts";
import { invalidField, RefusedCall, refusals } from "./daraja-answers.ts";
import type { Ids } from "./ids.ts";
import type { TokenDesk } from "./oauth.ts";

const registerSchema = z.object({
  ShortCode: z.union([z.string(), z.number()]).transform(String),
  ResponseType: z.enum(["Completed", "Cancelled"]),
  ConfirmationURL: z
    .string()
    .regex(/^https?:\/\//i)
    .refine(URL.canParse),
  ValidationURL: z
    .string()
    .regex(/^https?:\/\//i)
    .refine(URL.canParse),
});

export function registerC2bUrls(deps: { tokens: TokenDesk; c2b: C2bDesk; ids: Ids }, version: "v1" | "v2"): RequestHandler {
  const { tokens, c2b, ids } = deps;
  return (request, response) => {
    const caller = tokens.authorize(request);
    const parsed = registerSchema.safeParse(request.body ?? {});
    if (!parsed.success) throw new RefusedCall(invalidField(String(parsed.error.issues[0]?.path[0] ?? "ShortCode")));
    const { ShortCode, ResponseType, ConfirmationURL, ValidationURL } = parsed.data;
    if (ShortCode !== caller.shortcode) throw new RefusedCall(refusals.merchantUnknown);
    c2b.register({
      shortcode: ShortCode,
      version,
      responseType: ResponseType,
      confirmationUrl: ConfirmationURL,
      validationUrl: ValidationURL,
    });
    response.json({ OriginatorCoversationID: ids.requestId(), ResponseCode: "0", ResponseDescription: "Success" });
  };
}
