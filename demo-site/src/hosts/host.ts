import type { Markup } from "../markup.ts";
import type { Addresses } from "../pages/page-context.ts";

/** What a host page is drawn from. */
export type HostContext = Addresses & {
  /** Empty on pages that need no booking of their own. */
  bookingId: string;
  publishableKey: string;
  /** What the address asks for. */
  query: URLSearchParams;
  /** This page's other name, which is another origin to a browser: for the frame. */
  otherOrigin: string;
  /** The script in one file and its hash, for the page that holds it fast; empty on others. */
  pinned: PinnedScript;
};

export type PinnedScript = { src: string; integrity: string };

/** What a host's page may load, by directive. `null`: the page has no policy at all, like most old sites. */
export type Policy = Readonly<Record<string, readonly string[]>> | null;

/** One kind of page that owners have, with the widget on it. */
export type Host = {
  /** Below `/hosts/`. */
  path: string;
  title: string;
  /** What this page shows, in a sentence. */
  text: string;
  /** A parent can pay here: each visit gets a booking, unless the widget makes it. */
  pays: boolean;
  books?: "the widget";
  /** The page names the script's hash. */
  pins?: true;
  policy(addresses: Addresses): Policy;
  draw(context: HostContext): Markup;
};

/** As parents know it. */
export const SCHOOL = "Amani Tutors";
