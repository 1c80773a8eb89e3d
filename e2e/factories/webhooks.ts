/** Webhooks of a test's stack. */
import { onTestFinished } from "vitest";
import type { z } from "zod";
import { deliveriesPageSchema, endpointWithSecretSchema, type DeliveryView } from "../../service/src/webhooks/webhook-contract.ts";
import { callAsOwner } from "./owner.ts";
import { startReceiver, type WebhookReceiver } from "./webhook-receiver.ts";

/** The service stores secrets, and may send to the receiver. */
export function webhookEnvironment(...receivers: readonly WebhookReceiver[]): Record<string, string> {
  return { SECRETS_KEY: "5e".repeat(32), WEBHOOK_ALLOW_HOSTS: receivers.map(({ host }) => host).join(",") };
}

/** Ends with the test. */
export async function receiverForTest(): Promise<WebhookReceiver> {
  const receiver = await startReceiver();
  onTestFinished(() => receiver.stop());
  return receiver;
}

export type AddedEndpoint = z.infer<typeof endpointWithSecretSchema>;

/** Registers a receiver, as an owner's developer does. */
export async function addEndpoint(baseUrl: string, body: object, headers: Record<string, string> = {}): Promise<AddedEndpoint> {
  return endpointWithSecretSchema.parse((await callAsOwner(baseUrl, "/api/v1/webhook-endpoints", body, headers)).body);
}

/** The newest first. */
export async function deliveriesTo(baseUrl: string, endpointId: string, query = ""): Promise<DeliveryView[]> {
  const answer = await callAsOwner(baseUrl, `/api/v1/webhook-endpoints/${endpointId}/deliveries${query}`);
  return deliveriesPageSchema.parse(answer.body).data;
}
