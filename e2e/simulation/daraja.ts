import type { DarajaClient } from "../../service/src/daraja/daraja-client.ts";
import { classifyCommandReply } from "../../service/src/daraja/command.ts";
import type { CommandReply, PushReply, QueryAnswer } from "../../service/src/daraja/daraja-types.ts";
import { classifyPushReply } from "../../service/src/daraja/stk-push.ts";
import { classifyQueryAnswer } from "../../service/src/daraja/stk-query.ts";
import { secretOf } from "../factories/secret-of.ts";
import type { Life } from "./life.ts";
import type { Command, WireReply } from "./safaricom.ts";
import type { World } from "./world.ts";

/** As in the real client. */
const PUSH_DEADLINE_MS = 9_000;
const QUERY_DEADLINE_MS = 5_000;
const UNSENT: PushReply = { kind: "refused", reason: "busy", code: "unsent", message: "the connection was refused" };

/** One copy's connection to Safaricom: the service's own parsers read the bodies; the wire is simulated. */
export function createDaraja(world: World, life: Life): DarajaClient {
  const random = world.random.fork();
  const { safaricom } = world;
  const travelMs = () => random.between(5, 200);
  const command = async (asked: Command): Promise<CommandReply> => {
    const reply = await life.send(`ask to ${asked.kind} ${asked.receipt}`, asked.receipt, travelMs(), () => safaricom.takeCommand(asked));
    if (reply === null) {
      await life.send("the command times out", asked.receipt, PUSH_DEADLINE_MS, () => undefined);
      return { kind: "unclear", message: "no reply in time" };
    }
    await life.send("the command is answered", asked.receipt, reply.afterMs, () => undefined);
    return classifyCommandReply(reply.status, reply.body);
  };
  return {
    async push({ shortcode }, request) {
      const secret = secretOf(request.callbackUrl);
      if (random.chance(0.01)) {
        await life.send("cannot reach Safaricom", secret, travelMs(), () => undefined);
        return UNSENT;
      }
      const isLostOnTheWay = random.chance(0.01);
      const reply = await life.send<WireReply>("push", secret, travelMs(), () =>
        isLostOnTheWay ? null : safaricom.takePush(request, shortcode),
      );
      if (reply === null || reply.afterMs > PUSH_DEADLINE_MS) {
        await life.send("push times out", secret, PUSH_DEADLINE_MS, () => undefined);
        return { kind: "unclear", message: "no reply in time" };
      }
      await life.send("push is answered", secret, reply.afterMs, () => undefined);
      const read = classifyPushReply(reply.status, reply.body);
      life.say(`push: ${read.kind}`, secret);
      return read;
    },
    async query({ shortcode }, checkoutRequestId): Promise<QueryAnswer> {
      const reply = await life.send("query", checkoutRequestId, travelMs(), () => safaricom.answerQuery(checkoutRequestId, shortcode));
      if (reply === null) {
        await life.send("query times out", checkoutRequestId, QUERY_DEADLINE_MS, () => undefined);
        return { kind: "pending", message: "no answer in time" };
      }
      await life.send("query is answered", checkoutRequestId, reply.afterMs, () => undefined);
      const read = classifyQueryAnswer(reply.status, reply.body, checkoutRequestId);
      life.say(`query: ${read.kind}${"code" in read ? ` ${read.code}` : ""}`, checkoutRequestId);
      return read;
    },
    checkCredentials: async () => ({ ok: true }),
    registerC2b: async () => ({ ok: true }),
    lookUp: ({ shortcode }, receipt, { resultUrl }) => command({ kind: "look_up", receipt, resultUrl, shortcode }),
    reverse: ({ shortcode }, { receipt }, { resultUrl }) => command({ kind: "reverse", receipt, resultUrl, shortcode }),
    qrCode: async () => ({ kind: "none", message: "nobody scans here" }),
    close: async () => undefined,
    breakerState: () => "closed",
  };
}
