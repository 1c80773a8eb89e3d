/** Parses status queries and reversals. A refusal names the first invalid field. */
import { z } from "zod";
import type { AcceptedRequest } from "./conversation.ts";
import { invalidField, RefusedCall } from "./daraja-answers.ts";

const REMARKS_MAX = 100;

/** Callers send numbers as well as strings. */
const text = z.union([z.string(), z.number()]).transform(String);
const url = z
  .string()
  .regex(/^https?:\/\//i)
  .refine(URL.canParse);
const party = text.pipe(z.string().regex(/^\d{5,8}$/));
const receipt = z.string().regex(/^[A-Za-z0-9]+$/);
const amount = text.pipe(z.string().regex(/^\d+(\.0+)?$/)).transform(Number);

const addresses = {
  ResultURL: url,
  QueueTimeOutURL: url,
  Remarks: text.pipe(z.string().min(1).max(REMARKS_MAX)),
  Occasion: text.pipe(z.string().max(REMARKS_MAX)).default(""),
};
const initiator = { Initiator: z.string().min(1), SecurityCredential: z.string().min(1) };

const statusSchema = z.object({
  ...initiator,
  CommandID: z.literal("TransactionStatusQuery"),
  TransactionID: receipt,
  PartyA: party,
  // Safaricom also has 1, a payer's number. The service never uses it.
  IdentifierType: text.pipe(z.enum(["2", "4"])),
  ...addresses,
});

const reversalSchema = z.object({
  ...initiator,
  CommandID: z.literal("TransactionReversal"),
  TransactionID: receipt,
  Amount: amount.pipe(z.number().min(1)),
  ReceiverParty: party,
  // Safaricom's spelling.
  RecieverIdentifierType: text.pipe(z.literal("11")),
  ...addresses,
});

/** What the sender states. The simulator adds the rest of an `AcceptedRequest`. */
export type Asked = Omit<AcceptedRequest, "account" | "ownFaults">;

export function readStatusQuery(body: unknown): Asked {
  const sent = read(statusSchema, body);
  return { kind: "status", ...common(sent), party: sent.PartyA, isTill: sent.IdentifierType === "2" };
}

export function readReversal(body: unknown): Asked {
  const sent = read(reversalSchema, body);
  return { kind: "reversal", ...common(sent), party: sent.ReceiverParty, amountKes: sent.Amount };
}

type Common = Omit<z.output<typeof statusSchema>, "CommandID" | "PartyA" | "IdentifierType">;

function common({ Initiator, SecurityCredential, TransactionID, ResultURL, QueueTimeOutURL, Occasion }: Common) {
  return {
    initiator: Initiator,
    securityCredential: SecurityCredential,
    transactionId: TransactionID,
    resultUrl: ResultURL,
    timeoutUrl: QueueTimeOutURL,
    occasion: Occasion,
  };
}

function read<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(typeof body === "object" && body !== null ? body : {});
  if (parsed.success) return parsed.data;
  throw new RefusedCall(invalidField(String(parsed.error.issues[0]?.path[0] ?? "Initiator")));
}
