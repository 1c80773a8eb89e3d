/**
 * A simulator of Safaricom's Daraja API with Safaricom's faults: tokens, STK push and query, callbacks, C2B, transaction status, reversal, with a
 * control API for tests and a phone page for people. README.md describes both.
 */
import { once } from "node:events";
import { createServer } from "node:http";
import express, { type Express } from "express";
import { Accounts, sandboxAccount, type AccountInput } from "./accounts.ts";
import { C2bDesk } from "./c2b.ts";
import { registerC2bUrls } from "./c2b-register.ts";
import { certificate } from "./certificate.ts";
import { Control } from "./control.ts";
import { controlRoutes } from "./control-routes.ts";
import { readReversal, readStatusQuery } from "./conversation-request.ts";
import { conversationRoute } from "./conversation-routes.ts";
import { ConversationDesk } from "./conversations.ts";
import { CallbackSender } from "./callback-sender.ts";
import { answerRefusals, refuseMethod, refusePath } from "./daraja-answers.ts";
import { EventStreams } from "./event-stream.ts";
import { FaultBook } from "./fault-book.ts";
import type { FaultsPatch } from "./faults.ts";
import { Ids, seededRandom } from "./ids.ts";
import { Ledger } from "./ledger.ts";
import { TokenDesk } from "./oauth.ts";
import { phonePage } from "./phone-page.ts";
import { PhoneBook, type PhonePatch } from "./phones.ts";
import { PromptDesk } from "./prompts.ts";
import { qrCode } from "./qr-code.ts";
import { Scheduler } from "./scheduler.ts";
import { SimulatorEvents } from "./simulator-events.ts";
import { SpikeArrest } from "./spike-arrest.ts";
import { stkPush } from "./stk-push.ts";
import { stkQuery } from "./stk-query.ts";
import { patched } from "./patch.ts";
import { defaultTimings, timingsPatchSchema, type TimingsPatch } from "./timings.ts";

export interface DarajaSimulatorOptions {
  /** Default 0: any free port. */
  port?: number;
  /** Default 127.0.0.1. The control API has no password: listen only on networks that you trust. */
  host?: string;
  /** Default: Safaricom's public sandbox shortcode, with this simulator's own key and secret. */
  accounts?: AccountInput[];
  timings?: TimingsPatch;
  faults?: FaultsPatch;
  /** Overrides of a phone's defaults: PIN 1234, KES 100,000, online, answered by a person. */
  phoneDefaults?: PhonePatch;
  /** Makes every id and receipt repeatable. Default: random. */
  seed?: number;
  /** UTC milliseconds. Default `Date.now`. Timers always run in real time. */
  now?: () => number;
}

export interface DarajaSimulator {
  /** The base of Daraja's paths: the service's MPESA_BASE_URL. */
  url: string;
  /** The page that asks for a number; `/phone/2547…` is that number's phone. */
  phonePageUrl: string;
  /** The certificate for SecurityCredentials: X.509, PEM. The same as `control.certificate`. */
  certificate: string;
  control: Control;
  /** The same as `control.ledger`. */
  readonly ledger: Control["ledger"];
  /** Ends everything: listening, streams, timers, deliveries, waits. */
  stop(): Promise<void>;
}

/** @throws the listening socket's error, EADDRINUSE among them. */
export async function startDarajaSimulator(options: DarajaSimulatorOptions = {}): Promise<DarajaSimulator> {
  const { port = 0, host = "127.0.0.1" } = options;
  const simulator = build(options);
  const server = createServer(simulator.app);
  server.listen(port, host);
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The simulator listens on no port.");
  let stopped: Promise<void> | undefined;
  const stop = async () => {
    const closed = once(server, "close");
    server.close();
    await simulator.stop();
    server.closeAllConnections();
    await closed;
  };
  const url = `http://${host.includes(":") ? `[${host}]` : host}:${address.port}`;

  return {
    url,
    phonePageUrl: `${url}/phone`,
    certificate,
    control: simulator.control,
    get ledger() {
      return simulator.control.ledger;
    },
    stop: () => (stopped ??= stop()),
  };
}

function build({ accounts: accountInputs = [sandboxAccount], timings: timingsPatch = {}, ...options }: DarajaSimulatorOptions) {
  const now = options.now ?? Date.now;
  const startTimings = patched(defaultTimings, timingsPatchSchema.parse(timingsPatch));
  const timings = () => control.timings;
  const accounts = new Accounts();
  for (const account of accountInputs) accounts.add(account);

  const ids = new Ids(options.seed === undefined ? Math.random : seededRandom(options.seed));
  const scheduler = new Scheduler();
  const events = new SimulatorEvents(scheduler);
  const faults = new FaultBook(options.faults ?? {}, events);
  const phones = new PhoneBook(options.phoneDefaults ?? {}, events);
  const ledger = new Ledger();
  const spikeArrest = new SpikeArrest();
  const callbackSender = new CallbackSender({ scheduler, events, now });
  const tokens = new TokenDesk({ accounts, faults, timings, now, ids });
  const c2b = new C2bDesk({ accounts, timings, now, faults, phones, ledger, callbackSender, events, scheduler, ids });
  const prompts = new PromptDesk({ timings, now, faults, phones, ledger, callbackSender, c2b, events, scheduler, ids });
  const conversations = new ConversationDesk({ timings, now, faults, phones, ledger, callbackSender, events, ids });
  const control = new Control({
    accounts,
    tokens,
    faults,
    phones,
    prompts,
    c2b,
    conversations,
    ledger,
    callbackSender,
    events,
    scheduler,
    spikeArrest,
    startTimings,
  });
  const streams = new EventStreams();

  const app = bareApp();
  app.use("/control", controlRoutes(control, streams));
  app.use(phonePage());
  app.use(tokens.router);
  app.use(express.json());
  app.post(
    "/mpesa/stkpush/v1/processrequest",
    stkPush({ accounts, tokens, faults, prompts, callbackSender, events, scheduler, timings, ids }),
  );
  app.post("/mpesa/stkpushquery/v1/query", stkQuery({ accounts, tokens, faults, prompts, spikeArrest, timings, now, ids }));
  const asked = { accounts, tokens, faults, conversations, ledger, callbackSender, events, timings, ids };
  app.post("/mpesa/transactionstatus/v1/query", conversationRoute(asked, readStatusQuery));
  app.post("/mpesa/reversal/v1/request", conversationRoute(asked, readReversal));
  app.post("/mpesa/qrcode/v1/generate", qrCode({ tokens, ids }));
  for (const version of ["v1", "v2"] as const)
    app.post(`/mpesa/c2b/${version}/registerurl`, registerC2bUrls({ tokens, c2b, ids }, version));
  app.all(
    [
      "/mpesa/stkpush/v1/processrequest",
      "/mpesa/stkpushquery/v1/query",
      "/mpesa/transactionstatus/v1/query",
      "/mpesa/reversal/v1/request",
      "/mpesa/qrcode/v1/generate",
      "/mpesa/c2b/:version/registerurl",
    ],
    refuseMethod,
  );
  app.use(refusePath);
  app.use(answerRefusals(ids));

  const stop = async () => {
    events.stop();
    scheduler.clear();
    streams.stop();
    await callbackSender.stop();
  };
  return { app, control, stop };
}

function bareApp(): Express {
  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");
  return app;
}
