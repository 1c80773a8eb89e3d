import type { Request } from "express";

/** Proxies and phones drop a connection that is silent; 15 s is under every common limit. */
export const HEARTBEAT_INTERVAL_MS = 15_000;
/** A reader that has this much unread is gone or stuck: it is cut, comes back, and gets the newest state. */
const MAX_BUFFERED_BYTES = 64 * 1024;
/** How soon a browser comes back after an end or a cut. */
const RECONNECT_DELAY_MS = 2_000;

/** What a stream needs of a response; Express's fits. */
export type SseResponse = {
  status(code: number): unknown;
  set(headers: Record<string, string>): unknown;
  write(text: string): unknown;
  end(text?: string): unknown;
  destroy(): unknown;
  on(event: "close", listener: () => void): unknown;
  readonly destroyed: boolean;
  readonly writableLength: number;
  readonly socket: { setNoDelay(noDelay: boolean): unknown; setTimeout(timeoutMs: number): unknown } | null;
};

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

export function openSse(response: SseResponse): SseStream {
  let closed = false;
  const closeListeners: (() => void)[] = [];
  response.on("close", () => {
    closed = true;
    for (const listener of closeListeners) listener();
  });
  response.status(200);
  response.set({
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
      if (retryMs === undefined) response.end();
      else response.end(`retry: ${Math.round(retryMs)}\n\n`);
    },
    get closed() {
      return closed;
    },
    onClose: (listener) => void (response.destroyed ? listener() : closeListeners.push(listener)),
  };
}
