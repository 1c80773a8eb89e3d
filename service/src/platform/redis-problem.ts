/** Why Redis does not serve. Shown at `/readyz`, which anybody may read: it contains no address, user or password. */
export type RedisProblem = { kind: RedisProblemKind; message: string };

export type RedisProblemKind =
  | "unreachable"
  | "no_answer"
  | "closes_connections"
  | "certificate"
  | "no_tls"
  | "password_missing"
  | "password_wrong"
  | "channels_not_allowed"
  | "keys_not_allowed"
  | "command_not_allowed"
  | "read_only"
  | "cluster"
  | "cluster_down"
  | "no_cluster"
  | "messages_lost"
  | "refuses";

/** A message that was published on one connection did not arrive on the other. */
export class MessageLostError extends Error {
  override readonly name = "MessageLostError";
}

/** A server that ends a connection before it is usable, and does not say why, or not always in time. */
export const CLOSES_CONNECTIONS: RedisProblem = {
  kind: "closes_connections",
  message: "it closes the connection: does it expect TLS (rediss://), or a certificate of the client (set `tls-auth-clients no` in Redis)?",
};

/** Redis 6 puts it in the middle when a script writes. */
export function isReadOnly(error: unknown): boolean {
  return textOf(error).includes("READONLY");
}

/** What an error of a connection or a command means for an operator, and what to do. */
export function describeRedisProblem(error: unknown): RedisProblem {
  // Of a cluster: no node answers, and what the last one said is the reason.
  if (error instanceof Error && "lastNodeError" in error && error.lastNodeError instanceof Error)
    return describeRedisProblem(error.lastNodeError);
  const text = textOf(error);
  for (const [pattern, kind, message] of REPLIES) if (pattern.test(text)) return { kind, message };
  if (text.startsWith("NOPERM")) return describeMissingPermission(text);
  if (error instanceof MessageLostError)
    return { kind: "messages_lost", message: "a published message does not arrive: the connections may lead to two different servers" };
  const code = codeOf(error);
  if (code === "ERR_SSL_WRONG_VERSION_NUMBER" || code === "EPROTO")
    return { kind: "no_tls", message: "the server does not speak TLS on this port: use redis:// instead of rediss://" };
  if (code.endsWith("CERTIFICATE_REQUIRED")) return CLOSES_CONNECTIONS;
  if (CERTIFICATE_CODES.test(code)) return { kind: "certificate", message: describeCertificate(code) };
  if (/timed out|ETIMEDOUT/.test(text))
    return { kind: "no_answer", message: "it does not answer in time: check the network and REDIS_URL (rediss:// only if it speaks TLS)" };
  if (/^Connection is closed|isn't writeable|max retries per request/.test(text) || code === "ECONNRESET" || code === "EPIPE")
    return CLOSES_CONNECTIONS;
  if (code !== "") return { kind: "unreachable", message: `it cannot be reached (${code}): check REDIS_URL and whether the server runs` };
  // Letters only: nothing of it can be an address.
  return { kind: "refuses", message: `it refuses commands (${/^[A-Z]+ [A-Za-z ,']{0,80}/.exec(text)?.[0].trim() ?? "unknown error"})` };
}

const REPLIES: readonly [RegExp, RedisProblemKind, string][] = [
  [/^NOAUTH/, "password_missing", "it requires a password (NOAUTH): set it in REDIS_URL, redis://:password@host:6379"],
  [
    /^WRONGPASS|^ERR invalid password|^ERR AUTH .*without any password/,
    "password_wrong",
    "the user or password in REDIS_URL is wrong (WRONGPASS)",
  ],
  [
    /READONLY/,
    "read_only",
    "the server is a read-only replica (READONLY): REDIS_URL must lead to the primary; connections are renewed until it does",
  ],
  [
    /CLUSTERDOWN|^Too many Cluster redirections|^Cluster isn't ready|^No sharded subscriber|^Failed to refresh slots cache/,
    "cluster_down",
    "a part of the Redis Cluster has no primary at the moment (CLUSTERDOWN): give each primary a replica",
  ],
  [
    /^MOVED|^ASK |^CROSSSLOT|^ERR SELECT is not allowed in cluster mode/,
    "cluster",
    "the server is part of a Redis Cluster: add ?cluster=true to REDIS_URL, or name several of its nodes",
  ],
  [
    /^ERR This instance has cluster support disabled/,
    "no_cluster",
    "the server is no Redis Cluster: REDIS_URL must name one host, without cluster=true",
  ],
];

/** Redis 7.0 and later word it differently. */
function describeMissingPermission(text: string): RedisProblem {
  if (/channel/.test(text))
    return { kind: "channels_not_allowed", message: "channels are not allowed by the ACL: give the user `&somopay:*` (ACL SETUSER)" };
  if (/\bkeys?\b/.test(text))
    return { kind: "keys_not_allowed", message: "keys are not allowed by the ACL: give the user `~somopay:*` (ACL SETUSER)" };
  const command = /'([a-z|]{2,30})' command/i.exec(text)?.[1] ?? "some";
  const category = /^s?(un)?subscribe|^s?publish/i.test(command)
    ? "`+@pubsub`"
    : "`+@read +@write +@pubsub +@scripting +@connection +info`";
  return {
    kind: "command_not_allowed",
    message: `the command ${command} is not allowed by the ACL: give the user ${category} (ACL SETUSER)`,
  };
}

const CERTIFICATE_CODES = /CERT|UNABLE_TO_(GET|VERIFY)|ALTNAME/;

function describeCertificate(code: string): string {
  if (/EXPIRED|NOT_YET_VALID/.test(code)) return `its certificate is not valid now (${code}): renew it, and check both clocks`;
  if (/ALTNAME/.test(code)) return `its certificate is for another host name (${code}): use a name in REDIS_URL that the certificate has`;
  return `its certificate is not trusted (${code}): if a CA of your own signed it, add ?ssl-ca=FILE to REDIS_URL, with the CA's certificate`;
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Of a system or TLS error. If a name has several addresses, Node reports one error for all. */
function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}
