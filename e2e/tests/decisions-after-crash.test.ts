/** A write by the owner's server whose process dies after its commit and before its answer is stored: repeated, it gives that answer and does nothing. */
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { book, newPhone, type Answer } from "../factories/calls.ts";
import { callbackBody, post } from "../factories/callbacks.ts";
import { callAsOwner, changeAsOwner, deleteAsOwner } from "../factories/owner.ts";
import { payByHand, receiptOf, registerPaybill } from "../factories/paybill.ts";
import { startPaying } from "../factories/paying.ts";
import { callbacksRead, databaseOf, theAttempt } from "../factories/records.ts";
import { addEndpoint } from "../factories/webhooks.ts";
import { deploymentOptions, deployments, stackForTest, type Stack } from "../fixtures.ts";

type Headers = Record<string, string>;
type Call = (headers: Headers) => Promise<Answer>;
/** Prepares what is to be decided, and says how it is. */
type Decision = (stack: Stack) => Promise<Call>;

const why = { reason: "her mother called", actor: "Grace" };
const KEY = { "Idempotency-Key": "decision-1" };
/** Longer than the first caller's key is held (`HOLDER_DEAD_AFTER_MS`). */
const HOLDER_IS_DEAD_MS = 10_000;

/** Everything that a decision writes. Status queries go on meanwhile, so their columns are left out. */
const written: Record<string, string[]> = {
  payments: ["id", "status", "provider_ref", "surplus", "kept_at", "session_id"],
  payment_history: ["*"],
  sessions: ["*"],
  unassigned_money: ["*"],
  callbacks: ["id", "verdict", "note", "processed_at"],
  session_types: ["*"],
  webhook_endpoints: ["*"],
  webhook_messages: ["*"],
  webhook_deliveries: ["*"],
};

async function readWritten(stack: Stack): Promise<unknown> {
  const { knex } = databaseOf(stack);
  const tables = Object.entries(written).map(async ([table, columns]): Promise<[string, unknown]> => [
    table,
    await knex(table)
      .select(columns)
      .orderBy(table === "unassigned_money" ? "receipt" : "id"),
  ]);
  return Object.fromEntries(await Promise.all(tables));
}

/** The state in which the process leaves the key if it dies there. */
async function forgetAnswer(stack: Stack): Promise<void> {
  const forgotten = await databaseOf(stack)
    .knex("idempotency_keys")
    .where({ idempotency_key: KEY["Idempotency-Key"] })
    .whereNotNull("response_status")
    .update({ response_status: null, response_body: null });
  expect(forgotten).toBe(1);
  stack.clock.advance(HOLDER_IS_DEAD_MS);
}

async function paymentToDecide(stack: Stack): Promise<string> {
  const { booking } = await startPaying(stack);
  return (await theAttempt(stack, booking.bookingId)).id;
}

/** KES 500 more than the booking needs, without a prompt. */
async function surplusPayment(stack: Stack): Promise<string> {
  await registerPaybill(stack);
  const { bookingId, reference } = await book(stack.service.url);
  receiptOf(await payByHand(stack, { phone: newPhone(), accountNumber: reference, amountKes: 2_000 }));
  await callbacksRead(stack, 1);
  return (await theAttempt(stack, bookingId)).id;
}

async function unassignedMoney(stack: Stack): Promise<string> {
  await registerPaybill(stack);
  const receipt = receiptOf(await payByHand(stack, { phone: newPhone(), accountNumber: "LESSON", amountKes: 1_500 }));
  await callbacksRead(stack, 1);
  return receipt;
}

async function listedCallback(stack: Stack): Promise<string> {
  const { prompt } = await startPaying(stack);
  await post(prompt.callbackUrl, callbackBody(prompt, { code: 1032 }));
  const [callback] = await callbacksRead(stack, 1);
  if (!callback) throw new Error("no callback");
  await databaseOf(stack).knex("callbacks").where({ id: callback.id }).update({ verdict: "unprocessable", note: "a test" });
  return callback.id;
}

/** Disabled, so that what waits for it stays as it is. */
async function endpointWithMessage(stack: Stack): Promise<{ endpointId: string; deliveryId: string }> {
  const { url } = stack.service;
  const { id: endpointId } = await addEndpoint(url, { url: "http://127.0.0.1:9/webhooks" });
  await changeAsOwner(url, `/api/v1/webhook-endpoints/${endpointId}`, { status: "disabled" });
  const test = await callAsOwner(url, `/api/v1/webhook-endpoints/${endpointId}/test`, {});
  return { endpointId, deliveryId: z.object({ id: z.string() }).parse(test.body).id };
}

