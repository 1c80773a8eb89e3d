import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { z } from "zod";

/** How a `mysql://…` address is connected to, in mysql2's terms. */
export type MysqlAddress = {
  host: string;
  port: number;
  user: string;
  password: string;
  database: string;
  socketPath?: string;
  /** Without it, everything goes over the network in clear text. */
  ssl?: MysqlTls;
};

type MysqlTls = { rejectUnauthorized: boolean; verifyIdentity: boolean; ca?: string };

/** The message goes on after the variable's name: "must be …", "has …". It never shows the address, which has a password in it. */
export class MysqlAddressError extends Error {
  override readonly name = "MysqlAddressError";
}

const FORM = "must be mysql://user:password@host:3306/database or sqlite:FILE";
const UNENCODED = "has a / ? # or % in its user name or password: write it as %2F, %3F, %23 or %25";
const DEFAULT_PORT = 3306;

/**
 * Parses the address. An unknown parameter is refused: if it was meant to turn TLS on, ignoring it would send everything in clear text.
 * @throws MysqlAddressError
 */
export function parseMysqlAddress(text: string): MysqlAddress {
  const [, authority = "", path = "", search = ""] = /^mysql:\/\/([^/?#]*)([^?#]*)(.*)$/is.exec(text) ?? [];
  const isCutShort = path.includes("@") || (!authority.includes("@") && path === "" && search.includes("@"));
  if (search.includes("#") || isCutShort) throw new MysqlAddressError(UNENCODED);
  const address = `mysql://${authority}${path}`;
  if (!URL.canParse(address) || !/^\/[^/]+$/.test(path)) throw new MysqlAddressError(FORM);
  const { hostname, port, username, password, pathname } = new URL(address);
  const { socketPath, mode, ca } = parseParameters(search);
  const host = decode(hostname.replace(/^\[|\]$/g, ""));
  if (host === "" && socketPath === undefined) throw new MysqlAddressError(FORM);
  if (mode === "VERIFY_IDENTITY" && isIP(host) !== 0)
    throw new MysqlAddressError(
      "needs a host name instead of an address, because TLS compares it with the certificate; or set ssl-mode=VERIFY_CA",
    );
  const ssl = toTls(mode, ca);
  return {
    host,
    port: port === "" ? DEFAULT_PORT : Number(port),
    user: decode(username),
    password: decode(password),
    database: decode(pathname.slice(1)),
    ...(socketPath !== undefined && { socketPath }),
    ...(ssl && { ssl }),
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new MysqlAddressError(UNENCODED);
  }
}

/** As `mysql --ssl-mode` has them. `PREFERRED` is missing: it falls back to clear text without a word. */
const TLS_MODES = ["DISABLED", "REQUIRED", "VERIFY_CA", "VERIFY_IDENTITY"] as const;
type TlsMode = (typeof TLS_MODES)[number];

const KNOWN = "ssl-mode, ssl-ca and socketPath";

type Parameters = { socketPath?: string | undefined; mode?: TlsMode | undefined; ca?: string | undefined };

function parseParameters(search: string): Parameters {
  const modes = new Set<TlsMode>();
  let socketPath: string | undefined;
  let ca: string | undefined;
  for (const parameter of search
    .slice(1)
    .split("&")
    .filter((part) => part !== "")) {
    const [name = "", ...rest] = parameter.split("=");
    const value = decode(rest.join("="));
    // Providers and libraries write the same name as ssl-mode, sslmode, ssl_mode and sslMode.
    switch (name.toLowerCase().replaceAll(/[-_]/g, "")) {
      case "sslmode":
        modes.add(parseMode(value));
        break;
      case "ssl":
        modes.add(parseSsl(value));
        break;
      case "sslaccept":
        modes.add(parseSslAccept(value));
        break;
      case "sslca":
        ca = readCertificates(value);
        break;
      case "socketpath":
      case "socket":
      case "unixsocket":
        socketPath = value;
        break;
      // What the service does anyway.
      case "reconnect":
        if (value !== "true") throw unknownValue(name, "true");
        break;
      case "charset":
        if (!/^utf8mb4$/i.test(value)) throw unknownValue(name, "utf8mb4");
        break;
      default:
        // A name like no other may be a part of the password.
        if (!/^[\w-]{1,40}$/.test(name)) throw new MysqlAddressError(`has a parameter without a name after the ?; known are ${KNOWN}`);
        throw new MysqlAddressError(`has the unknown parameter ${name}; known are ${KNOWN}`);
    }
  }
  const [mode, other] = modes;
  if (other !== undefined || (mode === "DISABLED" && ca !== undefined))
    throw new MysqlAddressError("has TLS parameters that contradict each other: keep ssl-mode alone, and ssl-ca if it has one");
  return { socketPath, mode, ca };
}

function unknownValue(name: string, known: string): MysqlAddressError {
  return new MysqlAddressError(`has an unknown value for ${name}: it must be ${known}`);
}

/** The words of PostgreSQL's libraries, which some panels print for MySQL too. */
const MODE_SYNONYMS: Record<string, TlsMode> = { DISABLE: "DISABLED", REQUIRE: "REQUIRED", VERIFY_FULL: "VERIFY_IDENTITY" };

function parseMode(value: string): TlsMode {
  const word = value.toUpperCase().replaceAll("-", "_");
  const mode = TLS_MODES.find((known) => known === word) ?? MODE_SYNONYMS[word];
  if (mode !== undefined) return mode;
  if (word.startsWith("PREFER"))
    throw new MysqlAddressError("has ssl-mode=PREFERRED, which may send everything in clear text: use REQUIRED or DISABLED");
  throw unknownValue("ssl-mode", TLS_MODES.join(", "));
}

const sslOptions = z.strictObject({ rejectUnauthorized: z.boolean().default(true) });

/** `true`, or mysql2's options as JSON: as PlanetScale, TiDB and others print it. They use certificates that everybody trusts. */
function parseSsl(value: string): TlsMode {
  if (/^(true|1)$/i.test(value)) return "VERIFY_IDENTITY";
  if (/^(false|0)$/i.test(value)) return "DISABLED";
  if (!value.startsWith("{")) return parseMode(value);
  const options = sslOptions.safeParse(parseJson(value));
  if (options.success) return options.data.rejectUnauthorized ? "VERIFY_IDENTITY" : "REQUIRED";
  throw unknownValue("ssl", 'true, false or {"rejectUnauthorized":true}; the certificate\'s file goes into ssl-ca');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** As Prisma's addresses have it. */
function parseSslAccept(value: string): TlsMode {
  if (value === "strict") return "VERIFY_IDENTITY";
  if (value === "accept_invalid_certs") return "REQUIRED";
  throw unknownValue("sslaccept", "strict or accept_invalid_certs");
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** Only the certificates: editors add a byte order mark, and the `ca.pem` that MySQL makes for itself ends with a NUL. */
function readCertificates(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, "latin1");
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new MysqlAddressError(`has an ssl-ca that must be the path of the provider's certificate; the file cannot be read: ${why}`);
  }
  const certificates = text.match(CERTIFICATE);
  if (certificates) return certificates.join("\n");
  throw new MysqlAddressError(
    "has an ssl-ca that must be the path of the provider's certificate; the file has no -----BEGIN CERTIFICATE-----",
  );
}

/** With a certificate, the server's is always checked against it, as whoever gave it means. */
function toTls(mode: TlsMode | undefined, ca: string | undefined): MysqlTls | null {
  if (mode === "DISABLED" || (mode === undefined && ca === undefined)) return null;
  return {
    rejectUnauthorized: mode !== "REQUIRED" || ca !== undefined,
    verifyIdentity: mode === "VERIFY_IDENTITY",
    ...(ca !== undefined && { ca }),
  };
}
