/** The operator's commands for money: `somopay c2b register`, `somopay attention`, `somopay payments settle`, `somopay money assign | refund`. */
import type { Config } from "../config.ts";
import { createDarajaClient } from "../daraja/daraja-client.ts";
import type { DarajaCredentials } from "../daraja/daraja-types.ts";
import { createMemoryTokenStore } from "../daraja/memory-token-store.ts";
import { createC2bAddresses } from "../payments/c2b/c2b-addresses.ts";
import { createUnassignedMoneyStore } from "../payments/c2b/unassigned-money-store.ts";
import { assignMoney as assign, type Assignment, type AssignmentRequest } from "../payments/operator/assign-money.ts";
import { createAttentionStore } from "../payments/operator/attention-store.ts";
import { listAllAttention, type FailingEndpoints } from "../payments/operator/attention.ts";
import { settlePayment, type Settlement } from "../payments/operator/settle-payment.ts";
import { createPaymentMetrics } from "../payments/payment-metrics.ts";
import { createPaymentStore } from "../payments/store/payment-store.ts";
import { createPaymentsList } from "../payments/operator/payments-list.ts";
import type { Decision } from "../payments/decision.ts";
import type { Recorder } from "../payments/record-outcome.ts";
import { startRefund, type RefundRequest } from "../payments/refunds/refund-payment.ts";
import { createRefundStore } from "../payments/refunds/refund-store.ts";
import type { Database } from "../platform/database.ts";
import { ServiceError } from "../platform/errors.ts";
import { createIds, hashSecret } from "../platform/ids.ts";
import { createInProcessHub } from "../platform/channel-hub.ts";
import { createLogger } from "../platform/logger.ts";
import { Registry } from "prom-client";
import { createSiteDirectory, type SiteDirectory } from "../sites/site-directory.ts";
import type { SiteStore } from "../sites/site-store.ts";
import { createDeliveryList } from "../webhooks/delivery/delivery-list.ts";
import { createEndpointStore } from "../webhooks/endpoints/endpoint-store.ts";
import { listFailingEndpoints } from "../webhooks/endpoints/failing-endpoints.ts";
import { english } from "../words/english.ts";
import { composeWebhooksBeside } from "./compose-beside.ts";

type Write = (line: string) => void;

/** Writes to the database like a running copy does, but notifies nobody: open streams read the change from the database moments later. */
function recorderBeside(database: Database): Recorder {
  return {
    store: createPaymentStore(database),
    hub: createInProcessHub(),
    ids: createIds(Date.now),
    now: Date.now,
    logger: createLogger("silent"),
    metrics: createPaymentMetrics(new Registry()),
    composeWebhooks: composeWebhooksBeside(database),
  };
}

function directoryOf(store: SiteStore, deploymentCredentials: DarajaCredentials | null): SiteDirectory {
  return createSiteDirectory({ store, now: Date.now, deploymentCredentials, logger: createLogger("silent") });
}

/** Registers C2B addresses for the deployment's account and every site's. Returns whether all succeeded. */
export async function registerC2b(config: Config, database: Database, sites: SiteStore, write: Write): Promise<boolean> {
  const accounts = new Map<string, DarajaCredentials>();
  if (config.mpesa.credentials) accounts.set(config.mpesa.credentials.shortcode, config.mpesa.credentials);
  const directory = directoryOf(sites, config.mpesa.credentials);
  for (const { id } of (await sites.all()).sites) {
    const account = await directory.accounts.ofSite(id);
    if (account) accounts.set(account.credentials.shortcode, account.credentials);
  }
  if (accounts.size === 0) write("There is no M-Pesa account: set MPESA_CONSUMER_KEY and the others, or `mpesa` in a site file.");

  const logger = createLogger("silent");
  const daraja = createDarajaClient({ baseUrl: config.mpesa.baseUrl, tokenStore: createMemoryTokenStore(Date.now), now: Date.now, logger });
  const c2bAddresses = createC2bAddresses(database, Date.now);
  const unreadable = await directory.unreadable();
  for (const { name, problem } of unreadable) write(`FAIL  site "${name}": ${problem}`);
  let allWell = accounts.size > 0 && unreadable.length === 0;
  for (const credentials of accounts.values()) {
    const secret = createIds(Date.now).secret();
    // Stored first, because a notice may arrive as soon as Safaricom knows the address.
    await c2bAddresses.add(hashSecret(secret), credentials.shortcode);
    const base = `${config.mpesa.resultUrl}/c2b`;
    const addresses = { confirmationUrl: `${base}/confirmation/${secret}`, validationUrl: `${base}/validation/${secret}` };
    const result = await daraja.registerC2b(credentials, addresses);
    if (result.ok) {
      write(`ok    ${credentials.shortcode}: Paybill payments are reported to ${base}/…`);
      continue;
    }
    await c2bAddresses.remove(hashSecret(secret));
    write(
      `FAIL  ${credentials.shortcode}: ${result.problem}. In production, Safaricom registers a shortcode once; ask them to remove the old addresses.`,
    );
    allWell = false;
  }
  await daraja.close();
  return allWell;
}

