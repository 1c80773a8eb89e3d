/** A small React app that takes a payment, as an owner would write it. react-bundle.ts bundles it. */
import { createElement, useState } from "react";
import { createRoot } from "react-dom/client";
import { SomoPay } from "@somopay/widget/react";

function LessonPage({ service, bookingId }: { service: string; bookingId: string }) {
  const [receipt, setReceipt] = useState("");
  const [status, setStatus] = useState("loading");
  const [lang, setLang] = useState("en");
  return createElement(
    "div",
    { className: "react-app" },
    createElement("h1", null, receipt ? `Thank you! ${receipt}` : "Your lesson"),
    createElement(
      "p",
      { className: "quiet" },
      `The widget shows: ${status} `,
      createElement(
        "button",
        { type: "button", className: "link", onClick: () => setLang(lang === "en" ? "sw" : "en") },
        "Change language",
      ),
    ),
    createElement(SomoPay, {
      service,
      bookingId,
      lang,
      merchant: "Amani Tutors",
      onSomopayStatus: ({ detail }) => setStatus(detail.status),
      onPaymentConfirmed: ({ detail }) => setReceipt(detail.receipt ?? detail.reference),
    }),
  );
}

const root = document.querySelector<HTMLElement>("#root");
if (root)
  createRoot(root).render(createElement(LessonPage, { service: root.dataset["service"] ?? "", bookingId: root.dataset["booking"] ?? "" }));
