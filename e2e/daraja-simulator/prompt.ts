/** The types of a prompt, and what follows from a push alone. */
import type { Account } from "./accounts.ts";
import type { FaultsPatch } from "./faults.ts";
import { PROMPT_TEXT_MAX, type Payee } from "./messages.ts";

/** Longer references are accepted and then fail; in the simulator with 2028. */
const ACCOUNT_REFERENCE_MAX = 12;

export interface AcceptedPush {
  account: Account;
  partyB: string;
  transactionType: "CustomerPayBillOnline" | "CustomerBuyGoodsOnline";
  amountKes: number;
  phone: string;
  callbackUrl: string;
  accountReference: string;
  /** One-shot faults that came with this push. */
  ownFaults: FaultsPatch;
}

export interface Outcome {
  /** A result code; "0" is paid. */
  code: string;
  /** UTC milliseconds. */
  at: number;
  receipt?: string;
  /** The callback's text, if it is not the code's usual one. */
  text?: string;
}

export interface PromptView {
  checkoutRequestId: string;
  merchantRequestId: string;
  shortcode: string;
  till?: string;
  businessName: string;
  phone: string;
  amountKes: number;
  accountReference: string;
  callbackUrl: string;
  /** What the phone shows. */
  text: string;
  /** `accepted`: on its way to the phone, where it may never arrive. */
  state: "accepted" | "open" | "closed";
  /** UTC milliseconds, as all times. */
  acceptedAt: number;
  /** When an open prompt times out. */
  expiresAt?: number;
  outcome?: Outcome;
}

/** A person's answer on the phone. */
export type PromptAnswer = { pin: string } | { action: "cancel" };

export function payeeOf(view: PromptView): Payee {
  return view.till === undefined
    ? { businessName: view.businessName, accountReference: view.accountReference }
    : { businessName: view.businessName };
}

/** The result code of an accepted push that will never become a prompt; null if it will. */
export function doomOf({ account, partyB, transactionType, accountReference }: AcceptedPush, text: string): string | null {
  const isTill = account.tills.includes(partyB);
  if (!isTill && partyB !== account.shortcode) return "SFC_IC0003";
  if (isTill !== (transactionType === "CustomerBuyGoodsOnline")) return "2028";
  if (accountReference.length > ACCOUNT_REFERENCE_MAX) return "2028";
  return text.length >= PROMPT_TEXT_MAX ? "1025" : null;
}
