/** An owner's live list, as a program reads it. */
import { request } from "undici";

export type LiveList = {
  /** Resolves with everything that came, once it is what is waited for. Rejects if the stream ends before. */
  until(isThere: (text: string) => boolean): Promise<string>;
  close(): void;
};

/** @throws if the list is refused */
export async function openLive(baseUrl: string, secretKey: string): Promise<LiveList> {
  const answer = await request(`${baseUrl}/api/v1/live`, { headers: { Authorization: `Bearer ${secretKey}` } });
  if (answer.statusCode !== 200) throw new Error(`the live list was answered ${answer.statusCode}: ${await answer.body.text()}`);
  const { body } = answer;
  let text = "";
  let isEnded = false;
  let notify = (): void => undefined;
  body.setEncoding("utf8");
  body.on("data", (chunk: string) => {
    text += chunk;
    notify();
  });
  const end = (): void => {
    isEnded = true;
    notify();
  };
  body.on("error", end);
  body.on("close", end);
  return {
    async until(isThere) {
      while (!isThere(text)) {
        if (isEnded) throw new Error(`the live list ended after: ${text}`);
        await new Promise<void>((resolve) => (notify = resolve));
      }
      return text;
    },
    close: () => void body.destroy(),
  };
}
