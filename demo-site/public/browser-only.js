// Book and pay without a server of your own: two calls from the page, with your publishable key (pk_…).
// The price comes from your price list at the service; this page cannot change it.
const { service, siteKey } = document.querySelector("#browser-only").dataset;
const form = document.querySelector("#booking");
const problem = document.querySelector("#problem");

async function call(path, init = {}) {
  const response = await fetch(service + path, { ...init, headers: { "X-Site-Key": siteKey, ...init.headers } });
  const body = await response.json();
  if (!response.ok) throw new Error(body.detail);
  return body;
}

function say(error) {
  problem.textContent = error instanceof TypeError ? "The payment service cannot be reached. Please try again." : error.message;
}

// 1. The price list.
call("/api/session-types")
  .then((types) => {
    form.sessionType.replaceChildren(
      ...types.map(({ code, name, amount }) => new Option(`${name} · KES ${amount.toLocaleString("en-KE")}`, code)),
    );
  })
  .catch(say);

// 2. The booking. With the same key, a second press or a retry gives the same booking. The key changes with the input.
const keys = new Map();
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  problem.textContent = "";
  const body = JSON.stringify(Object.fromEntries(new FormData(form)));
  if (!keys.has(body)) keys.set(body, crypto.randomUUID());
  try {
    const headers = { "Content-Type": "application/json", "Idempotency-Key": keys.get(body) };
    const booking = await call("/api/bookings", { method: "POST", headers, body });
    // 3. The payment: the element does the rest.
    showPayment(booking.bookingId);
  } catch (error) {
    say(error);
  }
});

function showPayment(bookingId) {
  const payment = document.createElement("somo-pay");
  payment.setAttribute("booking-id", bookingId);
  payment.setAttribute("merchant", "Amani Tutors");
  // For display only: before you deliver what was paid for, check GET /api/booking/:bookingId.
  payment.addEventListener("payment-confirmed", ({ detail }) => console.info(`Paid: ${detail.reference}, receipt ${detail.receipt}`));
  document.querySelector("#payment").replaceChildren(payment);
  payment.scrollIntoView({ block: "center" });
}
