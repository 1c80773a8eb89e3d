import type { Request } from "express";

/** Proxies and phones drop silent connections; 15 s is below every common limit. */
export const HEARTBEAT_INTERVAL_MS = 15_000;
/** A client with this much unread data is gone or stuck. Its connection is closed; when it reconnects, it gets the newest state. */
const MAX_BUFFERED_BYTES = 64 * 1024;
/** Of the headers set so far, those that concern a stream. The others are about documents, and would stay in memory as long as the stream is open. */
const STREAM_HEADERS =
  /^(access-control-.*|vary|connection|x-content-type-options|strict-transport-security|cross-origin-resource-policy)$/;
/** How long a browser waits before it reconnects. */
const RECONNECT_DELAY_MS = 2_000;

/** The part of Express's response that a stream uses. */
export type SseResponse = {
  status(code: number): unknown;
  set(headers: Record<string, string>): unknown;
  getHeaderNames(): string[];
  removeHeader(name: string): unknown;
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
  /** Ends the stream; the browser reconnects after `retryMs` if it still needs to. */
  end(retryMs?: number): void;
  readonly closed: boolean;
  onClose(listener: () => void): void;
};

/** The id of the last event that a reconnecting browser received, or null. */
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
  for (const name of response.getHeaderNames()) if (!STREAM_HEADERS.test(name)) response.removeHeader(name);
  response.set({
    "Content-Type": "text/event-stream",
    // no-transform: a compressing proxy would delay events. X-Accel-Buffering: nginx must not buffer.
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
