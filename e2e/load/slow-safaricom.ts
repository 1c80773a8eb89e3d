/** Takes every push, slowly. The simulator of the other tests plays phones too, which would be measured with it. */
import { createServer, type Server } from "node:http";
import { json } from "node:stream/consumers";
import { z } from "zod";

/** A push that was taken: all that its callback needs. */
export type Pushed = { checkoutRequestId: string; merchantRequestId: string; callbackPath: string; amountKes: number; phone: string };

export type SlowSafaricom = {
  url: string;
  /** Called with each push once its answer is on its way. */
  onPush(listener: (pushed: Pushed) => void): void;
  close(): void;
};

const pushSchema = z.object({ CallBackURL: z.url(), Amount: z.coerce.number(), PhoneNumber: z.coerce.string() });

/** @param takesMs how long each push takes */
export async function startSlowSafaricom(takesMs: number): Promise<SlowSafaricom> {
  let pushed = 0;
  let notify: (pushed: Pushed) => void = () => undefined;
  const server: Server = createServer((request, response) => {
    response.setHeader("content-type", "application/json");
    if (request.url?.startsWith("/oauth/") === true) {
      request.resume();
      response.end(JSON.stringify({ access_token: "a-token-for-the-benchmark", expires_in: "3599" }));
      return;
    }
    pushed += 1;
    const ids = { MerchantRequestID: `29115-${pushed}-1`, CheckoutRequestID: `ws_CO_bench_${pushed}` };
    void json(request).then((body) => {
      const push = pushSchema.safeParse(body);
      setTimeout(() => {
        response.end(JSON.stringify({ ...ids, ResponseCode: "0" }));
        if (push.success)
          notify({
            checkoutRequestId: ids.CheckoutRequestID,
            merchantRequestId: ids.MerchantRequestID,
            callbackPath: new URL(push.data.CallBackURL).pathname,
            amountKes: push.data.Amount,
            phone: push.data.PhoneNumber,
          });
      }, takesMs);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("it has no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    onPush(listener) {
      notify = listener;
    },
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
