/** Where mail is handed over, and who it is from. */
export type SmtpServer = {
  host: string;
  port: number;
  /** TLS from the first byte (`smtps`); otherwise STARTTLS is required, except on this machine. */
  isTlsFirst: boolean;
  user: string | null;
  password: string | null;
  from: string;
};

const OWN_MACHINE = new Set(["localhost", "127.0.0.1", "[::1]"]);
const ADDRESS = /^[^\s@<>"(),:;[\]\\]+@[^\s@<>"(),:;[\]\\]+$/;

/**
 * Parses `smtp://user:password@host:587?from=pay@example.com`, or `smtps://…:465`. Pure.
 * @param publicHost of PUBLIC_URL: without `from`, mail comes from `somopay@` it
 * @returns the problem in words if it is not one
 */
export function parseSmtpUrl(text: string, publicHost: string): SmtpServer | string {
  if (!URL.canParse(text) || !/^smtps?:\/\/[^/]/i.test(text)) return "must be an address such as smtp://user:password@mail.example.com:587";
  const url = new URL(text);
  const isTlsFirst = url.protocol === "smtps:";
  const unknown = [...url.searchParams.keys()].find((name) => name !== "from");
  if (unknown !== undefined) return `has an unknown parameter "${unknown}": only from is known`;
  if (!/^\/?$/.test(url.pathname)) return "must have no path";
  const from = url.searchParams.get("from") ?? `somopay@${publicHost}`;
  if (!ADDRESS.test(from)) return "has a from that is not an e-mail address";
  const [user, password] = [decoded(url.username), decoded(url.password)];
  if (user === undefined || password === undefined) return "has a user or password with a % that is not an encoding: write it as %25";
  return {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port === "" ? (isTlsFirst ? 465 : 587) : Number(url.port),
    isTlsFirst,
    user,
    password,
    from,
  };
}

/** null: empty; undefined: not an encoding. */
function decoded(part: string): string | null | undefined {
  try {
    return part === "" ? null : decodeURIComponent(part);
  } catch {
    return undefined;
  }
}

/** Between processes of one machine nobody listens. */
export function isOwnMachine({ host }: Pick<SmtpServer, "host">): boolean {
  return OWN_MACHINE.has(host) || host === "::1";
}
