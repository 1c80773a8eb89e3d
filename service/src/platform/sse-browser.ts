/** For tests: the browser at the other end of an event stream. */
import type { SseResponse } from "./sse.ts";

/** The browser's side of a stream. */
export type Browser = {
  response: SseResponse;
  status: () => number;
  text: () => string;
  ids: () => number[];
  isEnded: () => boolean;
  hangUp(): void;
};

export function newBrowser(): Browser {
  let status = 0;
  let text = "";
  let ended = false;
  const listeners: (() => void)[] = [];
  const none = () => undefined;
  return {
    response: {
      status: (code) => (status = code),
      set: none,
      getHeaderNames: () => [],
      removeHeader: none,
      write: (chunk) => (text += chunk),
      end: (chunk = "") => {
        text += chunk;
        ended = true;
        // As Node does: "close" comes after the end.
        queueMicrotask(() => {
          for (const listener of listeners) listener();
        });
      },
      destroy: none,
      on: (_event, listener) => listeners.push(listener),
      destroyed: false,
      writableLength: 0,
      socket: null,
    },
    status: () => status,
    text: () => text,
    ids: () => [...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id)),
    isEnded: () => ended,
    hangUp() {
      for (const listener of listeners) listener();
    },
  };
}
