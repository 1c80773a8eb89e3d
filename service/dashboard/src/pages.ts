import { html, type TemplateResult } from "lit";
import { keyed } from "lit/directives/keyed.js";
import type { App } from "./app.ts";
import { href } from "./router.ts";
import "./pages/sign-in-page.ts";
import "./pages/link-pages.ts";
import "./pages/today-page.ts";

type PageAt = {
  title: string;
  view: TemplateResult;
  /** It is shown without being signed in. */
  isOpen?: boolean;
  /** Fetches its element, if that does not come with the first page. */
  part?: () => Promise<unknown>;
};

const loadMore = () => import("./pages/more-pages.ts");
const loadSettings = () => import("./pages/settings-page.ts");

/** Which page an address shows. */
export function pageAt(app: App): PageAt {
  const { router, t, session, site } = app;
  const here = router.path;
  if (here === "/invitation") return { title: t.invitation, isOpen: true, view: html`<invitation-page .app=${app}></invitation-page>` };
  if (here === "/reset") return { title: t.newPassword, isOpen: true, view: html`<reset-page .app=${app}></reset-page>` };
  if (!session || here === "/sign-in") return { title: t.signIn, isOpen: true, view: html`<sign-in-page .app=${app}></sign-in-page>` };
  if (!site) return { title: t.noSite, isOpen: true, view: html`<no-site-page .app=${app}></no-site-page>` };
  return forSite(site.siteId, signedIn(app));
}

/** Another site's page is another element: nothing of the first one stays. */
function forSite(siteId: string, page: PageAt): PageAt {
  return { ...page, view: html`${keyed(siteId, page.view)}` };
}

function signedIn(app: App): PageAt {
  const { router, t } = app;
  const bookingId = router.match("/bookings/:id")?.["id"];
  const day = router.match("/day/:date")?.["date"];
  const setting = router.match("/settings/:part")?.["part"];
  if (bookingId !== undefined)
    return {
      title: t.booking,
      part: loadMore,
      view: html`${keyed(bookingId, html`<booking-page .app=${app} .bookingId=${bookingId}></booking-page>`)}`,
    };
  if (day !== undefined)
    return {
      title: t.daySheet,
      part: loadMore,
      view: html`${keyed(day, html`<day-sheet-page .app=${app} .date=${day}></day-sheet-page>`)}`,
    };
  if (setting !== undefined || router.path === "/settings") {
    return { title: t.settings, part: loadSettings, view: html`<settings-page .app=${app} .name=${setting ?? ""}></settings-page>` };
  }
  switch (router.path) {
    case "":
      return { title: t.today, view: html`<today-page .app=${app}></today-page>` };
    case "/attention":
      return { title: t.attention, part: loadMore, view: html`<attention-page .app=${app}></attention-page>` };
    case "/bookings":
      return {
        title: t.bookings,
        part: loadMore,
        view: html`<bookings-page .app=${app} .query=${router.query.toString()}></bookings-page>`,
      };
    case "/payments":
      return {
        title: t.payments,
        part: loadMore,
        view: html`<payments-page .app=${app} .query=${router.query.toString()}></payments-page>`,
      };
    case "/search": {
      const text = router.query.get("q") ?? "";
      return { title: t.search, part: loadMore, view: html`${keyed(text, html`<search-page .app=${app} .text=${text}></search-page>`)}` };
    }
    default:
      return {
        title: t.notFound,
        view: html`<h1 tabindex="-1">${t.notFound}</h1>
          <p><a href=${href("")}>${t.goToToday}</a></p>`,
      };
  }
}
