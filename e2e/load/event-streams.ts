/** Pages with an open stream: plain sockets, so that thousands of them cost this process little. */
import { connect, type Socket } from "node:net";
import { SITE_ORIGIN } from "../faults/storm-world.ts";

export type OpenStreams = {
  /** How many have their first event. */
  readonly ready: number;
  /** How many were answered with something else than a stream, or were cut. */
  readonly failed: number;
  close(): void;
};

const PAID = '"payment_status":"paid"';

/**
 * Opens a stream for each booking, `withinMs` apart at most, on the copies at these ports in turn.
 * @param onPaid called when a page would say "paid"
 */
export function openStreams(
  ports: readonly number[],
  bookingIds: readonly string[],
  { withinMs = 0, onPaid = () => undefined }: { withinMs?: number; onPaid?: (bookingId: string) => void } = {},
): OpenStreams {
  const sockets = new Set<Socket>();
  const timers = new Set<NodeJS.Timeout>();
  let ready = 0;
  let failed = 0;
  const open = (bookingId: string, port: number): void => {
    const socket = connect(port, "127.0.0.1");
    sockets.add(socket);
    let isReady = false;
    let isPaid = false;
    socket.setEncoding("utf8");
    socket.on("data", (text: string) => {
      if (!isReady && text.includes("data: ")) {
        isReady = true;
        ready += 1;
      }
      if (text.includes(PAID)) {
        isPaid = true;
        onPaid(bookingId);
      }
    });
    socket.on("error", () => undefined);
    socket.on("close", () => {
      if (sockets.delete(socket) && !isPaid) failed += 1;
    });
    socket.write(
      `GET /api/payment-status/${bookingId} HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: ${SITE_ORIGIN}\r\nAccept: text/event-stream\r\n\r\n`,
    );
  };
  for (const [index, bookingId] of bookingIds.entries()) {
    const timer = setTimeout(() => {
      timers.delete(timer);
      open(bookingId, ports[index % ports.length] ?? 0);
    }, Math.random() * withinMs);
    timers.add(timer);
  }
  return {
    get ready() {
      return ready;
    },
    get failed() {
      return failed;
    },
    close() {
      for (const timer of timers) clearTimeout(timer);
      const open = [...sockets];
      sockets.clear();
      for (const socket of open) socket.destroy();
    },
  };
}
