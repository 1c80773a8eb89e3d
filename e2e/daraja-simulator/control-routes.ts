/** The control API: `Control` over HTTP, for other programs and for the phone page. JSON in and out; README.md lists it. */
import { json, Router, type ErrorRequestHandler, type Request } from "express";
import { z } from "zod";
import { accountSchema } from "./accounts.ts";
import { c2bPaymentSchema } from "./c2b.ts";
import { ControlError, type Control } from "./control.ts";
import type { EventStreams } from "./event-stream.ts";
import { faultsPatchSchema } from "./faults.ts";
import { phonePatchSchema, phoneSchema } from "./phones.ts";
import { timingsPatchSchema } from "./timings.ts";

const answerSchema = z.union([
  z.strictObject({ pin: z.string().max(12) }),
  z.strictObject({ action: z.literal("cancel") }),
  z.strictObject({ action: z.literal("pay") }).describe("Enters the phone's own PIN."),
]);
const nextFaultsSchema = z.strictObject({
  faults: faultsPatchSchema,
  phone: phoneSchema.optional(),
  request: z.enum(["status", "reversal"]).optional(),
  times: z.number().int().min(1).max(1_000).optional(),
});
const urlsSchema = z.strictObject({
  shortcode: z.string(),
  version: z.enum(["v1", "v2"]).default("v2"),
  responseType: z.enum(["Completed", "Cancelled"]).default("Completed"),
  confirmationUrl: z.url(),
  validationUrl: z.url(),
});
const WAIT_MAX_MS = 60_000;
const waitSchema = z.object({ timeoutMs: z.coerce.number().int().min(0).max(WAIT_MAX_MS).default(5_000) });

const phoneOf = (request: Request) => phoneSchema.parse(request.params["phone"]);

export function controlRoutes(control: Control, streams: EventStreams): Router {
  const router = Router();
  // `strict: false` lets a bare `null` through to the schema, which names the problem better.
  router.use(json({ strict: false }));
  settingsRoutes(router, control);
  phoneRoutes(router, control, streams);
  paymentRoutes(router, control);

  router.get("/deliveries", ({ query }, response) => {
    const id = query["checkoutRequestId"] ?? query["conversationId"];
    response.json(typeof id === "string" ? control.deliveriesOf(id) : control.deliveries);
  });
  router.get("/idle", async ({ query }, response) => {
    await control.waitForIdle(waitSchema.parse(query).timeoutMs);
    response.json({ idle: true });
  });
  router.post("/reset", (_request, response) => {
    control.reset();
    response.json({ reset: true });
  });
  router.get("/events", (request, response) => {
    const send = streams.begin(request, response, () => stopListening());
    const stopListening = control.listen(send);
  });
  router.use((request, response) => {
    response.status(404).json({ error: `There is no ${request.method} /control${request.path}. README.md lists the control API.` });
  });
  router.use(answerProblems);
  return router;
}

function settingsRoutes(router: Router, control: Control): void {
  router.get("/certificate", (_request, response) => void response.type("application/x-pem-file").send(control.certificate));
  router.get("/accounts", (_request, response) => void response.json(control.accounts));
  router.post("/accounts", ({ body }, response) => void response.status(201).json(control.addAccount(accountSchema.parse(body))));
  router.post("/tokens/expire", (_request, response) => {
    control.expireTokens();
    response.json({ expired: true });
  });

  router.get("/timings", (_request, response) => void response.json(control.timings));
  router.patch("/timings", ({ body }, response) => void response.json(control.setTimings(timingsPatchSchema.parse(body))));

  router.get("/faults", (_request, response) => void response.json(control.faults));
  router.patch("/faults", ({ body }, response) => {
    control.setFaults(faultsPatchSchema.parse(body));
    response.json(control.faults);
  });
  router.delete("/faults", (_request, response) => {
    control.resetFaults();
    response.json(control.faults);
  });
  router.post("/faults/next", ({ body }, response) => {
    const { faults, ...options } = nextFaultsSchema.parse(body);
    control.nextFaults(faults, options);
    response.status(201).json(control.faults);
  });
  router.put("/faults/phones/:phone", (request, response) => {
    control.setFaultsForPhone(phoneOf(request), faultsPatchSchema.parse(request.body));
    response.json(control.faults);
  });
  router.delete("/faults/phones/:phone", (request, response) => {
    control.clearFaultsForPhone(phoneOf(request));
    response.json(control.faults);
  });
}

