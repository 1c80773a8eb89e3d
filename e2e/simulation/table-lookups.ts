import type { FakeTables } from "../../service/src/payments/store/fake-tables.ts";
import type { Attempt } from "../../service/src/payments/payment.ts";
import { hashSecret } from "../../service/src/platform/ids.ts";

/** The attempt whose callback address ends with this secret. */
export function attemptOfSecret(tables: FakeTables, secret: string): Attempt | undefined {
  return tables.attempts.get(tables.attemptBySecretHash.get(hashSecret(secret)) ?? "");
}

/** In the order in which they began. */
export function attemptsOfBooking(tables: FakeTables, bookingId: string): Attempt[] {
  return (tables.attemptsOfBooking.get(bookingId) ?? []).flatMap((id) => tables.attempts.get(id) ?? []);
}
