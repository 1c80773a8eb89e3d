export type SessionType = { code: string; name: string; amountKes: number; durationMinutes: number };

/** A tutoring site that takes payments here. */
export type Site = {
  id: string;
  name: string;
  allowedOrigins: readonly string[];
  publishableKey: string;
  webhookUrl: string | null;
  /** null: the site uses the deployment's account. */
  mpesaAccountId: string | null;
  sessionTypes: readonly SessionType[];
};

/** A site of which something cannot be read. If only its account cannot, everything but its payments goes on. */
export type UnreadableSite = { id: string; name: string; problem: string };
