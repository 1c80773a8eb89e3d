import type { FailureReason } from "../api/contract.ts";

/** What the page's owner has to mend, so that no parent meets it on a page that is in order. */
export type OwnersProblem =
  /** 422: the page named another amount than the booking's. */
  | "amount_changed"
  /** 404: no such booking. */
  | "not_found"
  /** 403, or no service to ask: this page may not take payments. */
  | "not_allowed";

/** Why no payment came about: the service's reasons for a failed attempt, and what keeps an attempt from starting. */
export type Problem =
  | FailureReason
  | OwnersProblem
  /** 429: too many tries from this address, phone or site. */
  | "too_many"
  /** No answer could be had from the service. */
  | "no_connection";

/** What the parent is offered first. `again` sends a new prompt, `edit` shows the form, `reload` asks the service anew. */
export type Remedy = "again" | "edit" | "reload" | "none";

const remedies: Partial<Record<Problem, Remedy>> = {
  // The same phone would meet the same wall, another one may not.
  limit: "edit",
  pin_locked: "edit",
  amount_changed: "reload",
  not_found: "none",
  not_allowed: "reload",
};

export function remedyFor(problem: Problem): Remedy {
  return remedies[problem] ?? "again";
}

/** Nobody knows whether money moved, so nothing is said about it. */
export const isUnsure = (problem: Problem) => /^(unknown|no_)/.test(problem);
