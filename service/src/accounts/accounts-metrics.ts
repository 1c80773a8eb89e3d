import { Counter, type Registry } from "prom-client";

export type SignInOutcome = "signed_in" | "wrong_password" | "wrong_code" | "locked";

/** The numbers that an operator watches; docs/operating.md explains them. */
export type AccountsMetrics = { signIn(outcome: SignInOutcome): void };

export function createAccountsMetrics(registry: Registry): AccountsMetrics {
  const signIns = new Counter({
    name: "somopay_sign_ins_total",
    help: "Sign-ins to the dashboard, and passwords and codes that were refused, by outcome.",
    labelNames: ["outcome"],
    registers: [registry],
  });
  return { signIn: (outcome) => signIns.inc({ outcome }) };
}
