/** The owner's server in a storm: it takes webhooks, and dies, hangs, answers 500, 410 and redirects while it does. */
import { Webhook } from "standardwebhooks";
import { z } from "zod";
import type { Database } from "../../service/src/platform/database.ts";
import { endpointWithSecretSchema } from "../../service/src/webhooks/webhook-contract.ts";
import { seededRandom } from "../daraja-simulator/ids.ts";
import type { Rows } from "../factories/records.ts";
import { startReceiver, type Behaviour, type Received } from "../factories/webhook-receiver.ts";
import type { OwnerCall } from "./owner-client.ts";
import { auditWebhooks } from "./webhook-audit.ts";

const GONE = { status: 410 };
const ENABLED_AGAIN_AFTER_MS = 2_000;
/** How often in 1,000 messages. Those that fail twice come back after five minutes, or when the owner asks for them. */
const troubles: readonly { what: string; perThousand: number; behaviour: Behaviour }[] = [
  { what: "the owner's server died", perThousand: 40, behaviour: "die" },
  { what: "the owner's server hung", perThousand: 8, behaviour: "hang" },
  { what: "the owner's server answered 500", perThousand: 60, behaviour: { status: 500 } },
  { what: "the owner's server answered 410", perThousand: 4, behaviour: GONE },
  { what: "the owner's server redirected", perThousand: 30, behaviour: { status: 307, headers: { location: "https://www.example.com/" } } },
];

export type StormReceiver = {
  /** `host:port`, for WEBHOOK_ALLOW_HOSTS. */
  host: string;
  /** Registers it. Until then nothing is sent. */
  register(call: OwnerCall): Promise<void>;
  /** As an owner who has mended her server: enables the endpoint again, and asks for what is missing. Returns whether nothing is. */
  catchUp(call: OwnerCall, database: Database): Promise<boolean>;
  /** What differs between what it was told and what happened, in sentences. */
  audit(database: Database, rows: Rows): Promise<string[]>;
  /** How often each trouble happened. */
  happened: ReadonlyMap<string, number>;
  stop(): Promise<void>;
};

const messageRowsSchema = z.array(z.object({ id: z.string(), bookingId: z.string(), sequence: z.number() }));

export async function startStormReceiver(seed: number): Promise<StormReceiver> {
  const random = seededRandom(seed + 1);
  const happened = new Map<string, number>();
  const receiver = await startReceiver();
  const forged: string[] = [];
  let endpoint: { id: string; secret: string } | null = null;
  let callOwner: OwnerCall | null = null;
  let isMended = false;
  let asked = 0;
  /** The owner notices, and enables it again; until a copy has answered. */
  const enable = async (): Promise<void> => {
    asked += 1;
    const wish = { method: "PATCH", body: { status: "enabled" }, key: `enable-${asked}` } as const;
    const answer = await callOwner?.(`/api/v1/webhook-endpoints/${endpoint?.id}`, wish);
    if (answer?.status !== 200 && !isMended) setTimeout(() => void enable(), ENABLED_AGAIN_AFTER_MS).unref();
  };
  receiver.behave = (received) => {
    if (endpoint && !isSigned(received, endpoint.secret)) forged.push(`${received.id} is not signed with the endpoint's secret`);
    const trouble = isMended ? undefined : drawTrouble(random());
    if (!trouble) return { status: 204 };
    happened.set(trouble.what, (happened.get(trouble.what) ?? 0) + 1);
    if (trouble.behaviour === GONE) setTimeout(() => void enable(), ENABLED_AGAIN_AFTER_MS).unref();
    return trouble.behaviour;
  };
  return {
    host: receiver.host,
    happened,
    async register(call) {
      callOwner = call;
      const answer = await call("/api/v1/webhook-endpoints", { body: { url: receiver.url }, key: "storm-endpoint" });
      endpoint = endpointWithSecretSchema.parse(answer?.body);
    },
    async catchUp(call, { knex }) {
      isMended = true;
      const open: unknown = await knex("webhook_deliveries").whereIn("status", ["waiting", "failed"]).first("id");
      if (open === undefined) return true;
      await enable();
      await call(`/api/v1/webhook-endpoints/${endpoint?.id}/redeliver`, { body: { since: 0 }, key: `redeliver-${asked}` });
      return false;
    },
    async audit({ knex }, rows) {
      const query = knex("webhook_messages").whereNotNull("booking_id").select("id", "booking_id as bookingId", "sequence");
      const written = messageRowsSchema.parse(await query);
      return [...forged, ...auditWebhooks(receiver.accepted, written, rows)];
    },
    stop: receiver.stop,
  };
}

function drawTrouble(share: number): (typeof troubles)[number] | undefined {
  let limit = 0;
  return troubles.find(({ perThousand }) => {
    limit += perThousand / 1_000;
    return share < limit;
  });
}

function isSigned({ headers, body }: Received, secret: string): boolean {
  try {
    new Webhook(secret).verify(body, headers);
    return true;
  } catch {
    return false;
  }
}
