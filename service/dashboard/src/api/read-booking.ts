import type { Client } from "./client.ts";
import type { OwnerBooking, Timeline } from "./types.ts";

/** A booking, what happened to it, and what can be done about it now. */
export type BookingFile = { booking: OwnerBooking; timeline: Timeline };

export async function readBooking({ api }: Client, bookingId: string): Promise<BookingFile> {
  const path = `/bookings/${encodeURIComponent(bookingId)}`;
  const [booking, timeline] = await Promise.all([api<OwnerBooking>("GET", path), api<Timeline>("GET", `${path}/timeline`)]);
  return { booking, timeline };
}
