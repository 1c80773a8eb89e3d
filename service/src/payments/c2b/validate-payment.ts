import { parseC2bNotice, type ValidationAnswer } from "../../daraja/c2b.ts";
import { hashSecret } from "../../platform/ids.ts";
import { amountDueKes } from "../payment.ts";
import type { PaymentsDependencies } from "../payments-dependencies.ts";
import { matchBooking } from "./match-payment.ts";

/**
 * Answers Safaricom's question whether a payment by hand may go through, before its money moves. Only what would surely be wrong is refused: the
 * owner's paybill may take other money too, so an unknown account number is accepted.
 */
export async function validatePayment(
  deps: Pick<PaymentsDependencies, "store" | "accounts" | "c2bAddresses">,
  secret: string,
  body: string,
): Promise<ValidationAnswer> {
  const notice = parseC2bNotice(body);
  if (notice.kind === "unreadable") return "accept";
  const shortcode = await deps.c2bAddresses.shortcodeOf(hashSecret(secret));
  const file = shortcode === null ? null : (await matchBooking(deps, shortcode, notice)).file;
  if (file === null) return "accept";
  return amountDueKes(file) === 0 || file.booking.status !== "pending" ? "other" : "accept";
}
