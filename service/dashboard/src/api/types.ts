/** What the service answers. The shapes of the server API are the service's own. */
import type { Role } from "../../../src/sites/roles.ts";

export type {
  AttentionItem,
  BookingView,
  FailureReason,
  OwnerBooking,
  OwnerPayment,
  OwnerUnassignedMoney,
  Problem,
  SessionTypeView,
} from "../../../src/contract.ts";
export type {
  BookingLine,
  LiveEvent,
  Overview,
  PossibleAction,
  SearchAnswer,
  Timeline,
  TimelineEntry,
} from "../../../src/owners/owners-contract.ts";
export type { StaffView, InvitedStaffView } from "../../../src/accounts/accounts-contract.ts";
export type { DeliveryView, EndpointView } from "../../../src/webhooks/webhook-contract.ts";
export type { Role };

export type Session = {
  person: { id: string; name: string; email: string; twoFactor: boolean };
  sites: readonly { siteId: string; name: string; role: Role }[];
};

export type Page<Item> = { data: readonly Item[]; next: string | null };

export type SiteSettings = {
  siteId: string;
  name: string;
  allowedOrigins: readonly string[];
  publishableKey: string;
  retentionDays: number | null;
  publicUrl: string;
  paybill: string | null;
  till: string | null;
};

export type ApiKey = {
  id: string;
  name: string;
  access: "full" | "read";
  hint: string;
  createdAt: number;
  lastUsedAt: number | null;
  endsAt: number | null;
};

export type MpesaAccount = { shortcode: string; till: string | null; environment: string; isOwn: boolean; hasInitiator: boolean };

export type Finding = { ok: boolean; what: string; how: string | null };

export type SignIn = { id: string; at: number; address: string; device: string; current: boolean; ended?: number };
