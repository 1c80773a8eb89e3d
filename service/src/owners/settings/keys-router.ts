import { Router } from "express";
import { parseOrThrow } from "../../platform/error-handler.ts";
import { ServiceError } from "../../platform/errors.ts";
import type { Answer } from "../../platform/idempotency.ts";
import { sendAnswer } from "../../platform/send-answer.ts";
import { requireRecentPassword } from "../../sites/api-caller.ts";
import type { NewApiKey } from "../../sites/api-key-store.ts";
import { isEnded, type ApiKey } from "../../sites/api-key.ts";
import { requireServer } from "../../sites/site-access.ts";
import { writeOnce } from "../../sites/write-once.ts";
import type { SettingsDependencies } from "./settings-dependencies.ts";
import { createKeySchema, rotateKeySchema, type ApiKeyView } from "./settings-contract.ts";

/** More are forgotten ones. */
const KEYS_MAX = 50;
/** Ended keys are shown for as long as somebody may ask what became of one. */
const ENDED_SHOWN_FOR_MS = 30 * 24 * 60 * 60_000;
const HOUR_MS = 60 * 60_000;

/** A site's secret keys. Only owners make and end them, with a recent password: a key that leaked must not be able to make others. */
export function createKeysRouter(deps: SettingsDependencies): Router {
  const { sites, apiKeys, now, logger } = deps;
  const router = Router();
  /** @throws ServiceError `key_not_found` for another site's, too */
  const keyOf = async (siteId: string, keyId: string): Promise<ApiKey> => {
    const key = (await apiKeys.ofSite(siteId)).find(({ id }) => id === keyId);
    if (!key) throw new ServiceError("key_not_found");
    return key;
  };

  router.get("/api/v1/keys", async (request, response) => {
    const site = await requireServer(sites, request);
    const shown = (await apiKeys.ofSite(site.id)).filter(({ endsAtMs }) => endsAtMs === null || endsAtMs > now() - ENDED_SHOWN_FOR_MS);
    response.set("Cache-Control", "no-store").json({ data: shown.map(toView) });
  });

  router.post("/api/v1/keys", async (request, response) => {
    const body = parseOrThrow(createKeySchema, request.body);
    let made: NewApiKey | null = null;
    const answer = await writeOnce(
      deps,
      request,
      { create: "key", ...body },
      async ({ id: siteId }, claim, committed, caller) => {
        requireRecentPassword(caller, now());
        if (committed !== null) return { status: 201, body: toView(await keyOf(siteId, committed)) };
        const good = (await apiKeys.ofSite(siteId)).filter((key) => !isEnded(key, now()));
        if (good.length >= KEYS_MAX) throw new ServiceError("keys_full");
        made = await apiKeys.add({ siteId, ...body }, claim);
        sites.reread();
        logger.info({ siteId, keyId: made.key.id, access: body.access, byPersonId: caller.personId }, "secret key made");
        return { status: 201, body: toView(made.key) };
      },
      "owner",
    );
    sendAnswer(response.set("Cache-Control", "no-store"), withSecret(answer, made));
  });

  router.post("/api/v1/keys/:keyId/rotate", async (request, response) => {
    const { keyId } = request.params;
    // All of it is optional, so an empty body is fine.
    const { overlapHours } = parseOrThrow(rotateKeySchema, request.body ?? {});
    let made: NewApiKey | null = null;
    const answer = await writeOnce(
      deps,
      request,
      { rotateKey: keyId, overlapHours },
      async ({ id: siteId }, claim, committed, caller) => {
        requireRecentPassword(caller, now());
        if (committed !== null) return { status: 201, body: toView(await keyOf(siteId, committed)) };
        await keyOf(siteId, keyId);
        made = await apiKeys.rotate(keyId, overlapHours * HOUR_MS, claim);
        if (made === null) throw new ServiceError("key_not_found");
        sites.reread();
        logger.info({ siteId, keyId, newKeyId: made.key.id, byPersonId: caller.personId }, "secret key replaced");
        return { status: 201, body: toView(made.key) };
      },
      "owner",
    );
    sendAnswer(response.set("Cache-Control", "no-store"), withSecret(answer, made));
  });

  router.delete("/api/v1/keys/:keyId", async (request, response) => {
    const { keyId } = request.params;
    const answer = await writeOnce(
      deps,
      request,
      { revokeKey: keyId },
      async ({ id: siteId }, _claim, _committed, caller) => {
        requireRecentPassword(caller, now());
        await keyOf(siteId, keyId);
        if (!(await apiKeys.revoke(keyId))) throw new ServiceError("key_not_found");
        sites.reread();
        logger.info({ siteId, keyId, byPersonId: caller.personId }, "secret key revoked");
        return { status: 204, body: null };
      },
      "owner",
    );
    sendAnswer(response, answer);
  });

  return router;
}

/** The answer that is stored for a repetition has no secret. */
function withSecret(answer: Answer, made: NewApiKey | null): Answer {
  return made === null ? answer : { ...answer, body: { ...toView(made.key), secretKey: made.secret } };
}

function toView({ id, name, access, ending, createdAtMs, lastUsedAtMs, endsAtMs }: ApiKey): ApiKeyView {
  return { id, name, access, ending, createdAt: createdAtMs, lastUsedAt: lastUsedAtMs, endsAt: endsAtMs };
}
