import { Router } from "express";
import { parseOrThrow } from "../../platform/error-handler.ts";
import { ServiceError } from "../../platform/errors.ts";
import { sendAnswer } from "../../platform/send-answer.ts";
import { requireRecentPassword } from "../../sites/api-caller.ts";
import { requireServer } from "../../sites/site-access.ts";
import type { Site } from "../../sites/site.ts";
import { writeOnce } from "../../sites/write-once.ts";
import type { SettingsDependencies } from "./settings-dependencies.ts";
import { changeSiteSchema, type SiteSettings } from "./settings-contract.ts";

/** A site as its owner sees and changes it. Every copy uses a change within two seconds, this one at once. */
export function createSiteSettingsRouter(deps: SettingsDependencies): Router {
  const { sites, siteStore, now, logger } = deps;
  const router = Router();

  router.get("/api/v1/site", async (request, response) => {
    const site = await requireServer(sites, request);
    response.set("Cache-Control", "no-store").json(await toSettings(deps, site));
  });

  router.patch("/api/v1/site", async (request, response) => {
    const body = parseOrThrow(changeSiteSchema, request.body);
    const answer = await writeOnce(
      deps,
      request,
      { site: "change", ...body },
      async (before, _claim, _committed, caller) => {
        // Whoever may add an address may take payments in the site's name there.
        if (body.allowedOrigins !== undefined) requireRecentPassword(caller, now());
        if ((await siteStore.change(before.id, body)) === "name_taken") throw new ServiceError("site_name_taken");
        sites.reread();
        logger.info({ siteId: before.id, actor: caller.actor, changed: Object.keys(body) }, "site changed");
        const site = await sites.byId(before.id);
        if (!site) throw new Error(`site ${before.id} is gone`);
        return { status: 200, body: await toSettings(deps, site) };
      },
      "owner",
    );
    sendAnswer(response.set("Cache-Control", "no-store"), answer);
  });

  return router;
}

async function toSettings({ sites, config }: SettingsDependencies, site: Site): Promise<SiteSettings> {
  const account = (await sites.accounts.ofSite(site.id))?.credentials;
  const till = account?.till ?? null;
  return {
    siteId: site.id,
    name: site.name,
    allowedOrigins: [...site.allowedOrigins],
    publishableKey: site.publishableKey,
    retentionDays: config.retentionDays,
    publicUrl: config.publicUrl,
    paybill: till === null ? (account?.shortcode ?? null) : null,
    till,
  };
}
