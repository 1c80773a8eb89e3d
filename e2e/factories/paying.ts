/** The first steps of a payment, before what a test is about. */
import type { BookingView } from "../../service/src/contract.ts";
import type { PromptView } from "../daraja-simulator/prompt.ts";
import type { Stack } from "../fixtures.ts";
import { book, newPhone, pay } from "./calls.ts";
import { listen, type Listener } from "./listener.ts";
import { until } from "./until.ts";

export type Paying = { booking: BookingView; phone: string; prompt: PromptView; stream: Listener };

/** Books (`wish`: with other facts), opens a stream, starts the payment and waits for its prompt. */
export async function startPaying(
  { service, simulator }: Pick<Stack, "service" | "simulator">,
  options: { phone?: string; wish?: object } = {},
): Promise<Paying> {
  const phone = options.phone ?? newPhone();
  const booking = await book(service.url, options.wish);
  const stream = await listen(service.url, booking.bookingId);
  const answer = await pay(service.url, booking.bookingId, phone);
  if (answer.status > 299) throw new Error(`the payment was answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  const prompt = await newestPrompt({ simulator }, phone);
  return { booking, phone, prompt, stream };
}

/** Resolves with the last prompt that Safaricom accepted for a phone. */
export function newestPrompt({ simulator }: Pick<Stack, "simulator">, phone: string): Promise<PromptView> {
  return until(`a prompt for ${phone}`, () => simulator.control.prompts.findLast((prompt) => prompt.phone === phone));
}

/** How many pushes Safaricom accepted for a phone. */
export function pushesTo({ simulator }: Pick<Stack, "simulator">, phone: string): number {
  return simulator.control.prompts.filter((prompt) => prompt.phone === phone).length;
}

/** Enters the PIN once the prompt is on the phone. @returns the receipt of the money that moved */
export async function enterPin({ simulator }: Pick<Stack, "simulator">, prompt: Pick<PromptView, "checkoutRequestId">): Promise<string> {
  const { checkoutRequestId } = prompt;
  await until("the prompt on the screen", () => simulator.control.prompt(checkoutRequestId)?.state === "open");
  const { receipt } = simulator.control.pay(checkoutRequestId);
  if (receipt === undefined) throw new Error("no money moved");
  return receipt;
}
