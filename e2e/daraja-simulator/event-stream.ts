/** Server-sent events. */
import type { Request, Response } from "express";

/** Shows the browser that a silent stream is alive. */
const HEARTBEAT_MS = 15_000;

export class EventStreams {
  readonly #open = new Set<Response>();
  #heartbeat: NodeJS.Timeout | undefined;

  /** Starts a stream. @returns a function that sends one event; `onClose` is called when the reader has gone. */
  begin(request: Request, response: Response, onClose: () => void): (data: unknown) => void {
    response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-cache, no-transform", "X-Accel-Buffering": "no" });
    response.flushHeaders();
    this.#open.add(response);
    this.#heartbeat ??= setInterval(() => this.#beat(), HEARTBEAT_MS).unref();
    request.on("close", () => {
      this.#open.delete(response);
      if (this.#open.size === 0) this.#stopBeating();
      onClose();
    });
    return (data) => void response.write(`data: ${JSON.stringify(data)}\n\n`);
  }

  stop(): void {
    for (const response of this.#open) response.end();
    this.#open.clear();
    this.#stopBeating();
  }

  #beat(): void {
    for (const response of this.#open) response.write(": still here\n\n");
  }

  #stopBeating(): void {
    clearInterval(this.#heartbeat);
    this.#heartbeat = undefined;
  }
}
