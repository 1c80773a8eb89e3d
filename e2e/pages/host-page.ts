/** An owner's plain HTML page on its own origin, with the snippet from the README. */
import { once } from "node:events";
import { createServer } from "node:http";
import { PUBLISHABLE_KEY } from "../fixtures.ts";

export type HostPageOptions = {
  lang?: "en" | "sw";
  classic?: boolean;
  /** The page names a session type instead of a booking, and the widget shows the booking form. */
  sessionType?: string;
  /** JavaScript that runs before the widget's, such as a wrong clock. */
  before?: string;
};

export type HostPage = {
  origin: string;
  url(serviceUrl: string, bookingId: string, options: HostPageOptions): string;
  close(): void;
};

/** Starts first, because the site's `allowedOrigins` must contain its origin. */
export async function startHostPage(): Promise<HostPage> {
  const server = createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? "/", "http://host");
    response.writeHead(200, { "Content-Type": "text/html; charset=utf-8" }).end(page(searchParams));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the host page listens on no port");
  const origin = `http://127.0.0.1:${address.port}`;
  return {
    origin,
    url: (service, booking, { lang = "en", classic = false, before = "", sessionType = "" }) =>
      `${origin}/?${new URLSearchParams({ service, booking, lang, type: classic ? "text/javascript" : "module", before, sessionType })}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

const page = (query: URLSearchParams): string => `<!doctype html>
<html lang="${query.get("lang") ?? "en"}">
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Amani Tutors: pay</title>
<script>
  ${query.get("before") ?? ""};
  window.paymentEvents = [];
  document.addEventListener("payment-confirmed", ({ detail }) => window.paymentEvents.push("confirmed " + detail.receipt));
  document.addEventListener("payment-failed", ({ detail }) => window.paymentEvents.push("failed " + detail.reason));
</script>
<main>
  <h1>Your lesson</h1>
  <a href="#help">Help</a>
  <script type="${query.get("type") ?? "module"}" src="${query.get("service") ?? ""}/widget.js"></script>
  <somo-pay ${wanted(query)} merchant="Amani Tutors"></somo-pay>
</main>
</html>`;

function wanted(query: URLSearchParams): string {
  const sessionType = query.get("sessionType");
  return sessionType ? `site-key="${PUBLISHABLE_KEY}" session-type="${sessionType}"` : `booking-id="${query.get("booking") ?? ""}"`;
}
