/** A page's style sheets and scripts cannot break the element, nor the element the page. */
import { expect, it } from "vitest";
import { describeInBrowser } from "./browser-set-up.ts";
import { booking, cannedBookings, paid, prompted } from "../screens/canned-bookings.ts";
import { PARENT } from "./checkout-page.ts";
import type { CheckoutPage, OpenOptions } from "./checkout-page.ts";
import { taken } from "./fake-service.ts";
import { calmCss, hostileCss, oldLibraries } from "./hostile-host.ts";
import { faultsOfLayout } from "./layout.ts";

const views = cannedBookings();
const compared = ["ready", "sending", "prompted-20s", "confirming-code", "paid", "failed-busy", "failed-code-not_found", "refunded"];

/** Where each element inside lies, and how it looks. */
function insides({ element }: CheckoutPage): Promise<string[]> {
  return element.evaluate((host) => {
    const card = host.shadowRoot?.querySelector("[part=card]");
    const { left, top } = card?.getBoundingClientRect() ?? { left: 0, top: 0 };
    return [...(card?.querySelectorAll(":not(slot)") ?? []), ...(card ? [card] : [])].map((inner) => {
      const box = inner.getBoundingClientRect();
      const styles = getComputedStyle(inner);
      // Where it lies is measured; the page's own properties change nothing by being there.
      const names = Array.from(styles).filter((name) => !/^(--|inset|top|left|right|bottom)/.test(name));
      const looks = names.map((name) => `${name}:${styles.getPropertyValue(name)}`);
      const at = [box.left - left, box.top - top, box.width, box.height].map((px) => Math.round(px * 10) / 10);
      return `${inner.tagName} ${inner.getAttribute("part") ?? ""} at ${at.join()} ${looks.join("; ")}`;
    });
  });
}

/** Only what differs: a list of all properties of all elements is nothing to read. */
function differences(calm: string[], hostile: string[]): string[] {
  if (calm.length !== hostile.length) return [`${calm.length} elements on a calm page, ${hostile.length} here`];
  return calm.flatMap((each, at) => {
    const [ours, theirs] = [each.split("; "), (hostile[at] ?? "").split("; ")];
    const differing = ours.flatMap((style, index) => (style === theirs[index] ? [] : [`${style} → ${theirs[index]}`]));
    return differing.length ? [`${each.slice(0, 50)}: ${differing.join(", ").slice(0, 200)}`] : [];
  });
}

