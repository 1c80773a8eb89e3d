/** `node widget/tests/serve-states.ts`: serves a page with every screen side by side; prints its address. */
import { pathToFileURL } from "node:url";
import { everyScreen } from "../screens/every-screen.ts";
import { FakeService, problem } from "./fake-service.ts";
import { startHostPage } from "./host-page.ts";

/** A fake service that holds a booking for each screen. */
export async function startStates() {
  const service = new FakeService();
  service.screens = everyScreen();
  for (const { booking } of service.screens) if (booking) service.bookings.set(booking.bookingId, booking);
  service.pay = ({ body }) => {
    const screen = service.screens.find(({ name }) => name === body["bookingId"]);
    const refusal = screen?.refusal ?? "lost";
    if (refusal === "lost") return "drop";
    const { status, code, retryAfterSeconds } = refusal;
    return {
      ...problem(status, code, status === 409 ? { booking: screen?.booking } : {}),
      ...(retryAfterSeconds && { headers: { "Retry-After": String(retryAfterSeconds) } }),
    };
  };
  // A browser opens six connections to one origin, and here are more elements than that.
  service.streams = "closed";
  await service.start();
  const host = await startHostPage(service.origin);
  return { service, host };
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { host } = await startStates();
  console.log(`${host.origin}/states   (?lang=en|sw&theme=light|dark&width=400&only=ready,paid)`);
}
