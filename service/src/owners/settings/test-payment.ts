import { createBooking } from "../../bookings/create-booking.ts";
import { parseKenyanPhone } from "../../payments/phone-number.ts";
import { startPayment } from "../../payments/start-payment.ts";
import { ServiceError } from "../../platform/errors.ts";
import type { Answer, IdempotencyClaim } from "../../platform/idempotency.ts";
import { nairobiDate, nairobiTime } from "../../platform/nairobi-day.ts";
import type { Site } from "../../sites/site.ts";
import type { SettingsDependencies } from "./settings-dependencies.ts";

/** The smallest payment that M-Pesa takes, in shillings. */
const TEST_AMOUNT_KES = 1;
const SESSION_AFTER_MS = 60 * 60_000;
/** Stands where a parent's name and address would: nothing is mailed to it. */
const NAMES = { parentName: "Test payment", childName: "Test payment", email: "test" };

type TestPayment = { site: Site; phone: string; address: string; claim: IdempotencyClaim | null; committed: string | null };

/**
 * A real booking and a real prompt over one shilling, to see that everything works. Both are marked by their names, and can be refunded like any other.
 * @throws ServiceError `phone_invalid`, and what starting any payment may throw
 */
export async function startTestPayment(
  { bookings, payments, now }: Pick<SettingsDependencies, "bookings" | "payments" | "now">,
  { site, phone: typed, address, claim, committed }: TestPayment,
): Promise<Answer> {
  const phone = parseKenyanPhone(typed);
  if (phone === null) throw new ServiceError("phone_invalid", { errors: [{ field: "phone", message: "not a Kenyan mobile number" }] });
  if (committed !== null) {
    // The first caller died. It may have sent the prompt, so none is sent again.
    const file = await bookings.store.load(committed);
    if (!file) throw new Error(`booking ${committed} does not exist`);
    return { status: 202, body: { booking: await bookings.viewBooking(file) } };
  }
  const atMs = now() + SESSION_AFTER_MS;
  const session = { date: nairobiDate(atMs), time: nairobiTime(atMs), amount: TEST_AMOUNT_KES, description: "Test payment" };
  const booking = await createBooking(bookings, { site, isServer: true }, { ...session, ...NAMES }, claim);
  const { view, settled } = await startPayment(payments, { file: { booking, attempts: [] }, phone, address, claim: null });
  return { status: settled ? 201 : 202, body: { booking: view } };
}
