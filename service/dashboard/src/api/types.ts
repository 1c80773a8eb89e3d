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
export type { ApiKeyView, Finding, MpesaAccountView, SiteSettings } from "../../../src/owners/settings/settings-contract.ts";
export type { StaffView, InvitedStaffView } from "../../../src/accounts/accounts-contract.ts";
export type { DeliveryView, EndpointView } from "../../../src/webhooks/webhook-contract.ts";
export type { Role };

export type Session = {
  person: { id: string; name: string; email: string; twoFactor: boolean };
  sites: readonly { siteId: string; name: string; role: Role }[];
};

export type Page<Item> = { data: readonly Item[]; next: string | null };

export type SignIn = { id: string; at: number; address: string; device: string; current: boolean; ended?: number };
