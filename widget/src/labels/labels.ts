import type { Problem } from "../problem.ts";

/** A problem in words: what happened, then whether money moved and what to do. */
export interface ProblemLabels {
  title: string;
  text: string;
}

/** Every word that a parent reads. `{name}` is filled in by `fill()`. */
export interface Labels {
  /** For dates, by `Intl`. */
  locale: string;
  language: string;
  loading: string;
  payTitle: string;
  pay: string;
  phone: string;
  phoneHint: string;
  phoneInvalid: string;
  pinNeverSeen: string;
  sending: string;
  onYourPhone: string;
  promptDetails: string;
  left: string;
  promptEnding: string;
  noPrompt: string;
  noPromptCures: readonly string[];
  confirming: string;
  confirmingText: string;
  paid: string;
  paidLate: string;
  booked: string;
  receipt: string;
  session: string;
  when: string;
  paidAt: string;
  saveReceipt: string;
  addToCalendar: string;
  refunded: string;
  refundedText: string;
  tryAgain: string;
  tryAgainNoPin: string;
  tryAgainIn: string;
  tryAgainNow: string;
  anotherPhone: string;
  anotherWay: string;
  back: string;
  manualSteps: string;
  manualTillSteps: string;
  manualOpen: string;
  manualWaiting: string;
  paybill: string;
  till: string;
  account: string;
  amount: string;
  copy: string;
  copied: string;
  offline: string;
  slow: string;
  /** Who to turn to when the page does not name its merchant. */
  owner: string;
  second: string;
  seconds: string;
  minutes: string;
  problems: Record<Problem, ProblemLabels>;
}

/** Puts values into a sentence: `fill("Pay {amount}", { amount: "KES 5" })`. */
export function fill(sentence: string, values: Record<string, string>): string {
  return sentence.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? "");
}
