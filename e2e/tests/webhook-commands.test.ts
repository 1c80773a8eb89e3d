import { describe, expect, it } from "vitest";
import { z } from "zod";
import { book, toProblem } from "../factories/calls.ts";
import { somopay, type Ended } from "../factories/command.ts";
import { environmentOf } from "../factories/operator.ts";
import { callAsOwner, changeAsOwner, deleteAsOwner } from "../factories/owner.ts";
import { databaseOf } from "../factories/records.ts";
import { until } from "../factories/until.ts";
import { typesOf, verify, type WebhookReceiver } from "../factories/webhook-receiver.ts";
import { addEndpoint, deliveriesTo, receiverForTest, webhookEnvironment } from "../factories/webhooks.ts";
import { siteFile, stackForTest, type Stack } from "../fixtures.ts";

const HOUR_MS = 60 * 60_000;
const addedSchema = z.object({ siteId: z.string(), webhookSecret: z.string().optional() });

async function run(stack: Stack, receiver: WebhookReceiver, args: string[], input = ""): Promise<Ended> {
  return somopay(args, { environment: { ...environmentOf(stack), ...webhookEnvironment(receiver) }, input });
}

const cancel = async ({ service }: Stack): Promise<string> => {
  const { bookingId } = await book(service.url);
  await callAsOwner(service.url, `/api/v1/bookings/${bookingId}/cancel`, { reason: "full" });
  return bookingId;
};

describe("webhookUrl in a site file", () => {
  it("makes one endpoint, whose secret is printed once; without it the endpoint is disabled", async () => {
    const receiver = await receiverForTest();
    const stack = await stackForTest({ environment: webhookEnvironment(receiver) });
    const add = async (more: object) => {
      const { code, stdout, stderr } = await run(stack, receiver, ["site", "add", "-"], JSON.stringify({ ...siteFile, ...more }));
      expect([code, stderr.includes("problem")]).toEqual([0, false]);
      return addedSchema.parse(JSON.parse(stdout)).webhookSecret;
    };
    const secret = await add({ webhookUrl: receiver.url });
    expect(secret).toMatch(/^whsec_/);
    const list = async () => (await callAsOwner(stack.service.url, "/api/v1/webhook-endpoints")).body;
    expect(await list()).toMatchObject({ data: [{ url: receiver.url, status: "enabled", isFromSiteFile: true }] });
    // Written by another process: this one knows of a first endpoint after two seconds.
    stack.clock.advance(3_000);
    const bookingId = await cancel(stack);
    await until("the message", () => receiver.accepted.length === 1);
    expect(verify(receiver.accepted[0]!, secret ?? "")).toMatchObject({ type: "booking.cancelled", data: { booking: { bookingId } } });
    const addAgain = async (more: object) => (await stack.service.service.siteStore.add({ ...siteFile, ...more })).webhookSecret;
    expect(await addAgain({ webhookUrl: `${receiver.url}/new` })).toBeUndefined();
    expect(await list()).toMatchObject({ data: [{ url: `${receiver.url}/new`, status: "enabled" }] });
    expect(await addAgain({})).toBeUndefined();
    expect(await list()).toMatchObject({ data: [{ status: "disabled", disabledWhy: "site_file" }] });
    expect(await addAgain({ webhookUrl: receiver.url })).toBeUndefined();
    expect(await list()).toMatchObject({ data: [{ url: receiver.url, status: "enabled" }] });
  });

  it.each([
    ["http://www.example.com/hooks", {}, "webhookUrl: must begin with https://"],
    ["https://10.0.0.1/hooks", {}, "webhookUrl: must name a public host"],
    ["https://www.example.com/hooks", { SECRETS_KEY: "" }, "webhookUrl: set SECRETS_KEY first"],
  ])("%s is refused", async (webhookUrl, environment, problem) => {
    const receiver = await receiverForTest();
    const stack = await stackForTest();
    const all = { ...environmentOf(stack), ...webhookEnvironment(receiver), ...environment };
    const { code, stderr } = await somopay(["site", "add", "-"], { environment: all, input: JSON.stringify({ ...siteFile, webhookUrl }) });
    expect(code).toBe(1);
    expect(stderr).toContain(problem);
    expect(await databaseOf(stack).knex("webhook_endpoints")).toEqual([]);
  });
});

