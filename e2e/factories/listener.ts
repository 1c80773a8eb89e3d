/** An EventSource for tests: keeps every event, and waits for one that fits. */
import { request } from "undici";
import { bookingViewSchema, type BookingView } from "../../service/src/contract.ts";
import { SITE_ORIGIN } from "../fixtures.ts";

const WAIT_MS = 15_000;

export type Listener = {
  status: number;
  views: BookingView[];
  ids: number[];
  /** Resolves with the first past or future view that fits. */
  until(fits: (view: BookingView) => boolean): Promise<BookingView>;
  untilStatus(status: BookingView["payment_status"]): Promise<BookingView>;
  /** Resolves with the milliseconds of the last `retry:` once the server ended the stream. */
  ended: Promise<number | null>;
  close(): void;
};

export async function listen(baseUrl: string, bookingId: string, lastEventId?: number): Promise<Listener> {
  const abort = new AbortController();
  const answer = await request(`${baseUrl}/api/payment-status/${bookingId}`, {
    headers: {
      Accept: "text/event-stream",
      Origin: SITE_ORIGIN,
      ...(lastEventId !== undefined && { "Last-Event-ID": String(lastEventId) }),
    },
    signal: abort.signal,
    bodyTimeout: 0,
  });
  const views: BookingView[] = [];
  const ids: number[] = [];
  const waiting = new Set<() => void>();
  let retryMs: number | null = null;

  const read = async (): Promise<number | null> => {
    let text = "";
    answer.body.setEncoding("utf8");
    try {
      for await (const chunk of answer.body) {
        text += String(chunk);
        const blocks = text.split("\n\n");
        text = blocks.pop() ?? "";
        for (const block of blocks) take(block);
        for (const look of waiting) look();
      }
    } catch (error) {
      if (!abort.signal.aborted) throw error;
    }
    return retryMs;
  };
  const take = (block: string): void => {
    for (const line of block.split("\n")) {
      if (line.startsWith("id: ")) ids.push(Number(line.slice(4)));
      if (line.startsWith("retry: ")) retryMs = Number(line.slice(7));
      if (line.startsWith("data: ")) views.push(bookingViewSchema.parse(JSON.parse(line.slice(6))));
    }
  };
  const ended = read();
  /** How reading ended, for the error message: the stream ended early, or an event could not be parsed. */
  let end = "is open";
  ended.then(
    () => (end = "ended"),
    (error: unknown) => (end = String(error)),
  );

  const until = (fits: (view: BookingView) => boolean): Promise<BookingView> =>
    new Promise((resolve, reject) => {
      const seen = () =>
        JSON.stringify(views.map(({ version, payment_status, payment }) => [version, payment_status, payment?.status, payment?.reason]));
      const giveUp = async (): Promise<void> => {
        waiting.delete(look);
        const headers = { Origin: SITE_ORIGIN };
        const now = await request(`${baseUrl}/api/booking/${bookingId}`, { headers }).then(({ body }) => body.text(), String);
        const story = `answered ${answer.statusCode}, ${end}; came: ${seen()}; the booking now: ${now}`;
        reject(new Error(`no such event within ${WAIT_MS} ms; the stream: ${story}`));
      };
      const timer = setTimeout(() => void giveUp(), WAIT_MS);
      const look = (): void => {
        const found = views.find(fits);
        if (!found) return;
        clearTimeout(timer);
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
    });
  return {
    status: answer.statusCode,
    views,
    ids,
    until,
    untilStatus: (status) => until((view) => view.payment_status === status),
    ended,
    close: () => abort.abort(),
  };
}
