import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { createServer as createTcpServer } from "node:net";

/** An error that the person at the terminal can fix; the message is one sentence. */
export class StartError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "StartError";
  }
}

export type Listening = { port: number; stop(): Promise<void> };

/** @throws StartError that names the port and the variable that changes it */
export async function listen(app: RequestListener, port: number, variable: string, host?: string): Promise<Listening> {
  const server = createServer(app);
  try {
    server.listen({ port, ...(host !== undefined && { host }) });
    await once(server, "listening");
  } catch (error) {
    throw portError(error, port, variable);
  }
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the site listens on no port");
  return {
    port: address.port,
    async stop() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Turns a listening error into one sentence; returns any other error unchanged. */
export function portError(error: unknown, port: number, variable: string): unknown {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "EADDRINUSE")
    return new StartError(`Port ${port} is taken. Stop what uses it, or set ${variable} to another port.`, { cause: error });
  if (code === "EACCES")
    return new StartError(`Port ${port} needs more rights than this user has. Set ${variable} to a port above 1023.`, { cause: error });
  return error;
}

/** The port itself, or, for 0, a port that was free a moment ago. */
export async function choosePort(port: number, host: string): Promise<number> {
  if (port !== 0) return port;
  const server = createTcpServer().listen(0, host);
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no TCP port");
  return address.port;
}

/** A port from the environment. @throws StartError */
export function portFrom(environment: NodeJS.ProcessEnv, variable: string, fallback: number): number {
  const text = environment[variable]?.trim() ?? "";
  if (text === "") return fallback;
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new StartError(`${variable} is "${text}": it must be a port number, 0 to 65535.`);
}
