// The form works without this script. It shows the chosen time beside the fields, and moves the focus to the first problem.
const chosen = document.querySelector("#chosen");
for (const choice of document.querySelectorAll("input[name=slot]")) {
  choice.addEventListener("change", () => {
    chosen.textContent = choice.dataset.text;
  });
}
// "Back" may restore the choice without an event.
addEventListener("pageshow", () => {
  const kept = document.querySelector("input[name=slot]:checked");
  if (kept) chosen.textContent = kept.dataset.text;
});

const first = document.querySelector("input[name=slot]:checked") ?? document.querySelector("input[data-first]");
const weeks = document.querySelector(".weeks");
// On a phone the days scroll sideways: start at the first day with a free time.
if (first && weeks.scrollWidth > weeks.clientWidth) weeks.scrollLeft = first.closest(".day").offsetLeft - weeks.offsetLeft;

document.querySelector("#problems")?.focus();

const form = document.querySelector("form.book");
form.addEventListener("submit", () => {
  // A second press is harmless (the form has its own id), but it should look like one.
  form.querySelector("button[type=submit]").setAttribute("aria-disabled", "true");
});
addEventListener("pageshow", () => form.querySelector("button[type=submit]").removeAttribute("aria-disabled"));
