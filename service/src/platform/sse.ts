import type { Request, Response } from "express";

/** Proxies and phones drop a connection that is silent; 15 s is under every common limit. */
export const HEARTBEAT_INTERVAL_MS = 15_000;
/** A reader that has this much unread is gone or stuck: it is cut, comes back, and gets the newest state. */
const MAX_BUFFERED_BYTES = 64 * 1024;
/** How soon a browser comes back after an end or a cut. */
const RECONNECT_DELAY_MS = 2_000;

export type SseStream = {
  /** One unnamed `message` event. */
  send(id: number, data: string): void;
  comment(): void;
  /** Ends it; the browser comes back after `retryMs` if it still needs to. */
  end(retryMs?: number): void;
  readonly closed: boolean;
  onClose(listener: () => void): void;
};

/** The id of the last event that a reconnecting browser has seen, or null. */
export function lastEventId(request: Request): number | null {
  const header = request.get("Last-Event-ID");
  const id = header === undefined ? Number.NaN : Number.parseInt(header, 10);
  return Number.isSafeInteger(id) ? id : null;
}

export function openSse(response: Response): SseStream {
  let closed = false;
  const closeListeners: (() => void)[] = [];
  response.on("close", () => {
    closed = true;
    for (const listener of closeListeners) listener();
  });
  response.status(200).set({
    "Content-Type": "text/event-stream",
    // no-transform: a proxy that compresses would hold events back; X-Accel-Buffering tells nginx not to buffer.
    "Cache-Control": "no-store, no-transform",
    "X-Accel-Buffering": "no",
  });
  response.socket?.setNoDelay(true);
  response.socket?.setTimeout(0);
  response.write(`retry: ${RECONNECT_DELAY_MS}\n\n`);

  const write = (text: string): void => {
    if (closed) return;
    if (response.writableLength > MAX_BUFFERED_BYTES) response.destroy();
    else response.write(text);
  };
  return {
    send: (id, data) => write(`id: ${id}\ndata: ${data}\n\n`),
    comment: () => write(":\n\n"),
    end(retryMs) {
      if (closed) return;
      closed = true;
      response.end(retryMs === undefined ? undefined : `retry: ${Math.round(retryMs)}\n\n`);
    },
    get closed() {
      return closed;
    },
    onClose: (listener) => void (response.destroyed ? listener() : closeListeners.push(listener)),
  };
}
