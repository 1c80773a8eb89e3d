/** The operator's and owner's hands on money that comes without a prompt: `somopay c2b register`, `somopay money list | assign`. */
import type { Config } from "./config.ts";
import { createDarajaClient } from "./daraja/daraja-client.ts";
import type { DarajaCredentials } from "./daraja/daraja-types.ts";
import { createMemoryTokenStore } from "./daraja/memory-token-store.ts";
import { normaliseReference } from "./payments/manual-payments.ts";
import { createMoneyStore, type MoneyStore } from "./payments/money-store.ts";
import { createPaymentMetrics } from "./payments/payment-metrics.ts";
import { createPaymentStore } from "./payments/payment-store.ts";
import { recordMoney } from "./payments/record-money.ts";
import type { Database } from "./platform/database.ts";
import { createIds, hashSecret } from "./platform/ids.ts";
import { createInProcessHub } from "./platform/channel-hub.ts";
import { maskPhone } from "./platform/masking.ts";
import { createLogger } from "./platform/logger.ts";
import { Registry } from "prom-client";
import type { SiteStore } from "./sites/site-store.ts";

type Write = (line: string) => void;

/** Registers the C2B addresses of every account that the deployment or a site has. Returns whether all went well. */
export async function registerC2b(config: Config, database: Database, sites: SiteStore, write: Write): Promise<boolean> {
  const accounts = new Map<string, DarajaCredentials>();
  if (config.mpesa.credentials) accounts.set(config.mpesa.credentials.shortcode, config.mpesa.credentials);
  for (const { mpesa } of await sites.all()) if (mpesa) accounts.set(mpesa.shortcode, mpesa);
  if (accounts.size === 0) write("There is no M-Pesa account: set MPESA_CONSUMER_KEY and the others, or give a site its own.");

  const logger = createLogger("silent");
  const daraja = createDarajaClient({ baseUrl: config.mpesa.baseUrl, tokenStore: createMemoryTokenStore(Date.now), now: Date.now, logger });
  const money = createMoneyStore(database, Date.now);
  let allWell = accounts.size > 0;
  for (const credentials of accounts.values()) {
    const secret = createIds(Date.now).secret();
    // Written down first: a notice may come the moment Safaricom knows the address.
    await money.addAddress(hashSecret(secret), credentials.shortcode);
    const base = `${config.publicUrl}/callbacks/c2b`;
    const addresses = { confirmationUrl: `${base}/confirmation/${secret}`, validationUrl: `${base}/validation/${secret}` };
    const result = await daraja.registerC2b(credentials, addresses);
    if (result.ok) {
      write(`ok    ${credentials.shortcode}: money sent by hand is reported to ${base}/…`);
      continue;
    }
    await money.removeAddress(hashSecret(secret));
    write(
      `FAIL  ${credentials.shortcode}: ${result.problem}. In production Safaricom registers a shortcode once; ask them to remove the old addresses.`,
    );
    allWell = false;
  }
  await daraja.close();
  return allWell;
}

/** What the owner has to decide about, newest first. */
export async function listMoney(money: MoneyStore, write: Write): Promise<void> {
  const [doubts, unassigned, surplus] = await Promise.all([money.listAttention(), money.listUnassigned(), money.listSurplus()]);
  if (doubts.length + unassigned.length + surplus.length === 0) write("Nothing waits for you.");
  for (const { reference, amountKes, payer, attention } of doubts) {
    write(["unclear", `booking ${reference}`, `KES ${amountKes}`, maskPhone(payer), attention].join("\t"));
  }
  for (const { receipt, amountKes, accountNumber, payer, why } of unassigned) {
    write(["unassigned", receipt, `KES ${amountKes}`, `account "${accountNumber}"`, maskPhone(payer), why].join("\t"));
  }
  for (const { receipt, amountKes, reference, payer } of surplus) {
    write(["surplus", receipt ?? "no receipt yet", `KES ${amountKes}`, `booking ${reference}`, maskPhone(payer)].join("\t"));
  }
}

export type Assignment = "assigned" | "surplus" | "no_such_money" | "no_such_booking";

/** The owner says which booking money was for. It books the session when it is the booking's amount; otherwise it is kept with it as surplus. */
export async function assignMoney(database: Database, receipt: string, reference: string): Promise<Assignment> {
  const logger = createLogger("silent");
  const ids = createIds(Date.now);
  const money = createMoneyStore(database, Date.now);
  const found = await money.findUnassigned(receipt.toUpperCase());
  if (!found) return "no_such_money";
  const bookingId = await money.bookingIdByReference(normaliseReference(reference));
  if (bookingId === null) return "no_such_booking";
  const recorder = {
    store: createPaymentStore(database),
    // Streams on the running copies find the change by their own look.
    hub: createInProcessHub(),
    ids,
    now: Date.now,
    logger,
    metrics: createPaymentMetrics(new Registry(), { openStreams: () => 0, journalDepth: () => 0 }),
    hasWebhook: async () => false,
  };
  const { receipt: code, amountKes, payer, paidAtMs } = found;
  const { attempt } = await recordMoney(
    recorder,
    bookingId,
    { receipt: code, amountKes, payer, paidAtMs },
    { source: "owner", note: "assigned by the owner" },
  );
  if (attempt) await money.markAssigned(code, attempt.id);
  return attempt?.surplus === false ? "assigned" : "surplus";
}
