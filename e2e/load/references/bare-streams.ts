/**
 * The least that a stream can be: `node:http`, one event, and a comment every 15 s. No Express, no booking, no limits, no other routes. A process of its own.
 *
 * node bare-streams.ts PORT: prints "ready" once it listens. It ends with its standard input.
 */
import { createServer, type ServerResponse } from "node:http";

const HEARTBEAT_MS = 15_000;
/** As the service has it: the default of 511 makes the kernel drop what thousands send at once. */
const BACKLOG = 4_096;

const [port = "0"] = process.argv.slice(2);
const open = new Set<ServerResponse>();
const server = createServer((_request, response) => {
  open.add(response);
  response.on("close", () => open.delete(response));
  response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
  response.write(`id: 1\ndata: ${JSON.stringify({ payment_status: "prompted" })}\n\n`);
});
setInterval(() => {
  for (const response of open) response.write(":\n\n");
}, HEARTBEAT_MS);
server.listen(Number(port), "127.0.0.1", BACKLOG, () => void process.stdout.write("ready\n"));
process.stdin.resume().on("end", () => process.exit());
