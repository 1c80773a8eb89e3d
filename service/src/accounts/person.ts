/** People who can sign in, and where they work. Pure. */
import type { Role } from "../sites/roles.ts";

export type Person = {
  id: string;
  /** In small letters. */
  email: string;
  name: string;
  passwordHash: string;
  passwordChangedAtMs: number;
  /** Encrypted; null: no authenticator app. */
  totpSecret: string | null;
  /** null: the app was not shown to work yet, so no code is asked for. */
  totpConfirmedAtMs: number | null;
  createdAtMs: number;
};

/** That a person works at a site. */
export type StaffMember = { id: string; siteId: string; personId: string; role: Role; createdAtMs: number; lastSeenAtMs: number | null };

/** A link with which somebody joins a site. */
export type Invitation = {
  id: string;
  siteId: string;
  email: string;
  role: Role;
  invitedBy: string;
  createdAtMs: number;
  expiresAtMs: number;
};

/** Two spellings of an address are one account. */
export function normaliseEmail(email: string): string {
  return email.trim().toLowerCase();
}

export function hasTwoFactor({ totpConfirmedAtMs }: Pick<Person, "totpConfirmedAtMs">): boolean {
  return totpConfirmedAtMs !== null;
}
