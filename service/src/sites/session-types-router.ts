import { Router } from "express";
import { z } from "zod";
import { sessionTypeChangeSchema, sessionTypeCodeSchema, type SessionTypeView } from "../contract.ts";
import { ServiceError } from "../platform/errors.ts";
import { parseOrThrow } from "../platform/error-handler.ts";
import { pageShape, slicePage } from "../platform/page.ts";
import { sendAnswer } from "../platform/send-answer.ts";
import { SESSION_TYPES_MAX, type SessionTypeStore } from "./session-type-store.ts";
import { requireServer } from "./site-access.ts";
import type { SessionType } from "./site.ts";
import { writeOnce, type WriteParts } from "./write-once.ts";

export const sessionTypesQuerySchema = z.strictObject(pageShape);

/** For the owner's server: the site's price list, read and changed. Every copy uses a change within two seconds, this one at once. */
export function createSessionTypesRouter({ types, ...parts }: WriteParts & { types: SessionTypeStore }): Router {
  const { sites } = parts;
  const router = Router();

  router.get("/api/v1/session-types", async (request, response) => {
    const site = await requireServer(sites, request);
    const wish = parseOrThrow(sessionTypesQuerySchema, request.query);
    const list = await types.list(site.id);
    // Pages run from the newest to the oldest; this list has an order of its own.
    const placed = list.map((type, index) => ({ type, atMs: -index, id: type.code }));
    response.set("Cache-Control", "no-store").json(
      slicePage(
        placed,
        wish,
        (item) => item,
        ({ type }) => toSessionTypeView(type),
      ),
    );
  });

  router.put("/api/v1/session-types/:code", async (request, response) => {
    const change = parseOrThrow(sessionTypeChangeSchema, request.body);
    const { code } = parseOrThrow(z.object({ code: sessionTypeCodeSchema }), request.params);
    const answer = await writeOnce(parts, request, { put: code, ...change }, async (site) => {
      const type = { code, name: change.name, amountKes: change.amount, durationMinutes: change.durationMinutes };
      if ((await types.put(site.id, type)) === "full")
        throw new ServiceError("invalid_request", { detail: `A price list may have ${SESSION_TYPES_MAX} session types.` });
      sites.reread();
      return { status: 200, body: toSessionTypeView(type) };
    });
    sendAnswer(response, answer);
  });

  router.delete("/api/v1/session-types/:code", async (request, response) => {
    const { code } = request.params;
    const answer = await writeOnce(parts, request, { delete: code }, async (site, claim, committed) => {
      if (committed === null && !(await types.remove(site.id, code, claim))) throw new ServiceError("session_type_not_found");
      sites.reread();
      return { status: 204, body: null };
    });
    sendAnswer(response, answer);
  });

  return router;
}

export function toSessionTypeView({ code, name, amountKes, durationMinutes }: SessionType): SessionTypeView {
  return { code, name, amount: amountKes, currency: "KES", durationMinutes };
}
