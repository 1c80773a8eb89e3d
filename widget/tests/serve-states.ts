/** `node widget/tests/serve-states.ts`: serves a page with every screen side by side; prints its address. */
import { pathToFileURL } from "node:url";
import { booking, cannedBookings } from "./canned-bookings.ts";
import { FakeService, problem } from "./fake-service.ts";
import { startHostPage } from "./host-page.ts";

/** A fake service that holds a booking for each screen. */
export async function startStates() {
  const service = new FakeService();
  const views = cannedBookings();
  for (const name of ["phone-error", "refused-429", "refused-422", "refused-403", "refused-lost"]) views[name] = booking(name);
  for (const view of Object.values(views)) service.bookings.set(view.bookingId, view);
  service.stateNames = [...Object.keys(views), "missing", "details", "details-slots", "details-error", "button", "link"];
  service.bookings.set("button", booking("button"));
  service.bookings.set("link", booking("link"));
  service.pay = ({ body }) => {
    switch (body["bookingId"]) {
      case "refused-429":
        return { ...problem(429, "too_many_tries"), headers: { "Retry-After": "95" } };
      case "refused-422":
        return problem(422, "amount_mismatch");
      case "refused-403":
        return problem(403, "origin_not_allowed");
      default:
        return "drop";
    }
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
