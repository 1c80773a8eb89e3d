/** A TCP proxy between two programs on this machine that can cut, lose and stall their connections. */
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

export interface TcpProxyOptions {
  /** Ports of 127.0.0.1, in turn: each connection starts with the next one, and skips those that refuse. */
  readonly targets: readonly number[];
}

export interface TcpProxyCounts {
  /** Connections that were cut. */
  cut: number;
  /** Answers that were lost after the target had received the request. */
  answersLost: number;
  stalls: number;
  /** Connections that only the client knows to be over. */
  halfDead: number;
}

export interface TcpProxy {
  /** Of 127.0.0.1. */
  readonly port: number;
  readonly counts: Readonly<TcpProxyCounts>;
  /** Resets every open connection (RST). */
  cut(): void;
  /**
   * Ends every connection for the client only, as if its machine lost power. The target is not told, and keeps what the connection holds (such as
   * locks) until its own timeout.
   */
  leaveHalfDead(): void;
  /** Loses the target's next answer on each of the next `count` connections, and cuts them. */
  loseAnswers(count: number): void;
  /** Passes nothing on for this time. Connections stay open; new ones are accepted and not served. */
  stall(durationMs: number): void;
  stop(): Promise<void>;
}

interface Line {
  readonly client: Socket;
  target: Socket | undefined;
  /** A database sends a greeting first, so only what follows a request is an answer. */
  asked: boolean;
  isHalfDead: boolean;
}

/** Listens on a free port of 127.0.0.1. */
export async function startTcpProxy({ targets }: TcpProxyOptions): Promise<TcpProxy> {
  const lines = new Set<Line>();
  const forsaken = new Set<Socket>();
  const counts: TcpProxyCounts = { cut: 0, answersLost: 0, stalls: 0, halfDead: 0 };
  let nextTarget = 0;
  let answersToLose = 0;
  let stalledUntilMs = 0;
  let stallTimer: NodeJS.Timeout | undefined;

  const isStalled = (): boolean => performance.now() < stalledUntilMs;

  const end = (line: Line): void => {
    lines.delete(line);
    line.client.resetAndDestroy();
    if (!line.isHalfDead) line.target?.resetAndDestroy();
  };

  const pass = (line: Line, from: Socket, to: Socket): void => {
    from.on("data", (chunk: Buffer) => {
      if (from === line.client) line.asked = true;
      else if (answersToLose > 0 && line.asked && !line.isHalfDead) {
        answersToLose -= 1;
        counts.answersLost += 1;
        end(line);
        return;
      }
      if (to.destroyed || to.write(chunk)) return;
      from.pause();
      to.once("drain", () => {
        if (!isStalled()) from.resume();
      });
    });
    from.once("end", () => to.end());
    // An error is followed by "close".
    from.on("error", () => undefined);
    from.once("close", () => end(line));
    if (isStalled()) from.pause();
  };

  const open = (line: Line, triesLeft: number): void => {
    const port = targets[nextTarget++ % targets.length];
    if (port === undefined || triesLeft === 0 || line.client.destroyed) {
      end(line);
      return;
    }
    const target = connect({ port, host: "127.0.0.1", noDelay: true });
    const tryNext = (): void => open(line, triesLeft - 1);
    target.once("error", tryNext);
    target.once("connect", () => {
      target.off("error", tryNext);
      if (!lines.has(line)) {
        target.on("error", () => undefined).resetAndDestroy();
        return;
      }
      line.target = target;
      pass(line, line.client, target);
      pass(line, target, line.client);
    });
  };

  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const line: Line = { client, target: undefined, asked: false, isHalfDead: false };
    lines.add(line);
    client.on("error", () => undefined);
    client.once("close", () => end(line));
    open(line, targets.length);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the proxy listens on no port");

  const resumeAll = (): void => {
    for (const { client, target } of lines) {
      client.resume();
      target?.resume();
    }
  };

  return {
    port: address.port,
    counts,
    cut() {
      counts.cut += lines.size;
      for (const line of lines) end(line);
    },
    leaveHalfDead() {
      for (const line of lines) {
        const { target } = line;
        if (!target) continue;
        line.isHalfDead = true;
        counts.halfDead += 1;
        forsaken.add(target);
        target.once("close", () => forsaken.delete(target));
        end(line);
      }
    },
    loseAnswers(count) {
      answersToLose += count;
    },
    stall(durationMs) {
      counts.stalls += 1;
      stalledUntilMs = performance.now() + durationMs;
      for (const { client, target } of lines) {
        client.pause();
        target?.pause();
      }
      clearTimeout(stallTimer);
      stallTimer = setTimeout(() => {
        stalledUntilMs = 0;
        resumeAll();
      }, durationMs);
    },
    async stop() {
      clearTimeout(stallTimer);
      stalledUntilMs = 0;
      const closed = once(server, "close");
      server.close();
      for (const line of lines) end(line);
      for (const target of forsaken) target.resetAndDestroy();
      await closed;
    },
  };
}
