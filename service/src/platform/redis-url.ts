import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import type { RedisOptions as AnyRedisOptions } from "ioredis";

/** ioredis types an instance by this option; everything here works with its default. */
export type RedisOptions = Omit<AnyRedisOptions, "replyMapping">;

/** One server, or some nodes of a Redis Cluster, which name the others. `options` are the same for every connection. */
export type RedisAddress = { isCluster: boolean; nodes: readonly { host: string; port: number }[]; options: RedisOptions };

const FORMS =
  "name one server, redis://:password@host:6379, or rediss://… for TLS, or several nodes of a cluster, redis://one:6379,two:6379";

/**
 * `redis://user:password@host:6379/0?ssl-ca=FILE`, or `redis://one:6379,two:6379` or `?cluster=true` for a Redis Cluster. ioredis takes any query
 * parameter for one of its options, also a misspelt one, so it is not given the text.
 * @throws Error with a sentence that says what to set, and never contains the password
 */
export function parseRedisUrl(text: string): RedisAddress {
  const [, scheme, authority = ""] = /^(rediss?):\/\/([^/?#]*)/.exec(text) ?? [];
  if (scheme === undefined) throw new Error(`REDIS_URL must be redis://host:6379 or rediss://…`);
  const [first = "", ...others] = authority.slice(authority.lastIndexOf("@") + 1).split(",");
  // A URL has one host. What else it says stands there once, for all nodes.
  const url = parseUrl(text.replace([first, ...others].join(","), first));
  const nodes = [url, ...others.map((host) => parseUrl(`${scheme}://${host}`))].map(nodeOf);
  const isCluster = others.length > 0 || asksForCluster(url.searchParams);
  const database = url.pathname.slice(1);
  if (!/^\d{0,5}$/.test(database)) throw new Error("REDIS_URL must end in the host, the port or a database's number: redis://host:6379/0");
  if (isCluster && Number(database) !== 0) throw new Error("REDIS_URL: a Redis Cluster has no numbered databases, so leave the number out");
  // Of a cluster, each node has a name of its own in its certificate.
  const tlsName = isCluster ? "" : (nodes[0]?.host ?? "");
  return {
    isCluster,
    nodes,
    options: {
      ...(url.username !== "" && { username: decodeURIComponent(url.username) }),
      ...(url.password !== "" && { password: decodeURIComponent(url.password) }),
      ...(database !== "" && !isCluster && { db: Number(database) }),
      ...parseParameters(url.searchParams, scheme === "rediss" ? tlsName : null),
    },
  };
}

function parseUrl(text: string): URL {
  if (!URL.canParse(text))
    throw new Error("REDIS_URL cannot be read: write special characters in the user or password as %XX, such as %23 for #");
  return new URL(text);
}

function nodeOf({ hostname, port }: URL): { host: string; port: number } {
  if (hostname === "") throw new Error(`REDIS_URL names no host: ${FORMS}`);
  return { host: hostname.replace(/^\[|\]$/g, ""), port: port === "" ? 6379 : Number(port) };
}

function asksForCluster(parameters: URLSearchParams): boolean {
  const cluster = parameters.get("cluster");
  if (cluster !== null && cluster !== "true") throw new Error('REDIS_URL: cluster must be "true", or be left out');
  return cluster !== null;
}

/** `tlsName`: null without TLS, "" if each connection's own host is the name. */
function parseParameters(parameters: URLSearchParams, tlsName: string | null): RedisOptions {
  const { "ssl-ca": caFile, family, cluster: _cluster, ...unknown } = Object.fromEntries(parameters);
  const [name] = Object.keys(unknown);
  if (name !== undefined) throw new Error(`REDIS_URL has an unknown parameter, "${name}": only ssl-ca, family and cluster are known`);
  if (family !== undefined && family !== "4" && family !== "6") throw new Error("REDIS_URL: family must be 4 or 6");
  if (caFile !== undefined && tlsName === null) throw new Error("REDIS_URL: ssl-ca needs TLS, so begin with rediss://");
  const hasName = tlsName !== null && tlsName !== "" && isIP(tlsName) === 0;
  return {
    ...(family !== undefined && { family: Number(family) }),
    ...(tlsName !== null && {
      tls: { ...(hasName && { servername: tlsName }), ...(caFile !== undefined && { ca: readCertificate(caFile) }) },
    }),
  };
}

function readCertificate(file: string): string {
  try {
    const pem = readFileSync(file, "utf8");
    new X509Certificate(pem);
    return pem;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`REDIS_URL: ssl-ca must be the file of a certificate in PEM format, and cannot be read: ${why}`, { cause: error });
  }
}
