import type { Problem } from "../checkout/problem.ts";

/** Tells the owner, in the console, what the parent cannot mend. `origin` is the service's, or empty when none was found. */
export function explainToOwner(problem: Problem, origin: string, bookingId: string): void {
  const sentences: Partial<Record<Problem, string>> = {
    not_allowed: origin
      ? `the service does not allow ${location.origin}. Add it to the site's allowedOrigins.`
      : "no service found. Set service to its origin, such as https://pay.example.com.",
    not_found: `the service knows no booking "${bookingId}".`,
    amount_changed: "the amount attribute is not the booking's amount.",
  };
  if (sentences[problem]) console.error(`<somo-pay>: ${sentences[problem]}`);
}