describe("somopay webhooks", () => {
  // Each command is a process of its own.
  it("lists, disables, enables and redelivers; attention names the command", { timeout: 240_000 }, async () => {
    const receiver = await receiverForTest();
    const stack = await stackForTest({ environment: webhookEnvironment(receiver) });
    const { id } = await addEndpoint(stack.service.url, { url: receiver.url });
    const command = (...args: string[]) => run(stack, receiver, args);
    receiver.behave = () => ({ status: 503 });
    const bookingId = await cancel(stack);
    await until("the failure", async () => (await deliveriesTo(stack.service.url, id))[0]?.tries === 1);
    expect((await command("attention")).stdout).toMatch(
      new RegExp(
        `^webhook\n  webhook to ${receiver.host} has failed since .*answered 503. 1 message waits\n  somopay webhooks redeliver ${id}\n`,
      ),
    );
    expect((await command("webhooks", "list")).stdout).toMatch(new RegExp(`^${id}\t.*\tenabled\tfailing since .*\t1 waiting\t0 failed\n$`));
    expect(await command("webhooks", "disable", id)).toMatchObject({ code: 0 });
    expect((await command("attention")).stdout).toBe("Nothing needs a decision.\n");
    receiver.behave = () => ({ status: 204 });
    expect((await command("webhooks", "redeliver", id)).stdout).toContain("1 messages are sent");
    expect(await command("webhooks", "enable", id)).toMatchObject({ code: 0 });
    await until("the message", () => receiver.accepted.length === 1);
    expect(typesOf(receiver.accepted, bookingId)).toEqual(["booking.cancelled"]);
    expect((await command("webhooks", "redeliver", id, "--since", "2036-01-01")).stdout).toContain("0 messages");
    expect((await command("webhooks", "redeliver", id, "--since", "yesterday")).code).toBe(2);
    expect((await command("webhooks", "enable", "we_nobody")).code).toBe(1);
  });
});

describe("another site's server", () => {
  it("sees and changes nothing of an endpoint and its deliveries", async () => {
    const receiver = await receiverForTest();
    const stack = await stackForTest({ environment: webhookEnvironment(receiver) });
    const { url } = stack.service;
    const { secretKey } = await stack.service.service.siteStore.add({
      name: "Another school",
      allowedOrigins: ["https://other.example"],
      sessionTypes: [],
    });
    const other = { Authorization: `Bearer ${secretKey}` };
    const { id } = await addEndpoint(url, { url: receiver.url });
    await cancel(stack);
    const [delivery] = await until("a delivery", async () => {
      const found = await deliveriesTo(url, id);
      return found.length > 0 && found;
    });
    const endpoint = `/api/v1/webhook-endpoints/${id}`;
    const one = `/api/v1/webhook-deliveries/${delivery?.id}`;
    expect((await callAsOwner(url, "/api/v1/webhook-endpoints", undefined, other)).body).toEqual({ data: [] });
    expect((await callAsOwner(url, "/api/v1/webhook-deliveries", undefined, other)).body).toEqual({ data: [], next: null });
    const refused = [
      await callAsOwner(url, endpoint, undefined, other),
      await callAsOwner(url, `${endpoint}/deliveries`, undefined, other),
      await callAsOwner(url, one, undefined, other),
      await callAsOwner(url, `${endpoint}/rotate-secret`, {}, other),
      await callAsOwner(url, `${endpoint}/test`, {}, other),
      await callAsOwner(url, `${endpoint}/redeliver`, { since: 0 }, other),
      await callAsOwner(url, `${one}/redeliver`, {}, other),
      await changeAsOwner(url, endpoint, { status: "disabled" }, other),
      await deleteAsOwner(url, endpoint, other),
    ];
    for (const answer of refused)
      expect(toProblem(answer)).toMatchObject({ status: 404, code: expect.stringMatching(/^webhook_.*_not_found$/) });
    expect((await callAsOwner(url, endpoint)).body).toMatchObject({ id, status: "enabled" });
    expect((await deleteAsOwner(url, endpoint)).status).toBe(204);
    stack.clock.advance(HOUR_MS);
    expect(toProblem(await callAsOwner(url, endpoint))).toMatchObject({ status: 404 });
    expect(await databaseOf(stack).knex("webhook_deliveries")).toEqual([]);
  });
});
