import { describe, expect, it } from "vitest";
import type { DarajaCredentials } from "../daraja/daraja-types.ts";
import { accountOfPayment, environmentAccount, type KnownAccounts, type StoredAccount } from "./mpesa-account.ts";

const credentialsOf = (shortcode: string, consumerKey = `key of ${shortcode}`): DarajaCredentials => ({
  consumerKey,
  consumerSecret: "secret",
  shortcode,
  passkey: "passkey",
});
const stored = (id: string, shortcode: string): StoredAccount & { credentials: DarajaCredentials } => ({
  id,
  shortcode,
  credentials: credentialsOf(shortcode),
});

const environment = environmentAccount(credentialsOf("174379"));
const first = stored("acct_first", "600111");
const second = stored("acct_second", "600222");
const known = (facts: Partial<KnownAccounts> = {}): KnownAccounts => ({ ofSite: second, environment, stored: [first, second], ...facts });

describe("the account of a payment", () => {
  it("is the one that it was made with, whatever its site uses now", () => {
    expect(accountOfPayment("acct_first", known())).toEqual({ id: "acct_first", credentials: first.credentials });
    expect(accountOfPayment("env:174379", known())).toEqual(environment);
    expect(accountOfPayment("acct_second", known({ ofSite: environment }))).toEqual({ id: "acct_second", credentials: second.credentials });
  });

  it("is its site's if none was kept, and the environment's if the site had none of its own then", () => {
    expect(accountOfPayment(null, known())).toEqual(second);
    expect(accountOfPayment("env", known())).toEqual(environment);
  });

  it("has the site's newest credentials if the shortcode is the same: the old ones may be refused by now", () => {
    const renewed = { id: "acct_renewed", credentials: credentialsOf("600111", "new key") };
    expect(accountOfPayment("acct_first", known({ ofSite: renewed }))).toEqual(renewed);
    const replaced = environmentAccount(credentialsOf("174379", "new key"));
    expect(accountOfPayment("env:174379", known({ environment: replaced }))).toEqual(replaced);
  });

  it("is found with the site's credentials if its own row cannot be read", () => {
    const sealed = { ...first, credentials: null };
    const renewed = { id: "acct_renewed", credentials: credentialsOf("600111") };
    expect(accountOfPayment("acct_first", known({ stored: [sealed], ofSite: renewed }))).toEqual(renewed);
    expect(accountOfPayment("acct_first", known({ stored: [{ ...sealed, shortcode: null }] }))).toEqual(second);
  });

  it("is none if the environment names another shortcode now, or its row cannot be read and nothing else has its shortcode", () => {
    expect(accountOfPayment("env:174379", known({ environment: environmentAccount(credentialsOf("600999")) }))).toBeNull();
    expect(accountOfPayment("acct_first", known({ stored: [{ ...first, credentials: null }] }))).toBeNull();
    expect(accountOfPayment("acct_unknown", known())).toBeNull();
  });
});
