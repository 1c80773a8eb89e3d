/** The dashboard as its people use it, in Chromium: by roles and words, as a screen reader finds them. */
import { AxeBuilder } from "@axe-core/playwright";
import type { Browser, BrowserContextOptions, Locator, Page } from "playwright";
import { expect, onTestFinished } from "vitest";
import type { RunningService } from "../../service/src/main.ts";
import type { Role } from "../../service/src/sites/roles.ts";
import { invite, newEmail, PASSWORD, type Member } from "../factories/people.ts";

/** The limit for all waits; a busy machine needs a few seconds. */
const WAIT_MS = 30_000;

export const phone = { width: 360, height: 760 } as const;
export const desk = { width: 1280, height: 800 } as const;

export class DashboardPage {
  readonly page: Page;
  readonly root: string;
  /** What the browser complained of: errors, and what the page's policy forbade. */
  readonly complaints: string[] = [];

  constructor(page: Page, { url }: Pick<RunningService, "url">) {
    this.page = page;
    this.root = `${url}/dashboard`;
    page.setDefaultTimeout(WAIT_MS);
    page.on("pageerror", (error) => this.complaints.push(String(error)));
    // A refusal by the service is an answer, which the page shows in words.
    page.on("console", (message) => {
      if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) this.complaints.push(message.text());
    });
    page.on("dialog", (dialog) => {
      this.complaints.push(`a dialog of the browser: ${dialog.message()}`);
      void dialog.dismiss();
    });
  }

  /** @param path below `/dashboard` */
  async open(path = ""): Promise<void> {
    await this.page.goto(this.root + path);
    await this.ready();
  }

  /** Waits until the page has its heading and nothing is being loaded. */
  async ready(): Promise<void> {
    await this.page.locator("h1").first().waitFor();
    await expect.poll(() => this.page.getByText(/^(Loading|Inapakia)…$/).count(), { timeout: WAIT_MS }).toBe(0);
  }

  heading(name: string | RegExp): Locator {
    return this.page.getByRole("heading", { name, level: 1 });
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole("button", { name });
  }

  link(name: string | RegExp): Locator {
    return this.page.getByRole("link", { name });
  }

  /** The question that is open; of two, the upper one. */
  get question(): Locator {
    return this.page.getByRole("dialog").last();
  }

  /** Fills the fields of the open question, by their labels, presses its button, and waits until it is done. */
  async answer(fields: Record<string, string>, button: string): Promise<void> {
    for (const [label, value] of Object.entries(fields)) await this.question.getByLabel(label).fill(value);
    await this.question.getByRole("button", { name: button }).click();
    await this.question.waitFor({ state: "detached" });
  }

  async search(text: string): Promise<void> {
    const box = this.page.getByRole("searchbox");
    await box.fill(text);
    await box.press("Enter");
    await this.heading("Search").waitFor();
    await this.ready();
  }

  text(): Promise<string> {
    return this.page.locator("main").innerText();
  }

  /** Faults that axe finds, and how far the page is wider than the screen. */
  async faults(): Promise<{ axe: string[]; tooWidePx: number }> {
    // An experimental rule, which reads a day's number and its count of lessons as one word.
    const { violations } = await new AxeBuilder({ page: this.page }).disableRules("label-content-name-mismatch").analyze();
    const axe = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(" | ")}`);
    return { axe, tooWidePx: await this.page.evaluate("document.documentElement.scrollWidth - innerWidth") };
  }
}

/** A page of a browser without cookies, which ends with the test. */
export async function newDashboard(
  browser: Browser,
  service: Pick<RunningService, "url">,
  options: BrowserContextOptions = {},
): Promise<DashboardPage> {
  const context = await browser.newContext({ locale: "en-GB", viewport: phone, ...options });
  onTestFinished(() => context.close());
  return new DashboardPage(await context.newPage(), service);
}

/** Accepts an invitation in the browser. Resolves at Today. */
export async function join(dashboard: DashboardPage, service: RunningService, role: Role, name = "Njeri Wairimu"): Promise<void> {
  const token = await invite(service, newEmail(role), role);
  await dashboard.open(`/invitation#${token}`);
  const { page } = dashboard;
  await page.getByLabel("Your name").fill(name);
  await page.getByLabel("New password").fill(PASSWORD);
  await dashboard.button("Create account").click();
  await dashboard.heading("Today").waitFor();
  await dashboard.ready();
}

/** Gives the browser the session of somebody who signed in without it. */
export async function useSession({ page, root }: DashboardPage, { browser }: Pick<Member, "browser">): Promise<void> {
  const url = new URL(root).origin;
  await page.context().addCookies([...browser.cookies].map(([name, value]) => ({ name, value, url })));
}
