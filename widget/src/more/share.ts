import type { KnownState } from "../checkout-state.ts";
import { money } from "../format.ts";
import { fill } from "../labels/labels.ts";
import type { PartHost } from "../part-host.ts";
import type { MoreWords } from "./words.ts";

/** Where WhatsApp takes a message over: it names what is paid for and a page that opens this booking. Nothing when no page is known to. */
export function shareAddress({ booking }: KnownState, { element }: PartHost, words: MoreWords): string | undefined {
  const { bookingId, shareUrl } = element;
  const page = location.href;
  const url = shareUrl ? new URL(shareUrl, page).href : decodeURIComponent(page).includes(bookingId) ? page : undefined;
  if (!url) return undefined;
  const text = fill(words.shareText, { amount: money(booking.amount), session: booking.session.name, reference: booking.reference, url });
  return `https://wa.me/?text=${encodeURIComponent(text)}`;
}