function phoneRoutes(router: Router, control: Control, streams: EventStreams): void {
  router.get("/phone-defaults", (_request, response) => void response.json(control.phoneDefaults));
  router.patch("/phone-defaults", ({ body }, response) => {
    control.setPhoneDefaults(phonePatchSchema.parse(body));
    response.json(control.phoneDefaults);
  });
  router.get("/phones", (_request, response) => void response.json(control.phones));
  router.get("/phones/:phone", (request, response) => void response.json(control.phone(phoneOf(request))));
  router.patch("/phones/:phone", (request, response) => {
    response.json(control.setPhone(phoneOf(request), phonePatchSchema.parse(request.body)));
  });
  router.get("/phones/:phone/events", (request, response) => {
    const phone = phoneOf(request);
    const send = streams.begin(request, response, () => stopListening());
    const stopListening = control.listen((event) => {
      // These change nothing on the phone; `phone_changed` reports reversed money.
      if (event.type === "push_accepted" || event.type === "delivery" || event.type === "money_reversed") return;
      if (event.type === "reset" || ("phone" in event && event.phone === phone)) send(control.phone(phone));
    });
    send(control.phone(phone));
  });
}

function paymentRoutes(router: Router, control: Control): void {
  router.get("/prompts", ({ query }, response) => {
    response.json(query["phone"] === undefined ? control.prompts : control.openPrompts(phoneSchema.parse(query["phone"])));
  });
  router.get("/prompts/:checkoutRequestId", ({ params }, response) => {
    const prompt = control.prompt(params.checkoutRequestId);
    if (prompt === undefined) throw new ControlError(404, "There is no such prompt.");
    response.json(prompt);
  });
  router.post("/prompts/:checkoutRequestId/answer", ({ params, body }, response) => {
    const answer = answerSchema.parse(body);
    if ("pin" in answer) response.json(control.answer(params.checkoutRequestId, answer));
    else response.json(answer.action === "pay" ? control.pay(params.checkoutRequestId) : control.cancel(params.checkoutRequestId));
  });
  router.get("/ledger", (_request, response) => void response.json(control.ledger));
  router.get("/conversations", ({ query }, response) => {
    const transactionId = query["transactionId"];
    response.json(typeof transactionId === "string" ? control.conversationsAbout(transactionId) : control.conversations);
  });
  router.get("/c2b/urls", (_request, response) => void response.json(control.c2bUrls));
  router.post("/c2b/urls", ({ body }, response) => {
    control.registerC2bUrls(urlsSchema.parse(body));
    response.status(201).json(control.c2bUrls);
  });
  router.post("/c2b/payments", async ({ body }, response) => void response.json(await control.payByHand(c2bPaymentSchema.parse(body))));
}

const answerProblems: ErrorRequestHandler = (error: unknown, _request, response, next) => {
  if (response.headersSent) return next(error);
  if (error instanceof z.ZodError) {
    const issues = error.issues.map(({ path, message }) => ({ path: path.join("."), message }));
    const sentence = issues.map(({ path, message }) => (path === "" ? message : `${path}: ${message}`)).join("; ");
    return void response.status(400).json({ error: sentence, issues });
  }
  if (error instanceof ControlError) return void response.status(error.status).json({ error: error.message });
  if (error instanceof RangeError) return void response.status(400).json({ error: error.message });
  if (error instanceof SyntaxError) return void response.status(400).json({ error: "The body is not JSON." });
  response.status(500).json({ error: error instanceof Error ? error.message : String(error) });
};
