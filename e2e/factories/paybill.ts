/** Payments from the M-Pesa menu, and the registration of the addresses to which Safaricom reports them. */
import { createSiteStore } from "../../service/src/sites/site-store.ts";
import { loadConfig } from "../../service/src/config.ts";
import { createIds } from "../../service/src/platform/ids.ts";
import { registerC2b } from "../../service/src/cli/money-commands.ts";
import { sandboxAccount } from "../daraja-simulator/accounts.ts";
import type { C2bOutcome } from "../daraja-simulator/c2b.ts";
import type { Stack } from "../fixtures.ts";

/** Runs `somopay c2b register` in this process. */
export async function registerPaybill({ service, simulator }: Pick<Stack, "service" | "simulator">): Promise<void> {
  const { database } = service.service;
  const config = loadConfig({
    PUBLIC_URL: service.url,
    MPESA_BASE_URL: simulator.url,
    MPESA_CONSUMER_KEY: sandboxAccount.consumerKey,
    MPESA_CONSUMER_SECRET: sandboxAccount.consumerSecret,
    MPESA_SHORTCODE: sandboxAccount.shortcode,
    MPESA_PASSKEY: sandboxAccount.passkey,
  });
  const sites = createSiteStore({ database, ids: createIds(Date.now), now: Date.now, secretsKey: null });
  const lines: string[] = [];
  if (!(await registerC2b(config, database, sites, (line) => void lines.push(line)))) throw new Error(lines.join("\n"));
}

/** Pays the paybill from the M-Pesa menu. */
export function payByHand(
  { simulator }: Pick<Stack, "simulator">,
  { phone, accountNumber, amountKes }: { phone: string; accountNumber: string; amountKes: number },
): Promise<C2bOutcome> {
  return simulator.control.payByHand({ phone, payTo: sandboxAccount.shortcode, accountNumber, amountKes });
}

/** As where Safaricom's validation is not switched on: all money moves, and is only reported. */
export function switchValidationOff({ simulator }: Pick<Stack, "simulator">): void {
  const [urls] = simulator.control.c2bUrls;
  if (!urls) throw new Error("no addresses are registered");
  simulator.control.registerC2bUrls({ ...urls, validationUrl: `${simulator.url}/nowhere` });
}

/** @throws if the payment was refused */
export function receiptOf(outcome: C2bOutcome): string {
  if (outcome.status !== "paid") throw new Error(`the payment by hand was refused: ${outcome.code} ${outcome.reason}`);
  return outcome.receipt;
}
