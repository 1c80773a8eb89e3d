import type { DarajaCredentials } from "../daraja/daraja-types.ts";

export type SessionType = { code: string; name: string; amountKes: number; durationMinutes: number };

/** A tutoring site that takes payments here. */
export type Site = {
  id: string;
  name: string;
  allowedOrigins: readonly string[];
  publishableKey: string;
  secretKeyHash: string;
  webhookUrl: string | null;
  /** null: the site uses the deployment's account. */
  mpesa: DarajaCredentials | null;
  sessionTypes: readonly SessionType[];
};
