import type { Markup } from "../markup.ts";
import type { Addresses } from "../pages/page-context.ts";

/** What a host page needs to render. */
export type HostContext = Addresses & {
  /** Empty on pages that need no booking. */
  bookingId: string;
  publishableKey: string;
  /** The query parameters. */
  query: URLSearchParams;
  /** This site under its other host name, which is another origin to a browser; for the iframe. */
  otherOrigin: string;
  /** The script in one file and its hash, for the page that pins it; empty on others. */
  pinned: PinnedScript;
};

export type PinnedScript = { src: string; integrity: string };

/** The page's Content Security Policy, by directive. `null`: no policy at all, like most old sites. */
export type Policy = Readonly<Record<string, readonly string[]>> | null;

/** One kind of page that owners embed the widget in. */
export type Host = {
  /** Below `/hosts/`. */
  path: string;
  title: string;
  /** One sentence about this page. */
  text: string;
  /** Whether a parent can pay here. Each visit then gets a booking, unless the widget creates it. */
  pays: boolean;
  books?: "the widget";
  /** Whether the page has the script's hash. */
  pins?: true;
  policy(addresses: Addresses): Policy;
  draw(context: HostContext): Markup;
};

/** The site's name, as parents know it. */
export const SCHOOL = "Amani Tutors";
