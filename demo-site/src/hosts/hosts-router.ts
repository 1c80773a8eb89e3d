import { randomUUID } from "node:crypto";
import { Router, type Request, type Response } from "express";
import type { Markup } from "../markup.ts";
import { addDays, nairobiDate } from "../nairobi-time.ts";
import type { Addresses } from "../pages/page-context.ts";
import type { ServiceClient } from "../service-client.ts";
import { createCannedService } from "./canned-service.ts";
import { eventsHost, languagesHost, themingHost } from "./developer-pages.ts";
import type { Host, HostContext, PinnedScript, Policy } from "./host.ts";
import { hostsIndexPage } from "./hosts-index-page.ts";
import { buttonHost, formHost, framedHost, frameHost, sidebarHost, wordPressHost } from "./owners-pages.ts";
import { bundleReactHost } from "./react-bundle.ts";
import { reactHost } from "./react-page.ts";
import { statesHost } from "./states-page.ts";
import { pinnedHost, strictHost, trustedTypesHost, twoVersionsHost } from "./strict-pages.ts";
import { WIDGET_VERSION } from "./widget-version.ts";

/** In the order of the index: owners' pages, then developers' pages. */
export const hosts: readonly Host[] = [
  wordPressHost,
  frameHost,
  reactHost,
  buttonHost,
  formHost,
  sidebarHost,
  strictHost,
  trustedTypesHost,
  pinnedHost,
  twoVersionsHost,
  eventsHost,
  statesHost,
  themingHost,
  languagesHost,
];

export type HostsParts = {
  addresses: Addresses;
  publishableKey: string;
  client: ServiceClient;
  /** UTC milliseconds. */
  now: () => number;
};

/** `/hosts`: the kinds of pages that owners embed the widget in, each with its own policy. */
export function createHostsRouter({ addresses, publishableKey, client, now }: HostsParts): Router {
  let reactScript: Promise<string | undefined> | undefined;
  const router = Router();
  router.use(createCannedService());
  router.get("/hosts", (_request, response) => send(response, hostsIndexPage(hosts, addresses)));
  router.get("/hosts/react.js", async (_request, response) => {
    reactScript ??= bundleReactHost();
    response
      .type("js")
      .send(
        (await reactScript) ?? `document.querySelector("#root").textContent = "The tools that build this page are not installed here.";`,
      );
  });
  for (const host of [...hosts, framedHost]) {
    router.get(`/hosts/${host.path}`, async (request, response) => {
      const { booking } = request.query;
      if (host.pays && !host.books && typeof booking !== "string") {
        // The URL contains the booking, so that a reload shows the same one.
        const { bookingId } = await client.createBooking(exampleBooking(now()), randomUUID());
        return response.redirect(303, `/hosts/${host.path}?booking=${bookingId}`);
      }
      setPolicy(response, host.policy(addresses));
      const pinned = host.pins ? await pinnedScript(client, addresses) : { src: "", integrity: "" };
      send(response, host.draw({ ...contextOf(request, addresses, publishableKey), pinned }));
    });
  }
  return router;
}

const SCRIPT = "somo-pay.js";

/** Owners paste the hash once. This page must fetch it, because it is only known once the widget is built. */
async function pinnedScript(client: ServiceClient, { serviceUrl }: Addresses): Promise<PinnedScript> {
  const integrity = await client.widgetHash(WIDGET_VERSION, SCRIPT);
  return { src: `${serviceUrl}/widget/${WIDGET_VERSION}/${SCRIPT}`, integrity };
}

function contextOf(request: Request, addresses: Addresses, publishableKey: string): Omit<HostContext, "pinned"> {
  const query = new URLSearchParams(request.url.split("?")[1]);
  return { ...addresses, publishableKey, bookingId: query.get("booking") ?? "", query, otherOrigin: otherOriginOf(request) };
}

/** This machine has two names, which are two origins to a browser. A demo under a real name has one; then the frame has the same origin. */
function otherOriginOf(request: Request): string {
  const host = request.get("Host") ?? "";
  if (host.startsWith("localhost:")) return `http://${host.replace("localhost", "127.0.0.1")}`;
  if (host.startsWith("127.0.0.1:")) return `http://${host.replace("127.0.0.1", "localhost")}`;
  return "";
}

/** Replaces the demo's own policy. */
function setPolicy(response: Response, policy: Policy): void {
  // One of these pages frames another.
  response.removeHeader("X-Frame-Options");
  if (policy === null) response.removeHeader("Content-Security-Policy");
  else {
    const lines = Object.entries(policy).map(([name, values]) => `${name} ${values.join(" ")}`);
    response.set("Content-Security-Policy", lines.join("; "));
  }
}

function exampleBooking(nowMs: number) {
  const date = addDays(nairobiDate(nowMs), 1);
  return { sessionType: "maths-1h", date, time: "15:00", parentName: "Wanjiru Kamau", childName: "Amani", email: "wanjiru@example.com" };
}

function send(response: Response, page: Markup): void {
  response.set("Cache-Control", "no-store").type("html").send(page.text);
}
