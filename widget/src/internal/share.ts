/** Asking somebody else to pay, by WhatsApp. */
import type { KnownState } from "../checkout/checkout-state.ts";
import { fill } from "../labels/labels.ts";
import type { Labels } from "../labels/en.ts";
import { money } from "./format.ts";

/** Tells the page that a link opens from one that was opened before. */
const MARK = "somopay-shared";

/** The page was opened by somebody who was asked to pay. */
export const isShared = () => location.search.includes(MARK);

/** Where WhatsApp takes a message over: it names what is paid for and a page that opens this booking. Nothing when no page is known to. */
export function shareAddress({ booking }: KnownState, shareUrl: string, labels: Labels): string | undefined {
  if (!shareUrl && !location.href.includes(booking.bookingId)) return undefined;
  let url: URL;
  try {
    url = new URL(shareUrl, location.href);
  } catch {
    return undefined;
  }
  url.searchParams.set(MARK, "1");
  const text = fill(labels.shareText, {
    amount: money(booking.amountDue),
    session: booking.session.name,
    reference: booking.reference,
    url: url.href,
  });
  return `https://wa.me/?text=${encodeURIComponent(text)}`;
}
