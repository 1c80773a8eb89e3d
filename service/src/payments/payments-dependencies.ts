import type { BookingView } from "../contract.ts";
import type { DarajaClient } from "../daraja/daraja-client.ts";
import type { ChannelHub } from "../platform/channel-hub.ts";
import type { Clock } from "../platform/clock.ts";
import type { Ids } from "../platform/ids.ts";
import type { Leases } from "../platform/leases.ts";
import type { Logger } from "../platform/logger.ts";
import type { Timers } from "../platform/timers.ts";
import type { SiteAccounts } from "../sites/mpesa-account.ts";
import type { C2bAddresses } from "./c2b/c2b-addresses.ts";
import type { PaybillOfSite } from "./c2b/paybill-of-site.ts";
import type { UnassignedMoneyStore } from "./c2b/unassigned-money-store.ts";
import type { PaymentMetrics } from "./payment-metrics.ts";
import type { BookingFile } from "./payment.ts";
import type { RateLimits } from "./rate-limits.ts";
import type { ReceiptCheckStore } from "./receipt-checks/receipt-check-store.ts";
import type { RefundStore } from "./refunds/refund-store.ts";
import type { CallbackInbox } from "./store/callback-inbox.ts";
import type { WebhookMessage } from "./store/change.ts";
import type { PaymentStore } from "./store/payment-store.ts";

/**
 * Everything that the payments feature works with. Built once per process in create-payments.ts; the simulation builds its own from fakes. Functions
 * that need only a part of it name that part with `Pick`.
 */
export type PaymentsDependencies = {
  // Where things are written.
  store: PaymentStore;
  inbox: CallbackInbox;
  unassignedMoney: UnassignedMoneyStore;
  c2bAddresses: C2bAddresses;
  receiptChecks: ReceiptCheckStore;
  refunds: RefundStore;

  // Who is asked, told and limited.
  daraja: DarajaClient;
  hub: ChannelHub;
  leases: Leases;
  limits: RateLimits;

  // Settings of the deployment and its sites.
  accounts: SiteAccounts;
  paybillOf: PaybillOfSite;
  /** Each attempt adds a secret of its own. */
  callbackUrl: string;
  /** Each asynchronous request adds its kind and a secret of its own. */
  resultUrl: string;
  /** Whether a caller's address is one of Safaricom's, as far as the deployment requires it. Only for callbacks on one of our secret addresses. */
  isTrustedCaller(address: string): boolean;
  /** For each M-Pesa account, whichever copies and sites use it. */
  queriesPerMinute: number;

  // What other features do with a payment.
  toBookingView: ToBookingView;
  composeWebhooks: ComposeWebhooks;

  /** How many callbacks without one of our secrets this copy has seen today. */
  strangers: { day: number; count: number };

  // Tools.
  ids: Ids;
  now: Clock;
  timers: Timers;
  logger: Logger;
  metrics: PaymentMetrics;
};

/** How a booking is shown; the bookings feature owns it. */
export type ToBookingView = (file: BookingFile, facts: ViewFacts) => BookingView;

/** What a view shows beyond the booking and its attempts. `paybill`: null when the site cannot be paid by hand. */
export type ViewFacts = { nowMs: number; paybill?: string | null; receiptCheck?: BookingView["receiptCheck"] | null };

/** A change of a booking. `after` is the booking at its next version; `paymentId` names the payment that it is about, if there is one. */
export type Happened = { before: BookingFile; after: BookingFile; paymentId: string | null; atMs: number };

/** The messages that tell the owner's server what happened; none if its site has no endpoint. The webhooks feature owns it. */
export type ComposeWebhooks = (happened: Happened) => Promise<readonly WebhookMessage[]>;
