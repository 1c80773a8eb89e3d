/** Texts that must be neither in the service's log nor in an answer to a browser. */
import { expect } from "vitest";
import { sandboxAccount } from "../daraja-simulator/accounts.ts";
import type { PromptView } from "../daraja-simulator/prompt.ts";
import { SECRET_KEY, type Stack } from "../fixtures.ts";
import { secretOf } from "./secret-of.ts";

/** The usual forms of a phone number. */
function phoneForms(phone: string): string[] {
  const national = phone.slice(3);
  const [operator, middle, end] = [national.slice(0, 3), national.slice(3, 6), national.slice(6)];
  const grouped = [`0${operator} ${middle} ${end}`, `0${operator}-${middle}-${end}`, `254 ${operator} ${middle} ${end}`];
  return [national, ...grouped];
}

function wordsOf({ checkoutRequestId, callbackUrl, phone }: PromptView): string[] {
  return [checkoutRequestId, secretOf(callbackUrl), ...phoneForms(phone)];
}

/** All private texts of a test's payments. */
export function privateWords({ simulator }: Pick<Stack, "simulator">, phones: readonly string[] = []): string[] {
  const { consumerSecret, passkey, initiator } = sandboxAccount;
  const results = simulator.control.deliveries.filter(({ conversationId }) => conversationId !== undefined);
  const resultSecrets = results.map(({ url }) => secretOf(url));
  const basic = Buffer.from(`${sandboxAccount.consumerKey}:${consumerSecret}`).toString("base64");
  const ofAccount = [consumerSecret, passkey, basic, SECRET_KEY, initiator.password];
  return [...simulator.control.prompts.flatMap(wordsOf), ...phones.flatMap(phoneForms), ...resultSecrets, ...ofAccount];
}

export function expectNone(words: readonly string[], lines: readonly string[], where: string): void {
  expect(words.length).toBeGreaterThan(0);
  const found = lines.flatMap((line) => words.filter((word) => line.includes(word)).map((word) => `${word} in: ${line}`));
  expect(found, `private words in ${where}`).toEqual([]);
}

/** Expects no private text in the log so far. */
export function expectLogIsClean(stack: Pick<Stack, "simulator" | "logLines">, phones: readonly string[] = []): void {
  expect(stack.logLines.length).toBeGreaterThan(0);
  expectNone(privateWords(stack, phones), stack.logLines, "the log");
}
