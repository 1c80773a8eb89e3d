import type { PartHost } from "../part-host.ts";
import type { Problem } from "../problem.ts";

/** Tells the owner, in the console, what the parent cannot mend. */
export function explainToOwner(problem: Problem, { api, element }: PartHost): void {
  const sentences: Partial<Record<Problem, string>> = {
    not_allowed: api()
      ? `the service does not allow ${location.origin}. Add it to the site's allowedOrigins.`
      : "no service found. Set service to its origin, such as https://pay.example.com.",
    not_found: `the service knows no booking "${element.bookingId}".`,
    amount_changed: "the amount attribute is not the booking's amount.",
  };
  if (sentences[problem]) console.error(`<somo-pay>: ${sentences[problem]}`);
}