describeInBrowser("on a hostile page", ({ service, open }) => {
  for (const view of Object.values(views)) service.bookings.set(view.bookingId, view);

  /** Both pages have the same time, so that both show the same seconds, and nothing moves in them. */
  function openAt(nowMs: number, options: OpenOptions): Promise<CheckoutPage> {
    const settings = { viewport: { width: 900, height: 900 }, reducedMotion: "reduce" } as const;
    return open({ settings, javaScriptBefore: `Date.now = () => ${nowMs}`, ...options });
  }

  it("every kind of screen lies and looks as on a calm page", { timeout: 180_000 }, async () => {
    const nowMs = Date.now();
    const around = (tag: string) => `<div>${tag}</div>`;
    const calm = await openAt(nowMs, { bookingId: "ready", pageCss: calmCss, around });
    const hostile = await openAt(nowMs, { bookingId: "ready", pageCss: hostileCss, around });
    const found: string[] = [];
    for (const name of compared) {
      const seen: string[][] = [];
      for (const page of [calm, hostile]) {
        await page.element.evaluate((element, id) => element.setAttribute("booking-id", id), name);
        await page.shows(name.split("-")[0] ?? "");
        // The drawings are fetched.
        if (name !== "ready") await page.element.locator("svg, span:empty").first().waitFor({ state: "attached" });
        seen.push(await insides(page));
      }
      found.push(...differences(seen[0] ?? [], seen[1] ?? []).map((difference) => `${name}: ${difference}`));
    }
    expect(found).toEqual([]);
    expect(hostile.complaints).toEqual([]);
    await calm.close();
    await hostile.close();
  });

  it("the form for a booking and the dialog do so too", async () => {
    const nowMs = Date.now();
    const seen: string[][] = [];
    for (const pageCss of [calmCss, hostileCss]) {
      const details = await openAt(nowMs, { attributes: 'site-key="pk_test" session-type="maths-60"', pageCss });
      await details.element.locator("form").waitFor();
      await details.element.getByText("KES 1,500").waitFor();
      seen.push(await insides(details));
      await details.close();
      const dialog = await openAt(nowMs, { bookingId: "ready", attributes: 'mode="button"', pageCss });
      await dialog.shows("ready");
      await dialog.element.evaluate((element: HTMLElementTagNameMap["somo-pay"]) => element.open());
      await dialog.page.getByRole("dialog").waitFor();
      seen.push(await insides(dialog));
      expect(await dialog.page.getByRole("dialog").boundingBox()).toMatchObject({ x: 230, width: 440 });
      await dialog.close();
    }
    expect(differences(seen[0] ?? [], seen[2] ?? [])).toEqual([]);
    expect(differences(seen[1] ?? [], seen[3] ?? [])).toEqual([]);
  });

  const parents = {
    row: "display: flex",
    "centred column": "display: flex; flex-direction: column; align-items: center",
    "centred grid": "display: grid; place-items: center",
    "grid with columns as wide as their content": "display: grid; grid-template-columns: auto auto",
    "inline block": "display: inline-block",
    float: "float: left",
    "table cell": "display: table-cell",
    "positioned box": "position: absolute",
    "box that fits its content": "width: fit-content",
    sidebar: "width: 280px",
    "row in a sidebar": "width: 280px; display: flex",
  };
  for (const width of [360, 1280]) {
    it(`it has its width in every kind of box: ${width} px`, { timeout: 180_000 }, async () => {
      const css = Object.values(parents).map((rules, at) => `.host-${at} { ${rules} }`);
      const around = (tag: string) =>
        Object.keys(parents)
          .map((_, at) => `<section><div class="host-${at}">${tag}</div></section>`)
          .join("");
      const pageCss = `body { margin: 0; padding: 16px } section { display: flow-root; position: relative; min-height: 700px } ${css.join("\n")}`;
      service.streams = "closed";
      const checkout = await open({ bookingId: "paid", width, pageCss, around });
      await expect.poll(() => checkout.page.getByText("Payment received").count()).toBe(Object.keys(parents).length);
      await expect.poll(() => checkout.element.locator("svg").count()).toBe(Object.keys(parents).length);
      service.streams = "open";
      const widths = await checkout.page.evaluate(() =>
        Array.from(document.querySelectorAll("somo-pay"), ({ clientWidth }) => clientWidth),
      );
      const wanted = Object.entries(parents).map(([, rules]) => (rules.includes("280px") ? 280 : width === 360 ? 320 : 440));
      const narrow = Object.keys(parents).filter((_, at) => (widths[at] ?? 0) < (wanted[at] ?? 0));
      expect(narrow, widths.join()).toEqual([]);
      expect(await faultsOfLayout(checkout.page)).toEqual([]);
      await checkout.close();
    });
  }

  it("what only screen readers meet makes no page longer that scrolls it in a box", async () => {
    const pageCss = "body { margin: 0 } h1 { display: none } div { height: 300px; overflow: auto }";
    const viewport = { width: 360, height: 400 };
    const checkout = await open({ bookingId: "paid", pageCss, around: (tag) => `<div>${tag}</div>`, settings: { viewport } });
    await checkout.shows("paid");
    expect(await checkout.page.evaluate(() => document.documentElement.scrollHeight)).toBe(viewport.height);
    await checkout.close();
  });

  it("it lies well on a page that is read from right to left", async () => {
    const checkout = await open({ bookingId: "failed-code-not_found", pageCss: "body { direction: rtl }" });
    await checkout.shows("failed");
    await checkout.element.locator("svg").waitFor();
    expect(await faultsOfLayout(checkout.page)).toEqual([]);
    await checkout.close();
  });

  it("it is hidden with what hides it, and lets presses through where its page does", async () => {
    const pageCss = ".closed { visibility: hidden } .through { pointer-events: none }";
    const hits: Record<string, boolean> = {};
    for (const name of ["plain", "closed", "through"]) {
      const checkout = await open({ bookingId: "ready", pageCss, around: (tag) => `<div class="${name}">${tag}</div>` });
      await checkout.shows("ready");
      hits[name] = await checkout.element.evaluate((element) => {
        const { left, top, width, height } = element.getBoundingClientRect();
        return document.elementFromPoint(left + width / 2, top + height / 2) === element;
      });
      await checkout.close();
    }
    expect(hits).toEqual({ plain: true, closed: false, through: false });
  });

  it("the dialog is above everything: boxes that cut off, turn and fade, and headers that stick", async () => {
    const pageCss = `.box { transform: rotate(4deg) scale(.5); overflow: hidden; height: 60px; filter: blur(4px); opacity: .2; contain: paint }
      .box { z-index: 0; position: relative } h1 { position: sticky; top: 0; z-index: 2147483647; height: 100px; background: red }
      dialog { display: none !important; position: static !important }`;
    const around = (tag: string) => `<div class="box">${tag}</div>`;
    const checkout = await open({ bookingId: "ready", attributes: 'mode="button"', pageCss, around });
    await checkout.shows("ready");
    await checkout.element.evaluate((element: HTMLElementTagNameMap["somo-pay"]) => element.open());
    await checkout.page.getByRole("dialog").waitFor();
    expect(await checkout.page.getByRole("dialog").boundingBox()).toEqual({ x: 0, y: 0, width: 360, height: 900 });
    expect(await checkout.page.evaluate(() => [20, 450, 880].map((y) => document.elementFromPoint(180, y)?.tagName))).toEqual(
      Array(3).fill("SOMO-PAY"),
    );
    expect(await faultsOfLayout(checkout.page)).toEqual([]);
    await checkout.close();
  });

  for (const script of ["module", "classic"] as const) {
    it(`old libraries change neither what is sent nor what is said: ${script} script`, async () => {
      const id = `old-${script}`;
      service.bookings.set(id, booking(id));
      service.pay = () => taken(prompted(id));
      const checkout = await open({
        bookingId: id,
        script,
        attributes: 'amount="1500"',
        javaScriptBefore: `(${oldLibraries.toString()})()`,
      });
      await checkout.shows("ready");
      await checkout.payFrom("0712345678");
      await checkout.shows("prompted");
      const call = service.payCalls.at(-1);
      expect(call?.body).toEqual({ bookingId: id, phone: "254712345678", amount: 1500 });
      expect(call?.key).toMatch(/^[0-9a-f]{32}$/);
      await checkout.page.getByText(/seconds left/).waitFor();
      // Where nobody has the focus, the change is said.
      await checkout.page.evaluate(() => (document.activeElement instanceof HTMLElement ? document.activeElement.blur() : undefined));
      await service.until(() => service.streamsOf(id) === 1);
      service.publish(paid(id));
      await checkout.shows("paid");
      await expect.poll(() => checkout.status.textContent()).toBe("Payment received. Your session is booked");
      expect((await checkout.heard()).map(({ type }) => type).filter((type) => type !== "somopay-status")).toEqual(["payment-confirmed"]);
      expect(checkout.complaints).toEqual([]);
      await checkout.close();
    });
  }

  it("old libraries do not stop a booking either", async () => {
    const before = service.bookCalls.length;
    service.book = () => ({ status: 201, body: booking("ready") });
    const checkout = await open({
      attributes: `site-key="pk_test" session-type="maths-60" slots='["2026-12-08T10:00"]'`,
      javaScriptBefore: `(${oldLibraries.toString()})()`,
    });
    await checkout.fillDetails();
    await checkout.page.getByRole("radio", { name: "10:00" }).check();
    await checkout.button("Continue to payment").click();
    await checkout.shows("ready");
    expect(service.bookCalls.slice(before).map(({ body }) => body)).toEqual([
      {
        sessionType: "maths-60",
        ...PARENT,
        date: "2026-12-08",
        time: "10:00",
      },
    ]);
    expect(checkout.complaints).toEqual([]);
    await checkout.close();
  });
});

