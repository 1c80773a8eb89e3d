/** Parses the replies of the token endpoint. */
import { readErrorBody } from "./daraja-errors.ts";
import { own, parseObject, safeText } from "./untrusted-json.ts";

export const OAUTH_PATH = "/oauth/v1/generate?grant_type=client_credentials";

/** There is no token, so nothing can have been sent to a payer. */
export class TokenError extends Error {
  /** `wrong_credentials`: the owner must act. `unreachable`: Safaricom is at fault. */
  readonly kind: "wrong_credentials" | "unreachable";

  constructor(kind: "wrong_credentials" | "unreachable", message: string) {
    super(message);
    this.name = "TokenError";
    this.kind = kind;
  }
}

export type FetchedToken = { token: string; lifetimeMs: number };

/** Safaricom's tokens live for an hour. Without a stated lifetime a token is used for ten minutes, or until it is refused. */
const UNKNOWN_LIFETIME_MS = 600_000;
/** A day. A longer lifetime is treated as an error in the data. */
const LIFETIME_MAX_MS = 86_400_000;
const TOKEN_MAX = 4096;

/** @throws TokenError */
export function readTokenReply(httpStatus: number, bodyText: string): FetchedToken {
  const body = parseObject(bodyText);
  const token = own(body, "access_token");
  // Printable ASCII only: it goes into a header.
  if (httpStatus === 200 && typeof token === "string" && token.length <= TOKEN_MAX && /^[\x21-\x7e]+$/.test(token)) {
    return { token, lifetimeMs: readLifetimeMs(own(body, "expires_in")) };
  }
  const error = readErrorBody(body);
  const said = error ? `: ${error.code} ${safeText(error.text)}`.trimEnd() : "";
  // A wrong key or secret gives 400 with an empty body. 400 with HTML comes from a proxy on the way and says nothing about the key.
  const empty = bodyText.trim() === "";
  const refusedByName = httpStatus === 400 || httpStatus === 401 || httpStatus === 403;
  if (refusedByName && (empty || error)) {
    throw new TokenError("wrong_credentials", `Safaricom does not accept this consumer key and secret (HTTP ${httpStatus}${said})`);
  }
  throw new TokenError("unreachable", `Safaricom gave no access token (HTTP ${httpStatus}${said})`);
}

function readLifetimeMs(expiresIn: unknown): number {
  const seconds = typeof expiresIn === "string" && expiresIn.trim() !== "" ? Number(expiresIn) : expiresIn;
  if (typeof seconds !== "number" || !Number.isFinite(seconds) || seconds <= 0) return UNKNOWN_LIFETIME_MS;
  return Math.min(seconds * 1000, LIFETIME_MAX_MS);
}
