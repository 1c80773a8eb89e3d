/** One practice phone: shows what the simulator says of it, and hands back what a person does. It decides nothing itself. */
import { clockTime, dayName, localNumber, money } from "./numbers.js";

const msisdn = location.pathname.split("/").at(-1);
/** As many messages as the home screen has room for. */
const NEWEST_SHOWN = 2;
const CLOCK_EVERY_MS = 5_000;

const byId = (id) => document.getElementById(id);
const phoneElement = byId("phone");
const pinField = byId("prompt-pin");
let shown = null;
let promptId = null;

async function control(method, path, body) {
  const call = { method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  const answer = await fetch(`/control${path}`, call);
  const result = await answer.json();
  if (!answer.ok) throw new Error(result.error);
  return result;
}

const setPhone = (patch) => control("PATCH", `/phones/${msisdn}`, patch);

// What the simulator says

function render(phone) {
  const before = shown;
  shown = phone;
  phoneElement.classList.toggle("offline", !phone.online);
  byId("network").textContent = phone.online ? "Safaricom" : "No signal";
  byId("balance").textContent = money(phone.balanceKes);
  byId("own-number").textContent = localNumber(phone.phone);
  byId("pin-locked-notice").hidden = !phone.pinLocked;
  byId("offline-notice").hidden = phone.online;
  renderMessages(phone.messages, before?.messages[0]?.id ?? null, before !== null);
  renderSettings(phone);
  renderPrompt(phone);
}

function renderMessages(messages, newestBefore, announce) {
  byId("newest-messages").replaceChildren(...messages.slice(0, NEWEST_SHOWN).map(messageItem));
  byId("all-messages").replaceChildren(...messages.map(messageItem));
  byId("nothing-yet").hidden = messages.length > 0;
  byId("no-messages").hidden = messages.length > 0;
  const newest = messages[0];
  if (announce && newest !== undefined && newest.id !== newestBefore) {
    say(`Message from MPESA: ${newest.text}`);
    buzz();
  }
}

function messageItem({ at, text }) {
  const item = document.createElement("li");
  item.className = "message";
  const head = document.createElement("p");
  head.className = "message-head";
  const sender = document.createElement("b");
  sender.textContent = "MPESA";
  const time = document.createElement("time");
  time.dateTime = new Date(at).toISOString();
  time.textContent = clockTime(at);
  head.append(sender, time);
  const body = document.createElement("p");
  body.textContent = text;
  item.append(head, body);
  return item;
}

function renderSettings(phone) {
  byId("online").setAttribute("aria-checked", String(phone.online));
  byId("pin-shown").textContent = phone.pin;
  byId("unlock").hidden = !phone.pinLocked;
  byId("pin-state").hidden = phone.pinLocked;
  byId("pin-state").textContent = phone.wrongPinTries === 0 ? "" : `${phone.wrongPinTries} wrong, locks at 3`;
  byId("settings-balance").textContent = money(phone.balanceKes);
  const rule = byId("rule");
  const { action } = phone.rule;
  // A rule that only the control API can set, such as `fail`, is shown as it is.
  if (![...rule.options].some(({ value }) => value === action)) rule.add(new Option(action, action));
  rule.value = action;
}

function renderPrompt({ prompts, pin, rule }) {
  const [prompt, ...others] = rule.action === "by_hand" ? prompts : [];
  byId("prompt-layer").hidden = prompt === undefined;
  byId("behind").inert = prompt !== undefined;
  byId("prompt-hint-pin").textContent = pin;
  byId("prompt-more").textContent = others.length === 0 ? "" : ` · ${others.length} more after this one`;
  if (prompt?.checkoutRequestId === promptId) return;
  promptId = prompt?.checkoutRequestId ?? null;
  pinField.value = "";
  setBusy(false);
  if (prompt === undefined) return;
  byId("prompt-text").textContent = prompt.text;
  say(prompt.text);
  buzz();
  // Never take the keyboard from somebody who is typing in the shop beside this phone.
  if (document.hasFocus()) pinField.focus();
}

function say(text) {
  byId("announcer").textContent = text;
}

function buzz() {
  phoneElement.classList.add("arrived");
}

phoneElement.addEventListener("animationend", () => phoneElement.classList.remove("arrived"));

// What a person does

function setBusy(busy) {
  byId("prompt-ok").disabled = busy;
  byId("prompt-cancel").disabled = busy;
}

async function answerPrompt(answer) {
  if (promptId === null) return;
  setBusy(true);
  try {
    await control("POST", `/prompts/${encodeURIComponent(promptId)}/answer`, answer);
  } catch (error) {
    say(error.message);
    setBusy(false);
  }
}

byId("prompt").addEventListener("submit", (event) => {
  event.preventDefault();
  if (pinField.value === "") pinField.focus();
  else answerPrompt({ pin: pinField.value });
});
byId("prompt-cancel").addEventListener("click", () => answerPrompt({ action: "cancel" }));
byId("prompt-layer").addEventListener("keydown", (event) => {
  if (event.key === "Escape") answerPrompt({ action: "cancel" });
  if (event.key === "Tab") keepFocusInside(event);
});

function keepFocusInside(event) {
  const stops = [...byId("prompt-layer").querySelectorAll("input, button:not(:disabled)")];
  const edge = event.shiftKey ? stops[0] : stops.at(-1);
  if (document.activeElement !== edge) return;
  event.preventDefault();
  (event.shiftKey ? stops.at(-1) : stops[0]).focus();
}

for (const key of ["1", "2", "3", "4", "5", "6", "7", "8", "9", "Delete", "0", "OK"]) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = key === "Delete" ? "⌫" : key;
  if (key === "Delete") button.setAttribute("aria-label", "Delete");
  button.addEventListener("click", () => {
    if (key === "OK") byId("prompt").requestSubmit();
    else pinField.value = key === "Delete" ? pinField.value.slice(0, -1) : (pinField.value + key).slice(0, pinField.maxLength);
  });
  byId("keypad").append(button);
}

