// Screens that only a parent's own step leads to. Each element says in data-step what is to be done with it, and in data-typed what is typed.
// Runs before the element is defined: it hears of the first screen.
const ANOTHER_WAY = ["Pay another way", "Lipa kwa njia nyingine"];

document.addEventListener("somopay-status", ({ target, detail }) => {
  if (target.dataset.step) void takeStep(target, detail.status);
});

async function takeStep(element, status) {
  const { step, typed } = element.dataset;
  await element.updateComplete;
  if (step === "pay-manually" && status !== "manual" && status !== "loading") (await found(element, anotherWay)).click();
  if (step === "pay" && status === "ready") {
    const field = element.shadowRoot.querySelector("input");
    field.value = typed;
    field.dispatchEvent(new InputEvent("input", { bubbles: true }));
    void element.pay();
  }
  if (step === "send-details" && status === "details") {
    const form = await found(element, ({ shadowRoot }) => shadowRoot.querySelector("form"));
    form.requestSubmit();
    holdScroll(60);
  }
}

/**
 * The first wrong field takes the focus, but nobody who opens a page of screens wants to be taken there. A field for a date takes the page along even if
 * it is told not to, and browsers differ in when.
 */
function holdScroll(frames, top = scrollY) {
  scrollTo({ top, behavior: "instant" });
  if (frames > 0) requestAnimationFrame(() => holdScroll(frames - 1, top));
}

const anotherWay = ({ shadowRoot }) =>
  [...shadowRoot.querySelectorAll("button")].find(({ textContent }) => ANOTHER_WAY.includes(textContent.trim()));

/** What is looked for may be fetched after the screen is there. */
function found(element, find) {
  return new Promise((resolve) => {
    const look = () => {
      const result = find(element);
      if (result) {
        watch.disconnect();
        resolve(result);
      }
    };
    const watch = new MutationObserver(look);
    watch.observe(element.shadowRoot, { childList: true, subtree: true });
    look();
  });
}