/** Lit notes its versions there, and shares what it knows of decorators. */
const LITS_GLOBALS = ["litPropertyMetadata", "reactiveElementVersions", "litHtmlVersions", "litElementVersions"];

/** Everything that a page shares with its scripts. Runs in the page. */
function sharedThings(): Record<string, unknown> {
  const prototypes = [
    Object,
    Array,
    String,
    Function,
    Promise,
    EventTarget,
    Event,
    Node,
    Element,
    HTMLElement,
    Document,
    ShadowRoot,
    History,
  ];
  return {
    globals: Object.getOwnPropertyNames(globalThis).filter((name) => name !== "before"),
    ...Object.fromEntries(
      prototypes.map((each) => [each.name, [...Object.getOwnPropertyNames(each), ...Object.getOwnPropertyNames(each.prototype)]]),
    ),
    sheets: document.adoptedStyleSheets.length,
    cookies: document.cookie,
    stored: [...Object.keys(localStorage), ...Object.keys(sessionStorage)],
    state: history.state as unknown,
  };
}

describeInBrowser("the page", ({ service, open }) => {
  for (const script of ["module", "classic"] as const) {
    it(`keeps its globals, prototypes, sheets, cookies and storage through a payment: ${script} script`, async () => {
      const id = `kept-${script}`;
      service.bookings.set(id, booking(id));
      service.pay = () => taken(prompted(id));
      const snapshot = `Object.assign(globalThis, { before: (${sharedThings.toString()})() })`;
      const checkout = await open({ bookingId: id, script, javaScriptBefore: snapshot });
      await checkout.shows("ready");
      const head = await checkout.page.evaluate(() => document.head.innerHTML);
      await checkout.payFrom("0712345678");
      await checkout.shows("prompted");
      await service.until(() => service.streamsOf(id) === 1);
      service.publish(paid(id));
      await checkout.shows("paid");
      await checkout.page.getByText("UKN7QX41B2").waitFor();
      const before = await checkout.page.evaluate(() => (globalThis as unknown as { before: { globals: string[] } }).before);
      const globals = [...before.globals, ...LITS_GLOBALS];
      const after = (await checkout.page.evaluate(sharedThings)) as { globals: string[] };
      expect({ ...after, globals: after.globals.toSorted() }).toEqual({ ...before, globals: globals.toSorted() });
      expect(
        await checkout.page.evaluate(() => [document.head.innerHTML, document.body.childElementCount, document.styleSheets.length]),
      ).toEqual([head, 1, 1]);
      await checkout.close();
    });
  }

  it("finds in its storage the number that the parent asked to remember, and nothing else", async () => {
    service.bookings.set("stored", booking("stored"));
    const checkout = await open({ bookingId: "stored" });
    await checkout.shows("ready");
    await checkout.phone.fill("0712345678");
    await checkout.page.getByLabel("Remember this number").check();
    expect(await checkout.page.evaluate(() => Object.entries(localStorage))).toEqual([["somopay-phone", "0712 345 678"]]);
    await checkout.page.getByLabel("Remember this number").uncheck();
    expect(await checkout.page.evaluate(() => localStorage.length)).toBe(0);
    await checkout.close();
  });

  it("is as it was when the dialog has closed: its style, place, address and history", async () => {
    service.bookings.set("closed", booking("closed"));
    const pageCss = "html { scroll-behavior: smooth } main { padding: 1500px 0 } h1 { position: sticky; top: 0 }";
    const checkout = await open({ bookingId: "closed", attributes: 'mode="button"', pageCss });
    await checkout.shows("ready");
    const look = () =>
      checkout.page.evaluate(() => ({
        style: document.documentElement.style.cssText,
        bodyStyle: document.body.style.cssText,
        place: Math.round(scrollY),
        address: location.href,
        state: history.state as unknown,
      }));
    await checkout.page.evaluate(() => {
      document.documentElement.style.overflowY = "scroll";
      history.replaceState({ ofThePage: 7 }, "");
      scrollTo({ top: 1200, behavior: "instant" });
    });
    const before = await look();
    for (const close of [
      () => checkout.page.keyboard.press("Escape"),
      () => checkout.page.goBack(),
      () => checkout.button("Close").click(),
    ]) {
      await checkout.element.evaluate((element: HTMLElementTagNameMap["somo-pay"]) => element.open());
      await checkout.page.getByRole("dialog").waitFor();
      expect(await look()).toMatchObject({ style: "overflow: hidden;", state: { ofThePage: 7 } });
      await close();
      await checkout.page.getByRole("dialog").waitFor({ state: "detached" });
      await expect.poll(look).toEqual(before);
    }
    await checkout.close();
  });
});
