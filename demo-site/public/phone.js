// The simulated phone beside the payment: changes its number without a reload, and shows it on narrow screens.
const panel = document.querySelector("#phone-panel");
const toggle = document.querySelector("#phone-toggle");

if (panel) {
  const frame = document.querySelector("#phone-frame");
  const form = document.querySelector("#phone-form");
  const text = document.querySelector("#phone-text");
  const field = document.querySelector("#phone-number");

  form.addEventListener("submit", (event) => {
    const digits = /^(?:\+?254|0)?([17]\d{8})$/.exec(field.value.replace(/[\s()-]/g, ""))?.[1];
    // An invalid number goes to the server, which answers with the default phone.
    if (!digits) return;
    event.preventDefault();
    const shown = `0${digits.slice(0, 3)} ${digits.slice(3, 6)} ${digits.slice(6)}`;
    field.value = shown;
    frame.src = `${frame.dataset.base}/254${digits}`;
    frame.title = frame.dataset.title.replace("{phone}", shown);
    text.textContent = text.dataset.text.replace("{phone}", shown);
  });

  const show = (isShown) => {
    panel.classList.toggle("folded", !isShown);
    toggle.setAttribute("aria-expanded", String(isShown));
    toggle.textContent = isShown ? toggle.dataset.hide : toggle.dataset.show;
  };
  toggle.hidden = false;
  show(false);
  // Keeps the button visible while the prompt waits.
  document.addEventListener("somopay-status", ({ detail }) => toggle.classList.toggle("needed", detail.status === "prompted"));
  toggle.addEventListener("click", () => {
    const isShown = panel.classList.contains("folded");
    show(isShown);
    if (isShown) (toggle.classList.contains("needed") ? frame : panel).scrollIntoView({ block: "start" });
  });
}