for (const field of document.querySelectorAll(".pin")) {
  field.addEventListener("input", () => (field.value = field.value.replace(/\D/g, "")));
}

const dockButtons = [...document.querySelectorAll("[data-opens]")];

function openView(name) {
  for (const view of document.querySelectorAll(".view")) view.hidden = view.dataset.name !== name;
  for (const button of dockButtons) button.setAttribute("aria-pressed", String(button.dataset.opens === name));
}

for (const button of dockButtons) button.addEventListener("click", () => openView(button.dataset.opens));

byId("online").addEventListener("click", () => setPhone({ online: !shown.online }));
byId("unlock").addEventListener("click", () => setPhone({ pinLocked: false }));
byId("top-up").addEventListener("click", () => setPhone({ balanceKes: shown.balanceKes + 1_000 }));
byId("rule").addEventListener("change", (event) => setPhone({ rule: { action: event.target.value } }));

const payForm = byId("pay-form");
payForm.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { payTo, accountNumber, amountKes, pin } = Object.fromEntries(new FormData(payForm));
  const problem = byId("pay-problem");
  problem.textContent = "";
  try {
    const payment = { phone: msisdn, payTo: payTo.trim(), accountNumber: accountNumber.trim(), amountKes: Number(amountKes), pin };
    const outcome = await control("POST", "/c2b/payments", payment);
    payForm.elements.pin.value = "";
    if (outcome.status === "paid") openView("home");
    else problem.textContent = `${outcome.reason} No money was taken.`;
  } catch (error) {
    problem.textContent = error.message;
  }
});

/** A shop may open this page with its numbers filled in: ?payTo=174379&account=7K3MWQX2&amount=1500 */
function fillPayForm(query) {
  if (!query.has("payTo")) return;
  payForm.elements.payTo.value = query.get("payTo");
  payForm.elements.accountNumber.value = query.get("account") ?? "";
  payForm.elements.amountKes.value = query.get("amount") ?? "";
  openView("pay");
}

function tick() {
  const now = Date.now();
  byId("status-time").textContent = clockTime(now);
  byId("home-time").textContent = clockTime(now);
  byId("home-day").textContent = dayName(now);
}

document.title = `Practice phone ${localNumber(msisdn)}`;
tick();
setInterval(tick, CLOCK_EVERY_MS);
fillPayForm(new URLSearchParams(location.search));

const stream = new EventSource(`/control/phones/${msisdn}/events`);
stream.addEventListener("message", ({ data }) => render(JSON.parse(data)));
stream.addEventListener("open", () => (byId("connection").hidden = true));
stream.addEventListener("error", () => {
  byId("connection").hidden = false;
  byId("connection").textContent = stream.readyState === EventSource.CLOSED ? "There is no such phone." : "Reconnecting…";
});
