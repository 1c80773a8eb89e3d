import type { ChannelHub, Listener } from "../platform/channel-hub.ts";

/** Notifies everybody who watches a booking, on any copy, that it changed. Called after the commit, never before. */
export function publishBookingChanged(hub: ChannelHub, bookingId: string): Promise<void> {
  return hub.publish(channelOf(bookingId));
}

export function subscribeToBooking(hub: ChannelHub, bookingId: string, listener: Listener): Promise<() => void> {
  return hub.subscribe(channelOf(bookingId), listener);
}

function channelOf(bookingId: string): string {
  return `booking:${bookingId}`;
}
