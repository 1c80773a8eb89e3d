import { existsSync } from "node:fs";
import { isIP } from "node:net";
import { z } from "zod";
import { forbiddenWordsIn } from "./daraja/callback-address.ts";
import { CREDENTIAL_TEXT, CREDENTIAL_TEXT_PROBLEM } from "./daraja/credential-text.ts";
import type { DarajaCredentials, Initiator } from "./daraja/daraja-types.ts";
import { problemWithCertificate } from "./daraja/security-credential.ts";
import type { DatabaseAddress } from "./platform/database.ts";
import { parseEnvFile } from "./platform/env-file.ts";
import type { Limit } from "./platform/limiter.ts";
import { logLevels, type LogLevel } from "./platform/logger.ts";
import { MysqlAddressError, parseMysqlAddress } from "./platform/mysql-address.ts";
import { parseRedisUrl } from "./platform/redis-url.ts";
import { readTextFile, TextFileError, trimUnseen } from "./platform/text-file.ts";
import { parseSmtpUrl, type SmtpServer } from "./mail/smtp-url.ts";
import { parseAllowedHost } from "./webhooks/sending/webhook-url.ts";

export type Config = {
  port: number;
  /** The origin at which browsers and Safaricom reach this service. */
  publicUrl: string;
  database: DatabaseAddress;
  redisUrl: string | null;
  dataDir: string;
  logLevel: LogLevel;
  /** For Express's `trust proxy`: the number of proxies, or their addresses. */
  trustProxy: false | number | string[];
  secretsKey: Buffer | null;
  mpesa: {
    env: "sandbox" | "production";
    baseUrl: string;
    /** The deployment's account, for sites without their own. */
    credentials: DarajaCredentials | null;
    /** Without the secret that each attempt adds. */
    callbackUrl: string;
    /** Where results of asynchronous calls are posted; each call adds its kind and its secret. */
    resultUrl: string;
    /** Where callbacks are expected from; null: from anywhere, because it is not Safaricom who calls. Required: from elsewhere they are not trusted. */
    callbackIps: { known: string[]; isRequired: boolean } | null;
    queriesPerMinute: number;
  };
  /** `api`: calls of a site's server under `/api/v1`; the others: payments started. */
  limits: { address: Limit; phone: Limit; site: Limit; api: Limit };
  /** An unpaid booking lives until its session, but no longer than this. */
  bookingLifeMs: number;
  /** How long raw callbacks and personal data are kept. */
  retentionDays: number;
  /** `host:port` of receivers of webhooks that may be private and use http. */
  webhookAllowHosts: ReadonlySet<string>;
  /** Where mail is handed over; null: none is sent. */
  smtp: SmtpServer | null;
};

/** Safaricom's published callback sources. */
const SAFARICOM_CALLBACK_IPS = [
  ...[200, 206, 207, 208].map((host) => `196.201.214.${host}`),
  ...[114, 44].map((host) => `196.201.213.${host}`),
  ...[127, 128, 129, 132, 136, 138, 69, 74].map((host) => `196.201.212.${host}`),
];

const BASE_URLS = { sandbox: "https://sandbox.safaricom.co.ke", production: "https://api.safaricom.co.ke" } as const;

/** Lists every problem at once, each with what to set. */
export class ConfigError extends Error {
  readonly problems: string[];
  constructor(problems: string[]) {
    super(
      `The configuration has ${problems.length === 1 ? "a problem" : `${problems.length} problems`}:\n${problems.map((line) => `  - ${line}`).join("\n")}`,
    );
    this.name = "ConfigError";
    this.problems = problems;
  }
}

/** The address in its usual form, without slashes at the end. `origin`: a path is refused as well. */
const httpUrl = (name: string, kind: "origin" | "address") =>
  z.string().transform((text, context) => {
    const problem = problemWithAddress(text, kind);
    if (problem === null) return new URL(text).href.replace(/\/+$/, "");
    context.addIssue(`${name} must ${problem}`);
    return z.NEVER;
  });