const asOwner =
  ({ service }: Stack, path: string, body: object): Call =>
  (headers) =>
    callAsOwner(service.url, `/api/v1/${path}`, body, headers);

const decisions: [string, number, Decision][] = [
  [
    "settling a payment as paid",
    200,
    async (stack) => {
      const paymentId = await paymentToDecide(stack);
      return asOwner(stack, `payments/${paymentId}/settle`, { outcome: "paid", receipt: "UKN7RT61SZ", ...why });
    },
  ],
  [
    "settling a payment as not paid",
    200,
    async (stack) => asOwner(stack, `payments/${await paymentToDecide(stack)}/settle`, { outcome: "not_paid", ...why }),
  ],
  [
    "keeping a payment's surplus",
    200,
    async (stack) => asOwner(stack, `payments/${await surplusPayment(stack)}/settle`, { outcome: "kept", ...why }),
  ],
  [
    "saying that a payment was given back by hand",
    200,
    async (stack) => asOwner(stack, `payments/${await surplusPayment(stack)}/settle`, { outcome: "refunded", ...why }),
  ],
  [
    "assigning money",
    200,
    async (stack) => {
      const receipt = await unassignedMoney(stack);
      const { reference } = await book(stack.service.url);
      return asOwner(stack, `unassigned-money/${receipt}/assign`, { reference, ...why });
    },
  ],
  [
    "assigning money from the statement",
    200,
    async (stack) => {
      const { reference } = await book(stack.service.url);
      return asOwner(stack, "unassigned-money/UKN7RT61SZ/assign", { reference, amount: 1_000, ...why });
    },
  ],
  ["keeping money", 200, async (stack) => asOwner(stack, `unassigned-money/${await unassignedMoney(stack)}/keep`, why)],
  ["dismissing a callback", 200, async (stack) => asOwner(stack, `callbacks/${await listedCallback(stack)}/dismiss`, why)],
  ["replaying a callback", 202, async (stack) => asOwner(stack, `callbacks/${await listedCallback(stack)}/replay`, {})],
  [
    "removing a session type",
    204,
    async ({ service }) =>
      (headers) =>
        deleteAsOwner(service.url, "/api/v1/session-types/maths-1h", headers),
  ],
  [
    "deleting a webhook endpoint",
    204,
    async (stack) => {
      const { endpointId } = await endpointWithMessage(stack);
      return (headers) => deleteAsOwner(stack.service.url, `/api/v1/webhook-endpoints/${endpointId}`, headers);
    },
  ],
  [
    "testing a webhook endpoint",
    202,
    async (stack) => asOwner(stack, `webhook-endpoints/${(await endpointWithMessage(stack)).endpointId}/test`, {}),
  ],
  [
    "sending a message again",
    202,
    async (stack) => asOwner(stack, `webhook-deliveries/${(await endpointWithMessage(stack)).deliveryId}/redeliver`, {}),
  ],
  [
    "sending the messages of a time again",
    202,
    async (stack) => asOwner(stack, `webhook-endpoints/${(await endpointWithMessage(stack)).endpointId}/redeliver`, { since: 0 }),
  ],
];

describe.each(deployments)("after a crash between commit and answer (%s)", (deployment) => {
  it.each(decisions)("%s", async (_name, status, prepare) => {
    const environment = { SECRETS_KEY: "5e".repeat(32), WEBHOOK_ALLOW_HOSTS: "127.0.0.1:9" };
    const stack = await stackForTest({ ...(await deploymentOptions(deployment)), environment });
    const decide = await prepare(stack);
    const first = await decide(KEY);
    expect(first).toMatchObject({ status });
    // A replayed callback is processed in the background.
    await callbacksRead(stack, 0);
    const before = await readWritten(stack);
    await forgetAnswer(stack);
    const second = await decide(KEY);
    expect([second.status, second.body]).toEqual([first.status, first.body]);
    expect(await readWritten(stack)).toEqual(before);
    // Its answer is stored now.
    expect((await decide(KEY)).body).toEqual(first.body);
  });

  it("assigning money, also between the payment and the mark on the money", async () => {
    const stack = await stackForTest(await deploymentOptions(deployment));
    const receipt = await unassignedMoney(stack);
    const { reference } = await book(stack.service.url);
    const assign = asOwner(stack, `unassigned-money/${receipt}/assign`, { reference, ...why });
    const first = await assign(KEY);
    expect(first).toMatchObject({ status: 200, body: { assignment: "booked" } });
    const before = await readWritten(stack);
    await databaseOf(stack).knex("unassigned_money").where({ receipt }).update({ payment_id: null });
    await forgetAnswer(stack);
    expect((await assign(KEY)).body).toEqual(first.body);
    expect(await readWritten(stack)).toEqual(before);
  });
});
