import type { KnownState } from "../checkout-state.ts";
import { money } from "../format.ts";
import { fill } from "../labels/labels.ts";
import type { PartHost } from "../part-host.ts";
import type { ViewContext } from "../views/view-context.ts";
import type { MoreWords } from "./words.ts";

/** Tells the page that a link opens from one that was opened before. */
const MARK = "somopay-shared";

/** The page was opened by somebody who was asked to pay, and who has sent no prompt from it. */
export const isAsked = ({ phone }: ViewContext) => !phone && location.search.includes(MARK);

/** Where WhatsApp takes a message over: it names what is paid for and a page that opens this booking. Nothing when no page is known to. */
export function shareAddress({ booking }: KnownState, { element }: PartHost, words: MoreWords): string | undefined {
  const { bookingId, shareUrl } = element;
  if (!shareUrl && !location.href.includes(bookingId)) return undefined;
  let url: URL;
  try {
    url = new URL(shareUrl, location.href);
  } catch {
    return undefined;
  }
  url.searchParams.set(MARK, "1");
  const text = fill(words.shareText, {
    amount: money(booking.amountDue),
    session: booking.session.name,
    reference: booking.reference,
    url: url.href,
  });
  return `https://wa.me/?text=${encodeURIComponent(text)}`;
}
