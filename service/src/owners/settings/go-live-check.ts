/** Whether a site is ready to take money, each finding in words that its owner can act on. The operator's side is `somopay doctor`. */
import { X509Certificate } from "node:crypto";
import { isPublicCallback } from "../../daraja/callback-address.ts";
import type { DarajaCredentials } from "../../daraja/daraja-types.ts";
import type { Site } from "../../sites/site.ts";
import type { SettingsDependencies } from "./settings-dependencies.ts";
import type { Finding } from "./settings-contract.ts";

type Parts = Pick<SettingsDependencies, "daraja" | "config" | "now"> & { isPaidByHand(shortcode: string): Promise<boolean> };

/** @param credentials of the account that is checked; null: there is none that can be read */
export async function checkBeforeGoingLive(parts: Parts, site: Site, credentials: DarajaCredentials | null): Promise<Finding[]> {
  const ofAccount = credentials === null ? [NO_ACCOUNT] : await checkAccount(parts, credentials);
  return [...ofAccount, checkEnvironment(parts), checkCallbacks(parts), checkOrigins(site), checkPrices(site)];
}

const fine = (what: string, how: string | null = null): Finding => ({ ok: true, what, how });
const wrong = (what: string, how: string): Finding => ({ ok: false, what, how });

const NO_ACCOUNT = wrong(
  "There is no M-Pesa account that can be used.",
  "Enter your paybill or till with its keys from the Daraja portal.",
);

async function checkAccount(parts: Parts, credentials: DarajaCredentials): Promise<Finding[]> {
  const { shortcode, till } = credentials;
  const name = till === undefined ? `paybill ${shortcode}` : `till ${till}`;
  const result = await parts.daraja.checkCredentials(credentials);
  const accepted = result.ok
    ? fine(`Safaricom accepts the keys of ${name}.`)
    : wrong(
        `Safaricom does not accept the keys of ${name}: ${result.problem}.`,
        "Copy consumer key, consumer secret, shortcode and passkey from the Daraja portal once more, of the same app.",
      );
  return [accepted, checkInitiator(credentials, parts.now()), ...(till === undefined ? [await checkPaidByHand(parts, shortcode)] : [])];
}

/** Safaricom rejects a wrong password only when a command is sent: only the certificate can be checked. */
function checkInitiator({ initiator }: DarajaCredentials, nowMs: number): Finding {
  if (!initiator)
    return fine(
      "Payments cannot be refunded from here, and M-Pesa codes not checked.",
      "Add an initiator of your M-Pesa organisation, if you want that.",
    );
  const { validTo } = new X509Certificate(initiator.certificate);
  if (Date.parse(validTo) < nowMs)
    return wrong(`Safaricom's certificate expired on ${validTo}: refunds fail.`, "Get the new certificate from the Daraja portal.");
  return fine(`Payments can be refunded from here, by the initiator ${initiator.name}.`);
}

async function checkPaidByHand({ isPaidByHand }: Parts, shortcode: string): Promise<Finding> {
  if (await isPaidByHand(shortcode)) return fine("Money that parents send to the paybill by hand is reported to this service.");
  return fine(
    "Money that parents send to the paybill by hand is not reported to this service.",
    `Ask the operator of this service to run \`somopay c2b register\` for ${shortcode}.`,
  );
}

function checkEnvironment({ config }: Parts): Finding {
  if (config.mpesa.env === "production") return fine("Real money moves.");
  return fine("This service talks to Safaricom's sandbox: no money moves.", "To take money, the operator must set MPESA_ENV=production.");
}

function checkCallbacks({ config }: Parts): Finding {
  const { callbackUrl, baseUrl } = config.mpesa;
  if (isPublicCallback({ callbackUrl, baseUrl })) return fine("Safaricom can report payments to this service.");
  return wrong(
    "Safaricom cannot reach this service, and no payment is reported.",
    "The operator must set PUBLIC_URL to a public https address.",
  );
}

function checkOrigins({ allowedOrigins }: Site): Finding {
  const shown = allowedOrigins.join(", ");
  const isLocal = allowedOrigins.every((origin) => !origin.startsWith("https:") || /^https:\/\/localhost(?::|$)/.test(origin));
  if (isLocal)
    return wrong(
      `No public page may use the widget, only ${shown}.`,
      "Add your website's address, beginning with https://, to the allowed origins.",
    );
  return fine(`These pages may use the widget: ${shown}.`);
}

function checkPrices({ sessionTypes }: Site): Finding {
  if (sessionTypes.length === 0) return wrong("The price list is empty: nothing can be booked.", "Add a session type with its price.");
  return fine(
    sessionTypes.length === 1 ? "The price list has 1 session type." : `The price list has ${sessionTypes.length} session types.`,
  );
}
