import { createHash } from "node:crypto";
import type { BookingView } from "../contract.ts";
import type { BookingFile } from "../payments/payment.ts";
import { maskPhone } from "../platform/masking.ts";
import type { ReceiptLabels } from "./receipt-labels.ts";

/** One payment of a booking, as its receipt shows it. */
export type PaymentLine = { receipt: string | null; amountKes: number; phone: string; paidAtMs: number; isRefunded: boolean };

export type Receipt = { view: BookingView; payments: readonly PaymentLine[]; merchant: string };

/** What arrived for a booking, with what went back; oldest first. Empty: there is no receipt. */
export function paymentLines({ attempts }: BookingFile): PaymentLine[] {
  return attempts
    .filter(({ status }) => status === "paid" || status === "refunded")
    .map(({ receipt, amountKes, phone, paidAtMs, requestedAtMs, status }) => ({
      receipt,
      amountKes,
      phone: maskPhone(phone),
      paidAtMs: paidAtMs ?? requestedAtMs,
      isRefunded: status === "refunded",
    }))
    .toSorted((left, right) => left.paidAtMs - right.paidAtMs);
}

const STYLE = `
:root { color-scheme: light dark; --text: #17211c; --muted: #55625b; --line: #e1e7e3; --page: #f4f7f5; --card: #fff; --accent: #0b7a4b; }
@media (prefers-color-scheme: dark) {
  :root { --text: #edf2ef; --muted: #a6b3ac; --line: #2d3731; --page: #0e1311; --card: #171d1a; --accent: #0b7a4b; }
}
* { box-sizing: border-box; margin: 0; }
body { padding: 24px 16px; color: var(--text); background: var(--page); font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
main { max-width: 480px; padding: 28px 24px; margin: 0 auto; background: var(--card); border: 1px solid var(--line); border-radius: 12px; }
h1 { font-size: 16px; font-weight: 600; color: var(--muted); }
.merchant { font-size: 20px; font-weight: 700; line-height: 28px; }
.amount { margin: 20px 0 4px; font-size: 36px; font-weight: 700; line-height: 44px; font-variant-numeric: tabular-nums; }
.note { font-weight: 600; }
dl { margin-top: 16px; border-top: 1px solid var(--line); }
dl div { display: flex; flex-wrap: wrap; gap: 0 16px; justify-content: space-between; padding: 10px 0; border-bottom: 1px solid var(--line); }
dt { color: var(--muted); white-space: nowrap; }
dd { margin-inline-start: auto; font-weight: 600; text-align: end; }
@media (max-width: 420px) { dl div { display: block; } dd { text-align: start; } }
button { display: block; width: 100%; min-height: 52px; margin-top: 24px; color: #fff; background: var(--accent); border: 1px solid transparent;
  border-radius: 10px; font: 600 16px/1.5 system-ui, sans-serif; cursor: pointer; }
button:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
@media print {
  :root { --text: #000; --muted: #444; --line: #bbb; --page: #fff; --card: #fff; }
  body { padding: 0; }
  main { border: 0; }
  button { display: none; }
}`;

const SCRIPT = `document.querySelector("button").addEventListener("click", () => print());`;

const hashOf = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

/** The page loads nothing and may not be framed. */
export const RECEIPT_POLICY = [
  "default-src 'none'",
  `style-src ${hashOf(STYLE)}`,
  `script-src ${hashOf(SCRIPT)}`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** The receipt page, to print, save or show. Its title becomes the file name of a saved PDF. */
export function receiptPage({ view, payments, merchant }: Receipt, words: ReceiptLabels): string {
  const { session, reference } = view;
  const isSingle = payments.length === 1;
  const rows: [string, string][] = [
    ...payments.flatMap((payment) => paymentRows(payment, isSingle, words)),
    [words.session, session.name],
    [words.when, moment(Date.parse(`${session.date}T${session.time}:00+03:00`), words)],
    [words.reference, reference],
  ];
  const [first] = payments;
  const isAllRefunded = payments.every(({ isRefunded }) => isRefunded);
  const shownKes = isAllRefunded ? payments.reduce((sumKes, { amountKes }) => sumKes + amountKes, 0) : view.amountPaid;
  const notes = [
    isAllRefunded ? words.refunded : null,
    !isAllRefunded && view.amountDue > 0 ? fill(words.due, { paid: money(view.amountPaid), amount: money(view.amount) }) : null,
    !isAllRefunded && view.amountDue === 0 && view.booking_status !== "booked" ? words.notBooked : null,
    view.surplus !== undefined && !isAllRefunded ? fill(words.surplus, { amount: money(view.surplus) }) : null,
  ].filter((note) => note !== null);
  return `<!doctype html>
<html lang="${words.locale}">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="robots" content="noindex" />
    <title>${escapeHtml([words.title, first?.receipt ?? reference, merchant].filter(Boolean).join(" · "))}</title>
    <style>${STYLE}</style>
  </head>
  <body>
    <main>
      <p class="merchant">${escapeHtml(merchant)}</p>
      <h1>${words.title}</h1>
      <p class="amount">${money(shownKes)}</p>
      ${notes.map((note) => `<p class="note">${escapeHtml(note)}</p>`).join("\n      ")}
      <dl>
        ${rows.map(([name, value]) => `<div><dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd></div>`).join("\n        ")}
      </dl>
      <button type="button">${words.print}</button>
    </main>
    <script>${SCRIPT}</script>
  </body>
</html>
`;
}

/** A single payment shows its parts in rows of their own; of several, each is one row, with its receipt. */
function paymentRows({ receipt, amountKes, phone, paidAtMs, isRefunded }: PaymentLine, isSingle: boolean, words: ReceiptLabels) {
  const paid: [string, string][] = [
    [words.receipt, receipt ?? words.receiptToCome],
    [words.paidAt, moment(paidAtMs, words)],
    [words.phone, inThrees(phone)],
  ];
  if (isSingle) return paid;
  const facts = [money(amountKes), moment(paidAtMs, words), inThrees(phone), ...(isRefunded ? [words.wentBack] : [])];
  return [[receipt ?? words.receipt, facts.join(" · ")] satisfies [string, string]];
}

/** `KES 1,500`, with a blank that does not break. */
export const money = (amountKes: number): string => `KES\u00a0${amountKes.toLocaleString("en-KE")}`;

function fill(sentence: string, values: Record<string, string>): string {
  return sentence.replaceAll(/\{(\w+)\}/g, (_, name: string) => values[name] ?? "");
}

/** Formats `2547•••••678` as Kenyans write numbers: `07•• ••• 678`. */
function inThrees(maskedPhone: string): string {
  const local = maskedPhone.replace(/^254/, "0");
  return [local.slice(0, 4), local.slice(4, -3), local.slice(-3)].join("\u00a0");
}

/** `Tue 8 Dec 2026, 10:00`, in Nairobi. */
export function moment(atMs: number, { locale }: ReceiptLabels): string {
  const show = (language: string, how: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(language, { timeZone: "Africa/Nairobi", ...how }).format(atMs);
  const day = show(locale, { weekday: "short", day: "numeric", month: "short", year: "numeric" }).replace(",", "");
  return `${day}, ${show("en-GB", { timeStyle: "short" })}`;
}

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? "");
}