function problemWithAddress(text: string, kind: "origin" | "address"): string | null {
  if (!URL.canParse(text) || !/^https?:\/\/[^/]/i.test(text)) return "be an address such as https://pay.example.com";
  // A browser would encode them without a word.
  if (/[\s\p{Cf}]/u.test(text)) return "not contain blanks or invisible characters";
  const { username, password, pathname } = new URL(text);
  if (username !== "" || password !== "") return "not contain a user name or password";
  if (/[?#]/.test(text)) return "end before the ? or #: paths are added to it";
  if (kind === "origin" && !/^\/*$/.test(pathname))
    return "have no path: pages find the service by its scheme and host alone. Give the service a host name of its own";
  return null;
}

const wholeNumber = (name: string, min: number, max: number) =>
  z
    .string()
    .refine(
      (text) => /^\d+$/.test(text) && Number(text) >= min && Number(text) <= max,
      `${name} must be a whole number from ${min} to ${max}`,
    )
    .transform(Number);

const limit = (name: string) =>
  z
    .string()
    .refine((text) => /^(0|[1-9]\d*\/[1-9]\d*)$/.test(text), `${name} must be count/seconds such as 5/600, or 0 for no limit`)
    .transform((text): Limit => {
      const [count, durationS] = text.split("/").map(Number);
      return count && durationS ? { count, durationS } : null;
    });

const databaseUrl = z.string().transform((text, context): DatabaseAddress => {
  if (text.startsWith("sqlite:") && text.length > "sqlite:".length)
    return { kind: "sqlite", file: text.slice("sqlite:".length).replace(/^\/\/(?=\/)/, "") };
  try {
    parseMysqlAddress(text);
    return { kind: "mysql", url: text };
  } catch (error) {
    if (!(error instanceof MysqlAddressError)) throw error;
    context.addIssue(`DATABASE_URL ${error.message}`);
    return z.NEVER;
  }
});

/** Read here, so that what is wrong with it is listed with all other problems. */
const redisUrl = z.string().transform((text, context) => {
  try {
    parseRedisUrl(text);
    return text;
  } catch (error) {
    context.addIssue(error instanceof Error ? error.message : String(error));
    return z.NEVER;
  }
});

const addressList = z
  .string()
  .transform((text) =>
    text
      .split(",")
      .map((part) => part.trim())
      .filter((part) => part !== "")
      .flatMap((part) => (part.toLowerCase() === "safaricom" ? SAFARICOM_CALLBACK_IPS : part)),
  )
  .refine(
    (parts) => parts.length > 0 && parts.every(isAddressOrNetwork),
    "MPESA_CALLBACK_IPS must be safaricom, or addresses or networks, separated by commas: 196.201.214.200, 10.0.0.0/8",
  );

function isAddressOrNetwork(text: string): boolean {
  const [address = "", prefix] = text.split("/");
  const version = isIP(address);
  return version > 0 && (prefix === undefined || (/^\d+$/.test(prefix) && Number(prefix) <= (version === 4 ? 32 : 128)));
}

const allowedHosts = z.string().transform((text, context): ReadonlySet<string> => {
  const hosts = text.split(",").map((part) => parseAllowedHost(part.trim()));
  const known = hosts.filter((host) => host !== null);
  if (known.length === hosts.length) return new Set(known);
  context.addIssue("WEBHOOK_ALLOW_HOSTS must be host:port, separated by commas: localhost:4000,10.0.0.5:8080");
  return z.NEVER;
});

/** The networks that Express knows by name. */
const NAMED_NETWORKS = ["loopback", "linklocal", "uniquelocal"];

const trustProxy = z.string().transform((text, context) => {
  if (text === "false") return false;
  if (/^\d+$/.test(text)) return Number(text);
  if (text === "true") {
    context.addIssue(
      "TRUST_PROXY must be the number of proxies in front, or their addresses. With true, any caller could claim any address in X-Forwarded-For, and so get past the limits and MPESA_CALLBACK_IPS",
    );
    return z.NEVER;
  }
  const parts = text.split(",").map((part) => part.trim());
  if (parts.every((part) => NAMED_NETWORKS.includes(part) || isAddressOrNetwork(part))) return parts;
  context.addIssue("TRUST_PROXY must be the number of proxies, their addresses or networks separated by commas, or false");
  return z.NEVER;
});

/** Read here, so that a wrong path is listed with all other problems. */
const certificateFile = z.string().transform((file, context) => {
  try {
    const pem = readTextFile(file);
    const problem = problemWithCertificate(pem);
    if (problem === null) return pem;
    context.addIssue(`MPESA_CERTIFICATE must be the path of Safaricom's certificate: ${problem}`);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    context.addIssue(`MPESA_CERTIFICATE must be the path of Safaricom's certificate; the file ${why}`);
  }
  return z.NEVER;
});

const credential = (name: string) => z.string().regex(CREDENTIAL_TEXT, `${name} ${CREDENTIAL_TEXT_PROBLEM}`);

const environmentSchema = z.object({
  PORT: wholeNumber("PORT", 0, 65_535).default(3000),
  PUBLIC_URL: httpUrl("PUBLIC_URL", "origin").optional(),
  DATABASE_URL: databaseUrl.optional(),
  REDIS_URL: redisUrl.optional(),
  MPESA_ENV: z.enum(["sandbox", "production"], "MPESA_ENV must be sandbox or production").default("sandbox"),
  MPESA_BASE_URL: httpUrl("MPESA_BASE_URL", "address").optional(),
  MPESA_CONSUMER_KEY: credential("MPESA_CONSUMER_KEY").optional(),
  MPESA_CONSUMER_SECRET: credential("MPESA_CONSUMER_SECRET").optional(),
  MPESA_SHORTCODE: z
    .string()
    .regex(/^\d{5,10}$/, "MPESA_SHORTCODE must be the paybill or store number: 5 to 10 digits")
    .optional(),
  MPESA_PASSKEY: credential("MPESA_PASSKEY").optional(),
  MPESA_TILL: z
    .string()
    .regex(/^\d{5,10}$/, "MPESA_TILL must be 5 to 10 digits")
    .optional(),
  MPESA_INITIATOR_NAME: z.string().optional(),
  MPESA_INITIATOR_PASSWORD: z.string().optional(),
  MPESA_CERTIFICATE: certificateFile.optional(),
  MPESA_CALLBACK_URL: httpUrl("MPESA_CALLBACK_URL", "address").optional(),
  MPESA_CALLBACK_IPS: addressList.optional(),
  MPESA_QUERIES_PER_MINUTE: wholeNumber("MPESA_QUERIES_PER_MINUTE", 1, 60_000).default(5),
  TRUST_PROXY: trustProxy.default(false),
  SECRETS_KEY: z
    .string()
    .regex(/^[0-9a-f]{64}$/i, "SECRETS_KEY must be 32 bytes in hexadecimal: create one with `openssl rand -hex 32`")
    .optional(),
  DATA_DIR: z.string().default("data"),
  LIMIT_ADDRESS: limit("LIMIT_ADDRESS").default({ count: 30, durationS: 600 }),
  LIMIT_PHONE: limit("LIMIT_PHONE").default({ count: 5, durationS: 600 }),
  LIMIT_SITE: limit("LIMIT_SITE").default({ count: 300, durationS: 60 }),
  LIMIT_API: limit("LIMIT_API").default({ count: 600, durationS: 60 }),
  BOOKING_LIFE_HOURS: wholeNumber("BOOKING_LIFE_HOURS", 1, 9_600).default(168),
  RETENTION_DAYS: wholeNumber("RETENTION_DAYS", 30, 36_500).default(730),
  WEBHOOK_ALLOW_HOSTS: allowedHosts.default(new Set<string>()),
  SMTP_URL: z.string().optional(),
  LOG_LEVEL: z.enum(logLevels, `LOG_LEVEL must be one of ${logLevels.join(", ")}`).default("info"),
});

const SETTING_NAMES = Object.keys(environmentSchema.shape);

const CREDENTIAL_NAMES = ["MPESA_CONSUMER_KEY", "MPESA_CONSUMER_SECRET", "MPESA_SHORTCODE", "MPESA_PASSKEY"] as const;

const INITIATOR_NAMES = ["MPESA_INITIATOR_NAME", "MPESA_INITIATOR_PASSWORD", "MPESA_CERTIFICATE"] as const;

type CredentialVariables = {
  [Name in (typeof CREDENTIAL_NAMES)[number] | (typeof INITIATOR_NAMES)[number] | "MPESA_TILL"]?: string | undefined;
};

function environmentCredentials(env: CredentialVariables): DarajaCredentials | null {
  const { MPESA_CONSUMER_KEY, MPESA_CONSUMER_SECRET, MPESA_SHORTCODE, MPESA_PASSKEY, MPESA_TILL } = env;
  const initiator = environmentInitiator(env);
  if (MPESA_CONSUMER_KEY && MPESA_CONSUMER_SECRET && MPESA_SHORTCODE && MPESA_PASSKEY) {
    return {
      consumerKey: MPESA_CONSUMER_KEY,
      consumerSecret: MPESA_CONSUMER_SECRET,
      shortcode: MPESA_SHORTCODE,
      passkey: MPESA_PASSKEY,
      ...(MPESA_TILL && { till: MPESA_TILL }),
      ...(initiator && { initiator }),
    };
  }
  return null;
}

function environmentInitiator({
  MPESA_INITIATOR_NAME,
  MPESA_INITIATOR_PASSWORD,
  MPESA_CERTIFICATE,
}: CredentialVariables): Initiator | null {
  if (!MPESA_INITIATOR_NAME || !MPESA_INITIATOR_PASSWORD || !MPESA_CERTIFICATE) return null;
  return { name: MPESA_INITIATOR_NAME, password: MPESA_INITIATOR_PASSWORD, certificate: MPESA_CERTIFICATE };
}

function credentialProblems(env: CredentialVariables): string[] {
  const problems: string[] = [];
  const missing = CREDENTIAL_NAMES.filter((name) => !env[name]);
  const isWhole = missing.length === 0 || missing.length === CREDENTIAL_NAMES.length;
  if (!isWhole) problems.push(`${missing.join(", ")} must be set as well: set all four or none`);
  const missingOfInitiator = INITIATOR_NAMES.filter((name) => !env[name]);
  if (missingOfInitiator.length === 1 || missingOfInitiator.length === 2)
    problems.push(`${missingOfInitiator.join(", ")} must be set as well: the initiator needs all three`);
  if (missingOfInitiator.length === 0 && missing.length > 0)
    problems.push("MPESA_INITIATOR_NAME needs the deployment's account: also set MPESA_CONSUMER_KEY and the others");
  return problems;
}

/** `docker run --env-file` passes blanks, CR and quotes on as a part of the value. A password may begin or end with a quote. */
const QUOTED = /^(["'`])(.*)\1$/s;
const QUOTE_AT_AN_END = /^["'`“”‘’„«»]|["'`“”‘’„«»]$/;

/** The settings that are set, without blanks around their values, and without the pair of quotes around them. */
function givenSettings(environment: NodeJS.ProcessEnv): { given: { [name: string]: string | undefined }; quoted: string[] } {
  const given: { [name: string]: string | undefined } = {};
  const quoted: string[] = [];
  for (const name of SETTING_NAMES) {
    const trimmed = trimUnseen(environment[name] ?? "");
    const value = trimUnseen(QUOTED.exec(trimmed)?.[2] ?? trimmed);
    // An empty variable counts as not set, because .env.example lists every variable without a value.
    if (value === "") continue;
    given[name] = value;
    if (QUOTE_AT_AN_END.test(value) && name !== "MPESA_INITIATOR_PASSWORD") quoted.push(name);
  }
  return { given, quoted };
}

/**
 * Parses the settings. Nothing else reads the environment.
 * @throws ConfigError with every problem
 */
export function loadConfig(environment: NodeJS.ProcessEnv): Config {
  const { given, quoted } = givenSettings(environment);
  const result = environmentSchema.safeParse(given);
  const found = [
    ...(result.error?.issues.map(({ message }) => message) ?? []),
    ...credentialProblems(given),
    ...productionProblems(given),
    ...callbackProblems(given),
    ...smtpProblems(given),
  ];
  const problems = [
    ...quoted.map((name) => `${name} begins or ends with a quote: remove it`),
    // The quote explains whatever else is wrong with such a value.
    ...found.filter((problem) => !quoted.some((name) => problem.startsWith(`${name} `))),
  ];
  if (!result.success || problems.length > 0) throw new ConfigError(problems);
  const env = result.data;
  const publicUrl = env.PUBLIC_URL ?? `http://localhost:${env.PORT}`;
  return {
    port: env.PORT,
    publicUrl,
    database: env.DATABASE_URL ?? { kind: "sqlite", file: `${env.DATA_DIR}/somopay.sqlite` },
    redisUrl: env.REDIS_URL ?? null,
    dataDir: env.DATA_DIR,
    logLevel: env.LOG_LEVEL,
    trustProxy: env.TRUST_PROXY,
    secretsKey: env.SECRETS_KEY === undefined ? null : Buffer.from(env.SECRETS_KEY, "hex"),
    mpesa: {
      env: env.MPESA_ENV,
      baseUrl: env.MPESA_BASE_URL ?? BASE_URLS[env.MPESA_ENV],
      credentials: environmentCredentials(env),
      callbackUrl: env.MPESA_CALLBACK_URL ?? `${publicUrl}/callbacks/stk`,
      // If MPESA_CALLBACK_URL is set, Safaricom reaches us at its origin, so results go there too.
      resultUrl: `${env.MPESA_CALLBACK_URL ? new URL(env.MPESA_CALLBACK_URL).origin : publicUrl}/callbacks`,
      callbackIps: callbackIps(env.MPESA_CALLBACK_IPS, env.MPESA_BASE_URL),
      queriesPerMinute: env.MPESA_QUERIES_PER_MINUTE,
    },
    retentionDays: env.RETENTION_DAYS,
    smtp: smtpServer(env.SMTP_URL, publicUrl),
    webhookAllowHosts: env.WEBHOOK_ALLOW_HOSTS,
    bookingLifeMs: env.BOOKING_LIFE_HOURS * 60 * 60_000,
    limits: { address: env.LIMIT_ADDRESS, phone: env.LIMIT_PHONE, site: env.LIMIT_SITE, api: env.LIMIT_API },
  };
}

function smtpProblems({ SMTP_URL }: { [name: string]: string | undefined }): string[] {
  const parsed = SMTP_URL === undefined ? null : parseSmtpUrl(SMTP_URL, "localhost");
  return typeof parsed === "string" ? [`SMTP_URL ${parsed}`] : [];
}

/** Whose problems are listed already. */
function smtpServer(text: string | undefined, publicUrl: string): SmtpServer | null {
  const parsed = text === undefined ? null : parseSmtpUrl(text, new URL(publicUrl).hostname);
  return typeof parsed === "string" ? null : parsed;
}

/** A proxy may hide Safaricom's address, so without a setting it is only a hint. Another base URL is the simulator's, who calls from anywhere. */
function callbackIps(required: string[] | undefined, baseUrl: string | undefined): Config["mpesa"]["callbackIps"] {
  if (required) return { known: required, isRequired: true };
  const isSafaricom = baseUrl === undefined || /(^|\.)safaricom\.co\.ke$/.test(new URL(baseUrl).hostname);
  return isSafaricom ? { known: SAFARICOM_CALLBACK_IPS, isRequired: false } : null;
}

function productionProblems(env: { [name: string]: string | undefined }): string[] {
  if (env.MPESA_ENV !== "production") return [];
  const problems: string[] = [];
  if (!env.PUBLIC_URL)
    problems.push("PUBLIC_URL must be set in production: the https address at which Safaricom and browsers reach this service");
  else if (!/^https:/i.test(env.PUBLIC_URL)) problems.push("PUBLIC_URL must be https in production: Safaricom calls only https addresses");
  if (env.MPESA_CALLBACK_URL && !/^https:/i.test(env.MPESA_CALLBACK_URL)) problems.push("MPESA_CALLBACK_URL must be https in production");
  if (!env.SECRETS_KEY) problems.push("SECRETS_KEY must be set in production: create one with `openssl rand -hex 32` and keep it safe");
  return problems;
}

/** The one path with a forbidden word that the service itself serves; `somopay doctor` warns about it. */
const CALLBACK_PATH_WITH_A_WORD = "/api/mpesa/callback";

/** Callback addresses that Safaricom may refuse. Payments would fail one by one, and Paybill notices would never come. */
function callbackProblems(env: { [name: string]: string | undefined }): string[] {
  const name = env["MPESA_CALLBACK_URL"] === undefined ? "PUBLIC_URL" : "MPESA_CALLBACK_URL";
  const address = env[name] ?? "";
  if (!URL.canParse(address)) return [];
  const { hostname, pathname } = new URL(address);
  const words = forbiddenWordsIn(pathname.replace(/\/+$/, "") === CALLBACK_PATH_WITH_A_WORD ? hostname : hostname + pathname);
  if (words.length === 0) return [];
  const advice =
    name === "PUBLIC_URL" ? "use another host name, or set MPESA_CALLBACK_URL to one" : "use an address without, or leave it unset";
  return [`${name} must not contain "${words.join('" or "')}", because Safaricom refuses such callback addresses: ${advice}`];
}

/** The settings of this process, from its environment, and from `.env` for what the environment does not set. */
export function loadProcessConfig(): Config {
  const { values, problems } = readEnvFile();
  if (problems.length > 0) throw new ConfigError(problems);
  return loadConfig({ ...values, ...process.env });
}

function readEnvFile(): ReturnType<typeof parseEnvFile> {
  if (!existsSync(".env")) return { values: {}, problems: [] };
  try {
    return parseEnvFile(readTextFile(".env"), SETTING_NAMES);
  } catch (error) {
    if (error instanceof TextFileError) return { values: {}, problems: [`.env ${error.message}`] };
    throw error;
  }
}