/** What waits for a person, each with the command that settles it. */
export async function listForPerson(database: Database, write: Write): Promise<boolean> {
  const unassignedMoney = createUnassignedMoneyStore(database);
  const parts = { endpoints: createEndpointStore(database, null), deliveries: createDeliveryList(database) };
  const failingEndpoints: FailingEndpoints = (words, siteId) => listFailingEndpoints(parts, words, siteId);
  const items = await listAllAttention({ words: english, attention: createAttentionStore(database), unassignedMoney, failingEndpoints });
  if (items.length === 0) write("Nothing needs a decision.");
  for (const { kind, what, commands } of items) write([kind.replace("_", " "), what, ...commands].join("\n  "));
  return true;
}

const ASSIGNMENT_WORDS: Record<Assignment, string> = {
  booked: "Assigned: the session is booked.",
  part: "Assigned as a part payment: the booking is not paid in full yet.",
  surplus: "Assigned as surplus: the booking does not need it. Give it back with `somopay money refund RECEIPT`, or keep it by agreement.",
  kept: "Assigned, and the booking is paid in full. It had lapsed and its session is over or taken, so nothing is booked. See: somopay attention",
  no_such_money: "There is no unassigned money with this receipt. See: somopay attention",
  no_such_booking: "There is no booking with this reference.",
};

/** Assigns unassigned money to a booking, by receipt and reference; with `enter`, money that Safaricom never reported. Returns whether it did. */
export async function assignMoney(database: Database, sites: SiteStore, request: AssignmentRequest, write: Write): Promise<boolean> {
  const { accounts } = directoryOf(sites, null);
  const parts = { ...recorderBeside(database), accounts, unassignedMoney: createUnassignedMoneyStore(database) };
  const assignment = await assign(parts, request);
  write(ASSIGNMENT_WORDS[assignment]);
  return assignment !== "no_such_money" && assignment !== "no_such_booking";
}

/** A person decides that a payment was paid, or that it was not. */
export async function settle(database: Database, settlement: Omit<Settlement, "siteId">, write: Write): Promise<boolean> {
  try {
    const { status } = await settlePayment(recorderBeside(database), { ...settlement, siteId: null });
    write(
      settlement.outcome.kind === "kept"
        ? "Kept: its money stays as it is, and is no longer listed."
        : `Settled: the payment is ${status}.`,
    );
    return true;
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    write(error.message);
    return false;
  }
}

const NO_PAYMENT = "No payment has this receipt. See: somopay attention";

/** A person has dealt with this money: it was kept by agreement, or given back by hand. Returns whether it waited for that. */
export async function keepMoney(
  database: Database,
  { receipt, decision }: { receipt: string; decision: Decision },
  write: Write,
): Promise<boolean> {
  const code = receipt.toUpperCase();
  if (await createUnassignedMoneyStore(database).markKept(code, decision, { atMs: Date.now() })) {
    write("Kept: it belongs to no booking, and is no longer listed. It can still be assigned.");
    return true;
  }
  return settleByReceipt(database, { receipt: code, outcome: { kind: "kept" }, decision }, write);
}

/** All of the payment's money was given back outside of the service. */
export function refundedByHand(
  database: Database,
  { receipt, decision }: { receipt: string; decision: Decision },
  write: Write,
): Promise<boolean> {
  return settleByReceipt(database, { receipt: receipt.toUpperCase(), outcome: { kind: "refunded" }, decision }, write);
}

async function settleByReceipt(
  database: Database,
  { receipt, ...settlement }: { receipt: string } & Pick<Settlement, "outcome" | "decision">,
  write: Write,
): Promise<boolean> {
  const paymentId = await createPaymentsList(database).idByReceipt(receipt);
  if (paymentId !== null) return settle(database, { paymentId, ...settlement }, write);
  write(NO_PAYMENT);
  return false;
}

/** Asks Safaricom to refund the payment with this receipt. The result is posted to the running service. Returns whether Safaricom was asked. */
export async function refundMoney(
  config: Config,
  database: Database,
  sites: SiteStore,
  { receipt, decision }: { receipt: string; decision: RefundRequest["decision"] },
  write: Write,
): Promise<boolean> {
  const paymentId = await createPaymentsList(database).idByReceipt(receipt.toUpperCase());
  if (paymentId === null) {
    write(NO_PAYMENT);
    return false;
  }
  const recorder = recorderBeside(database);
  const daraja = createDarajaClient({
    baseUrl: config.mpesa.baseUrl,
    tokenStore: createMemoryTokenStore(Date.now),
    now: Date.now,
    logger: recorder.logger,
  });
  const { accounts } = directoryOf(sites, config.mpesa.credentials);
  const refunder = { ...recorder, daraja, refunds: createRefundStore(database), accounts, resultUrl: config.mpesa.resultUrl };
  try {
    const { status, amount } = await startRefund(refunder, { paymentId, siteId: null, remarks: "Refund", decision, claim: null });
    write(`Refund of KES ${amount} requested (${status}). The payment is refunded once Safaricom confirms it. See: somopay attention`);
    return true;
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    write(error.message);
    return false;
  } finally {
    await daraja.close();
  }
}
