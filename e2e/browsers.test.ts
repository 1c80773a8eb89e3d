import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { Browser } from "playwright";
import { By, until } from "selenium-webdriver";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { hasBrowser, launchChromium, launchFirefox, launchWebKit } from "./browsers.ts";

/** What the widget needs from a browser: a custom element, a shadow root, and server-sent events. */
const page = `<!doctype html><title>smoke</title>
<smoke-test></smoke-test>
<script type="module">
  customElements.define("smoke-test", class extends HTMLElement {
    connectedCallback() {
      const root = this.attachShadow({ mode: "open" });
      root.innerHTML = "<p part='word'>waiting</p>";
      new EventSource("/events").onmessage = (event) => {
        root.querySelector("p").textContent = event.data;
        document.title = event.data;
      };
    }
  });
</script>`;

let server: Server;
let url: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    const events = request.url === "/events";
    response.writeHead(200, { "Content-Type": events ? "text/event-stream" : "text/html; charset=utf-8" });
    if (events) response.write("data: habari\n\n");
    else response.end(page);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  url = `http://127.0.0.1:${address.port}/`;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

async function expectTheEventIn(browser: Browser): Promise<void> {
  onTestFinished(() => browser.close());
  const tab = await browser.newPage();
  await tab.goto(url);
  const word = tab.locator("smoke-test p").filter({ hasText: "habari" });
  await word.waitFor();
  expect(await word.textContent()).toBe("habari");
}

describe("a custom element shows an event from the server in", () => {
  test.skipIf(!hasBrowser("Chromium"))("Chromium", async () => {
    await expectTheEventIn(await launchChromium());
  });

  test.skipIf(!hasBrowser("Firefox"))("Firefox", async () => {
    await expectTheEventIn(await launchFirefox());
  });

  test.skipIf(!hasBrowser("WebKit"))("WebKit", async () => {
    const { driver, stop } = await launchWebKit();
    onTestFinished(stop);
    await driver.get(url);
    await driver.wait(until.titleIs("habari"), 10_000);
    const root = await driver.findElement(By.css("smoke-test")).getShadowRoot();
    const word = await root.findElement(By.css("p"));
    expect(await word.getText()).toBe("habari");
  });
});
