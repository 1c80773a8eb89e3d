import { Router } from "express";
import { parseOrThrow } from "../../platform/error-handler.ts";
import { ServiceError } from "../../platform/errors.ts";
import { consumeOrThrow, type Limit } from "../../platform/limiter.ts";
import { sendAnswer } from "../../platform/send-answer.ts";
import { requireRecentPassword } from "../../sites/api-caller.ts";
import { requireCaller, requireServer } from "../../sites/site-access.ts";
import type { Site } from "../../sites/site.ts";
import { writeOnce } from "../../sites/write-once.ts";
import { wordsFor } from "../../words/words.ts";
import { checkBeforeGoingLive } from "./go-live-check.ts";
import type { SettingsDependencies } from "./settings-dependencies.ts";
import { checkAccountSchema, putMpesaAccountSchema, testPaymentSchema, type MpesaAccountView } from "./settings-contract.ts";
import { startTestPayment } from "./test-payment.ts";

/** Whoever enters an account tries a few times. More would be guessing, and Safaricom blocks an address that guesses, for all sites. */
export const ACCOUNT_CHECKS: Limit = { count: 20, durationS: 10 * 60 };
const ENOUGH = "Safaricom was asked often enough. Wait ten minutes.";

const ROOT = "/api/v1/mpesa-account";

/** Where a site's money goes. Secrets come in, and never go out. */
export function createMpesaAccountRouter(deps: SettingsDependencies): Router {
  const { sites, siteStore, payments, daraja, accountChecks, config, now, logger } = deps;
  const router = Router();

  router.get(ROOT, async (request, response) => {
    const site = await requireServer(sites, request);
    response.set("Cache-Control", "no-store").json(await toView(deps, site));
  });

  router.put(ROOT, async (request, response) => {
    const credentials = parseOrThrow(putMpesaAccountSchema, request.body);
    const caller = await requireCaller(sites, request, "owner");
    requireRecentPassword(caller, now());
    if (config.secretsKey === null) throw new ServiceError("account_not_storable");
    // Before the idempotency key is held, because Safaricom may take longer than a holder may. And always: whoever could enter another's paybill would
    // see its money.
    await consumeOrThrow(accountChecks, caller.site.id, ENOUGH);
    const checked = await daraja.checkCredentials(credentials);
    if (!checked.ok) throw new ServiceError("account_refused", { detail: `Safaricom does not accept this account: ${checked.problem}.` });
    const answer = await writeOnce(
      deps,
      request,
      { mpesaAccount: credentials },
      async ({ id: siteId }) => {
        if ((await siteStore.setAccount(siteId, credentials)) === "no_key") throw new ServiceError("account_not_storable");
        sites.reread();
        // An owner who did not do this must be able to find out who did.
        const { shortcode } = credentials;
        logger.warn({ siteId, shortcode, byPersonId: caller.personId }, "the site's money goes to another M-Pesa account now");
        const site = await sites.byId(siteId);
        if (!site) throw new Error(`site ${siteId} is gone`);
        return { status: 200, body: await toView(deps, site) };
      },
      "owner",
    );
    sendAnswer(response.set("Cache-Control", "no-store"), answer);
  });

  router.post(`${ROOT}/check`, async (request, response) => {
    const { site } = await requireCaller(sites, request, "manager");
    // All of it is optional, so an empty body is fine.
    const { account } = parseOrThrow(checkAccountSchema, request.body ?? {});
    await consumeOrThrow(accountChecks, site.id, ENOUGH);
    const credentials = account ?? (await sites.accounts.ofSite(site.id))?.credentials ?? null;
    const isPaidByHand = payments.c2bAddresses.has;
    const findings = await checkBeforeGoingLive({ ...deps, words: wordsFor(request).goLive, isPaidByHand }, site, credentials);
    response.set("Cache-Control", "no-store").json({ findings });
  });

  router.post(`${ROOT}/test-payment`, async (request, response) => {
    const { phone } = parseOrThrow(testPaymentSchema, request.body);
    const answer = await writeOnce(deps, request, { testPayment: phone }, (site, claim, committed) =>
      startTestPayment(deps, { site, phone, address: request.ip ?? "", claim, committed }),
    );
    sendAnswer(response.set("Cache-Control", "no-store"), answer);
  });

  return router;
}

async function toView({ sites, config }: SettingsDependencies, site: Site): Promise<MpesaAccountView> {
  const account = (await sites.accounts.ofSite(site.id))?.credentials ?? null;
  return {
    source: site.mpesaAccountId !== null ? "own" : account === null ? "none" : "service",
    environment: config.mpesa.env,
    shortcode: account?.shortcode ?? null,
    till: account?.till ?? null,
    initiator: account?.initiator?.name ?? null,
    isReadable: !(await sites.accounts.isUnreadable(site.id)),
    canStore: config.secretsKey !== null,
  };
}
