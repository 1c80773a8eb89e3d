/** Whether a site is ready to take money, each finding in words that its owner can act on. The operator's side is `somopay doctor`. */
import { X509Certificate } from "node:crypto";
import { isPublicCallback } from "../../daraja/callback-address.ts";
import type { DarajaCredentials } from "../../daraja/daraja-types.ts";
import type { Site } from "../../sites/site.ts";
import type { Words } from "../../words/english.ts";
import type { SettingsDependencies } from "./settings-dependencies.ts";
import type { Finding } from "./settings-contract.ts";

type Parts = Pick<SettingsDependencies, "daraja" | "config" | "now"> & {
  words: Words["goLive"];
  isPaidByHand(shortcode: string): Promise<boolean>;
};

/** @param credentials of the account that is checked; null: there is none that can be read */
export async function checkBeforeGoingLive(parts: Parts, site: Site, credentials: DarajaCredentials | null): Promise<Finding[]> {
  const { words } = parts;
  const ofAccount = credentials === null ? [wrong(words.noAccount, words.enterAccount)] : await checkAccount(parts, credentials);
  return [...ofAccount, checkEnvironment(parts), checkCallbacks(parts), checkOrigins(words, site), checkPrices(words, site)];
}

const fine = (what: string, how: string | null = null): Finding => ({ ok: true, what, how });
const wrong = (what: string, how: string): Finding => ({ ok: false, what, how });

async function checkAccount(parts: Parts, credentials: DarajaCredentials): Promise<Finding[]> {
  const { words } = parts;
  const { shortcode, till } = credentials;
  const name = till === undefined ? words.paybill(shortcode) : words.till(till);
  const result = await parts.daraja.checkCredentials(credentials);
  const accepted = result.ok ? fine(words.accepted(name)) : wrong(words.refused(name, result.problem), words.copyAgain);
  return [accepted, checkInitiator(parts, credentials), ...(till === undefined ? [await checkPaidByHand(parts, shortcode)] : [])];
}

/** Safaricom rejects a wrong password only when a command is sent: only the certificate can be checked. */
function checkInitiator({ words, now }: Parts, { initiator }: DarajaCredentials): Finding {
  if (!initiator) return fine(words.noInitiator, words.addInitiator);
  const { validTo } = new X509Certificate(initiator.certificate);
  if (Date.parse(validTo) < now()) return wrong(words.certificateExpired(validTo), words.getCertificate);
  return fine(words.initiator(initiator.name));
}

async function checkPaidByHand({ words, isPaidByHand }: Parts, shortcode: string): Promise<Finding> {
  if (await isPaidByHand(shortcode)) return fine(words.handPaymentsReported);
  return fine(words.handPaymentsNotReported, words.registerC2b(shortcode));
}

function checkEnvironment({ words, config }: Parts): Finding {
  return config.mpesa.env === "production" ? fine(words.production) : fine(words.sandbox, words.goToProduction);
}

function checkCallbacks({ words, config }: Parts): Finding {
  const { callbackUrl, baseUrl } = config.mpesa;
  if (isPublicCallback({ callbackUrl, baseUrl })) return fine(words.reachable);
  return wrong(words.unreachable, words.setPublicUrl);
}

function checkOrigins(words: Parts["words"], { allowedOrigins }: Site): Finding {
  const shown = allowedOrigins.join(", ");
  const isLocal = allowedOrigins.every((origin) => !origin.startsWith("https:") || /^https:\/\/localhost(?::|$)/.test(origin));
  return isLocal ? wrong(words.noOrigin(shown), words.addOrigin) : fine(words.origins(shown));
}

function checkPrices(words: Parts["words"], { sessionTypes }: Site): Finding {
  return sessionTypes.length === 0 ? wrong(words.noPrices, words.addPrice) : fine(words.prices(sessionTypes.length));
}
