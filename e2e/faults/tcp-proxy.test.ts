import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { freePort } from "../servers/free-port.ts";
import { startTcpProxy, type TcpProxy } from "./tcp-proxy.ts";

/** Echoes each message, and keeps its connections. */
async function echoServer(name = ""): Promise<{ port: number; server: Server; sockets: Set<Socket> }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.once("close", () => sockets.delete(socket));
    socket.on("data", (chunk) => socket.write(name + chunk.toString()));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return { port: address.port, server, sockets };
}

async function proxyTo(...targets: number[]): Promise<TcpProxy> {
  const proxy = await startTcpProxy({ targets });
  onTestFinished(() => proxy.stop());
  return proxy;
}

async function client(proxy: TcpProxy): Promise<{ socket: Socket; ask(text: string): Promise<string>; ended: Promise<string> }> {
  const socket = connect(proxy.port, "127.0.0.1");
  const ended = new Promise<string>((resolve) => {
    let problem = "closed";
    socket.on("error", (error: NodeJS.ErrnoException) => (problem = error.code ?? error.message));
    socket.once("close", () => resolve(problem));
  });
  await once(socket, "connect");
  onTestFinished(() => void socket.destroy());
  return {
    socket,
    ended,
    async ask(text) {
      socket.write(text);
      return String((await once(socket, "data"))[0]);
    },
  };
}

describe("the proxy", () => {
  it("passes everything on, to its targets in turn", async () => {
    const proxy = await proxyTo((await echoServer("A:")).port, (await echoServer("B:")).port);
    const [one, other] = [await client(proxy), await client(proxy)];
    expect([await one.ask("x"), await other.ask("y")]).toEqual(["A:x", "B:y"]);
  });

  it("skips a target that refuses", async () => {
    const proxy = await proxyTo(await freePort(), (await echoServer()).port);
    expect(await (await client(proxy)).ask("x")).toBe("x");
  });

  it("ends a connection if no target accepts it", async () => {
    const proxy = await proxyTo(await freePort());
    expect(await (await client(proxy)).ended).toBe("ECONNRESET");
  });

  it("cuts open connections, and accepts new ones", async () => {
    const { port, sockets } = await echoServer();
    const proxy = await proxyTo(port);
    const cut = await client(proxy);
    await cut.ask("x");
    proxy.cut();
    expect(await cut.ended).toBe("ECONNRESET");
    await expect.poll(() => sockets.size).toBe(0);
    expect(await (await client(proxy)).ask("y")).toBe("y");
    expect(proxy.counts.cut).toBe(1);
  });

  it("loses an answer after the request went through", async () => {
    const { port, sockets } = await echoServer();
    const proxy = await proxyTo(port);
    const asking = await client(proxy);
    await asking.ask("x");
    let received = "";
    for (const socket of sockets) socket.on("data", (chunk) => (received += chunk.toString()));
    proxy.loseAnswers(1);
    asking.socket.write("y");
    expect(await asking.ended).toBe("ECONNRESET");
    expect([received, proxy.counts.answersLost]).toEqual(["y", 1]);
    expect(await (await client(proxy)).ask("z")).toBe("z");
  });

  it("leaves connections half open: the client is cut, the target is not told", async () => {
    const { port, sockets } = await echoServer();
    const proxy = await proxyTo(port);
    const dead = await client(proxy);
    await dead.ask("x");
    proxy.leaveHalfDead();
    expect(await dead.ended).toBe("ECONNRESET");
    expect(await (await client(proxy)).ask("y")).toBe("y");
    expect(sockets.size).toBe(2);
    await proxy.stop();
    await expect.poll(() => sockets.size).toBe(0);
  });

  it("stalls: nothing passes for a while, and nothing is lost", async () => {
    const { port } = await echoServer();
    const proxy = await proxyTo(port);
    const before = await client(proxy);
    await before.ask("x");
    const STALL_MS = 300;
    const startedAtMs = performance.now();
    proxy.stall(STALL_MS);
    const during = await client(proxy);
    expect(await Promise.all([before.ask("y"), during.ask("z")])).toEqual(["y", "z"]);
    expect(performance.now() - startedAtMs).toBeGreaterThan(STALL_MS * 0.9);
  });

  it("tells the target when a client dies while everything is stalled", async () => {
    const { port, sockets } = await echoServer();
    const proxy = await proxyTo(port);
    const dying = await client(proxy);
    await dying.ask("x");
    proxy.stall(200);
    dying.socket.resetAndDestroy();
    await expect.poll(() => sockets.size).toBe(0);
  });
});
