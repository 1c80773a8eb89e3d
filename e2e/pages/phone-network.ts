/** The network between a parent's browser and the service. It can be cut and restored, and can block streams as some proxies do. */
import { once } from "node:events";
import { createServer, request } from "node:http";
import type { Socket } from "node:net";
import { pipeline } from "node:stream";

export type PhoneNetwork = {
  /** The service's address for the browser. */
  url: string;
  /** Cuts every connection, new ones too. */
  lose(): void;
  comeBack(): void;
  /** `refused`: streams are answered with an error. `held`: streams are accepted and nothing is passed on. */
  setStreams(how: "passed" | "refused" | "held"): void;
  stop(): void;
};

const STREAM = /^\/api\/payment-status\//;

export async function startPhoneNetwork(serviceUrl: string): Promise<PhoneNetwork> {
  const sockets = new Set<Socket>();
  let isLost = false;
  let streams: Parameters<PhoneNetwork["setStreams"]>[0] = "passed";

  const server = createServer((asked, answer) => {
    if (STREAM.test(asked.url ?? "") && streams === "held") return;
    if (STREAM.test(asked.url ?? "") && streams === "refused") {
      answer.writeHead(502).end();
      return;
    }
    const forwarded = request(serviceUrl + (asked.url ?? "/"), { method: asked.method, headers: asked.headers }, (reply) => {
      answer.writeHead(reply.statusCode ?? 502, reply.headers);
      // Passes the headers of a stream on before its first event.
      answer.flushHeaders();
      pipeline(reply, answer, () => reply.destroy());
    });
    forwarded.on("error", () => answer.destroy());
    answer.on("close", () => forwarded.destroy());
    asked.pipe(forwarded);
  });
  server.on("connection", (socket) => {
    if (isLost) socket.destroy();
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the network listens on no port");

  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `http://127.0.0.1:${address.port}`,
    lose() {
      isLost = true;
      cut();
    },
    comeBack() {
      isLost = false;
    },
    setStreams(how) {
      streams = how;
      cut();
    },
    stop() {
      server.close();
      cut();
    },
  };
}
