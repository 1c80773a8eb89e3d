// Updates the page after the payment, and lists the element's events for developers.
const element = document.querySelector("somo-pay");
const done = document.querySelector("#done");
const events = document.querySelector("#events");

element.addEventListener("payment-confirmed", ({ detail }) => {
  // Money that comes too late is received, and books nothing; the element says so.
  if (detail.booking.booking_status !== "booked") return;
  for (const line of document.querySelectorAll("[data-booked]")) line.textContent = line.dataset.booked;
  document.title = `${document.querySelector("#title").textContent} · Amani Tutors`;
  // On a phone the parent is still at the simulated phone below.
  const { top, bottom } = element.getBoundingClientRect();
  if (bottom < 0 || top > innerHeight) element.scrollIntoView({ block: "start" });
  if (done.childElementCount === 0) done.append(document.querySelector("#done-text").content.cloneNode(true));
});

for (const type of ["somopay-status", "payment-confirmed", "payment-failed"]) {
  element.addEventListener(type, ({ detail }) => {
    const { status, previous, reason, receipt } = detail;
    const facts = Object.entries({ status, previous, reason, receipt }).filter(([, value]) => value !== undefined);
    const line = document.createElement("li");
    line.textContent = `${type} ${facts.map(([name, value]) => `${name}=${value}`).join(" ")}`;
    events.append(line);
  });
}
