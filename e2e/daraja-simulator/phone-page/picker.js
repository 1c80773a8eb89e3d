import { localNumber, money, readNumber } from "./numbers.js";

/** The sandbox's own test number, offered while no phone is in use. */
const SANDBOX_PHONE = "254708374149";

const form = document.getElementById("picker-form");
const input = document.getElementById("number");
const problem = document.getElementById("number-problem");

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const msisdn = readNumber(input.value);
  if (msisdn !== null) {
    location.assign(`/phone/${msisdn}`);
    return;
  }
  problem.textContent = "Enter a number like 0708 374 149.";
  input.setAttribute("aria-invalid", "true");
  input.focus();
});

function entry(msisdn, note) {
  const item = document.createElement("li");
  const link = document.createElement("a");
  link.href = `/phone/${msisdn}`;
  const number = document.createElement("span");
  number.className = "known-number";
  number.textContent = localNumber(msisdn);
  const detail = document.createElement("span");
  detail.className = "known-note";
  detail.textContent = note;
  link.append(number, detail);
  item.append(link);
  return item;
}

const answer = await fetch("/control/phones");
const phones = await answer.json();
const entries = phones.map(({ phone, balanceKes, online }) => entry(phone, online ? money(balanceKes) : "No signal"));
document.getElementById("known").replaceChildren(...(entries.length > 0 ? entries : [entry(SANDBOX_PHONE, "Sandbox number")]));
