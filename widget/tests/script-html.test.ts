/** The script's own renderer against Lit, which renders the same templates for those who take the package from npm. */
import { fileURLToPath } from "node:url";
import { build } from "vite";
import { expect, it } from "vitest";
import { describeInBrowser } from "./browser-set-up.ts";
import { booking } from "../screens/canned-bookings.ts";

async function bundled(): Promise<string> {
  const entry = fileURLToPath(new URL("both-renderers.ts", import.meta.url));
  const result = await build({
    configFile: false,
    logLevel: "silent",
    build: { write: false, lib: { entry, formats: ["iife"], name: "both" } },
  });
  const chunks = [result].flat().flatMap((output) => ("output" in output ? output.output : []));
  return chunks.map((chunk) => ("code" in chunk ? chunk.code : "")).join("");
}

describeInBrowser("what the script renders with", ({ service, open }) => {
  it("writes what Lit writes, from each value to the next", async () => {
    service.bookings.set("rendered", booking("rendered"));
    const checkout = await open({ bookingId: "rendered" });
    const page = await checkout.page.context().newPage();
    await page.evaluate(await bundled());
    const rendered = await page.evaluate(() => {
      const both = globalThis as unknown as { litRendered: string[]; ownRendered: string[] };
      return { lit: both.litRendered, own: both.ownRendered };
    });
    expect(rendered.lit).toHaveLength(15);
    expect(rendered.own).toEqual(rendered.lit);
    await checkout.close();
  });

  it("outlives a browser that rewrites the page's words, as translating ones do", async () => {
    service.bookings.set("translated", booking("translated"));
    const checkout = await open({ bookingId: "translated" });
    await checkout.shows("ready");
    await checkout.element.evaluate(({ shadowRoot }) => {
      const walker = document.createTreeWalker(shadowRoot ?? document, NodeFilter.SHOW_TEXT);
      const texts: Text[] = [];
      while (walker.nextNode()) if (walker.currentNode instanceof Text && walker.currentNode.data.trim()) texts.push(walker.currentNode);
      for (const text of texts) {
        const font = document.createElement("font");
        font.textContent = "traduit";
        text.replaceWith(font);
      }
    });
    await checkout.page.getByRole("group").getByRole("button").last().click();
    await checkout.page.getByText("Kumbuka nambari hii kwenye kifaa hiki").waitFor();
    await checkout.close();
  });
});
