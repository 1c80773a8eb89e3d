/** The M-Pesa accounts of the simulated site: it moves from one to the other while payments are open. */
import { environmentAccount, type MpesaAccount } from "../../service/src/sites/mpesa-account.ts";

export type SimulatedAccount = {
  account: MpesaAccount;
  shortcode: string;
  /** The secret of the address on which its payment notices come in, registered before the world begins. */
  noticeSecret: string;
};

export const firstAccount = newAccount("174379", "c2");
export const secondAccount = newAccount("600999", "c3");
export const simulatedAccounts = [firstAccount, secondAccount] as const;

function newAccount(shortcode: string, byte: string): SimulatedAccount {
  const credentials = {
    consumerKey: `key-${shortcode}`,
    consumerSecret: "secret",
    shortcode,
    passkey: "passkey",
    // Never used: nothing is encrypted here.
    initiator: { name: "initiator", password: "password", certificate: "" },
  };
  return { account: environmentAccount(credentials), shortcode, noticeSecret: byte.repeat(32) };
}

/** @throws if the simulation has no such account */
export function accountWithShortcode(shortcode: string): SimulatedAccount {
  const found = simulatedAccounts.find((account) => account.shortcode === shortcode);
  if (!found) throw new Error(`there is no account ${shortcode}`);
  return found;
}
