/** Access tokens: only an app's newest one is valid. */
import { Router, type Request } from "express";
import type { Account, Accounts } from "./accounts.ts";
import { cutConnection, refuseMethod, RefusedCall, refusals } from "./daraja-answers.ts";
import type { FaultBook } from "./fault-book.ts";
import type { Ids } from "./ids.ts";
import type { Timings } from "./timings.ts";

interface IssuedToken {
  account: Account;
  expiresAt: number;
}

export interface TokenDeskDeps {
  accounts: Accounts;
  faults: FaultBook;
  timings: () => Timings;
  now: () => number;
  ids: Ids;
}

export class TokenDesk {
  readonly #tokens = new Map<string, IssuedToken>();
  readonly #newest = new Map<string, string>();
  readonly #deps: TokenDeskDeps;

  constructor(deps: TokenDeskDeps) {
    this.#deps = deps;
  }

  issue(account: Account, newestOnly: boolean): string {
    const { ids, now, timings } = this.#deps;
    const before = this.#newest.get(account.consumerKey);
    if (newestOnly && before !== undefined) this.#tokens.delete(before);
    const token = ids.token();
    this.#tokens.set(token, { account, expiresAt: now() + timings().tokenLifeMs });
    this.#newest.set(account.consumerKey, token);
    return token;
  }

  /** The calling app. @throws RefusedCall without a valid token. */
  authorize(request: Request): Account {
    const header = request.get("authorization") ?? "";
    const token = /^Bearer (\S+)$/i.exec(header)?.[1];
    if (token === undefined) throw new RefusedCall(refusals.invalidAuthHeader);
    const issued = this.#tokens.get(token);
    if (issued === undefined || issued.expiresAt <= this.#deps.now()) throw new RefusedCall(refusals.invalidToken);
    return issued.account;
  }

  /** Expires every token, as if another client had requested a new one. */
  expireAll(): void {
    this.#tokens.clear();
    this.#newest.clear();
  }

  get router(): Router {
    const router = Router();
    router.get("/oauth/v1/generate", (request, response) => {
      const { accounts, faults, timings } = this.#deps;
      const { oauthAnswer, newestTokenOnly, expiresInAsNumber } = faults.inForce(undefined, faults.takeNext("oauth"));
      if (oauthAnswer === "hang") return;
      if (oauthAnswer === "reset") return cutConnection(request);
      if (oauthAnswer === "html") throw new RefusedCall(refusals.html);
      if (oauthAnswer === "system_busy") throw new RefusedCall(refusals.systemBusy);
      const credentials = basicCredentials(request.get("authorization") ?? "");
      if (credentials === null) throw new RefusedCall(refusals.invalidAuthentication);
      if (request.query["grant_type"] !== "client_credentials") throw new RefusedCall(refusals.invalidGrantType);
      const account = accounts.byCredentials(credentials.key, credentials.secret);
      if (account === undefined || oauthAnswer === "wrong_credentials") throw new RefusedCall(refusals.wrongKeyOrSecret);
      const seconds = Math.floor(timings().tokenLifeMs / 1_000);
      response.json({ access_token: this.issue(account, newestTokenOnly), expires_in: expiresInAsNumber ? seconds : String(seconds) });
    });
    router.all("/oauth/v1/generate", refuseMethod);
    return router;
  }
}

function basicCredentials(header: string): { key: string; secret: string } | null {
  const encoded = /^Basic (\S+)$/i.exec(header)?.[1];
  if (encoded === undefined) return null;
  const text = Buffer.from(encoded, "base64").toString("utf8");
  const colon = text.indexOf(":");
  return colon === -1 ? null : { key: text.slice(0, colon), secret: text.slice(colon + 1) };
}
