/** A receipt as a mail of plain text. Pure. */
import type { BookingView } from "../contract.ts";
import { quotable } from "../platform/plain-text.ts";
import type { ReceiptLabels } from "./receipt-labels.ts";
import { moment, money, type PaymentLine } from "./receipt-page.ts";

export type MailedReceipt = { view: BookingView; payments: readonly PaymentLine[]; merchant: string; url: string };

/** What stands in the place of an address is none: the mark of erased data, or of a test payment. */
export function isAddress(email: string): boolean {
  return email.includes("@");
}

/** @param receipt `url`: of the receipt's page, which whoever has it may open */
export function receiptMail({ view, payments, merchant, url }: MailedReceipt, words: ReceiptLabels): { subject: string; text: string } {
  const { session, reference } = view;
  const name = quotable(merchant);
  const line = (label: string, value: string): string => `${label}: ${value.replaceAll("\u00a0", " ")}`;
  const lines = [
    name,
    "",
    ...payments.flatMap(({ receipt, amountKes, paidAtMs, phone, isRefunded }) => [
      line(words.receipt, `${receipt ?? words.receiptToCome} ${money(amountKes)}${isRefunded ? ` (${words.wentBack})` : ""}`),
      line(words.paidAt, moment(paidAtMs, words)),
      line(words.phone, phone),
      "",
    ]),
    line(words.session, quotable(session.name)),
    line(words.when, moment(Date.parse(`${session.date}T${session.time}:00+03:00`), words)),
    line(words.reference, reference),
    "",
    url,
    "",
  ];
  return { subject: `${words.title} ${reference}, ${name}`, text: lines.join("\n") };
}
