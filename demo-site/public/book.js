// The form works without this. It shows the chosen time beside the fields, and brings a reader to what is wrong.
const chosen = document.querySelector("#chosen");
for (const choice of document.querySelectorAll("input[name=slot]")) {
  choice.addEventListener("change", () => {
    chosen.textContent = choice.dataset.text;
  });
}
// "Back" may restore the choice without telling anybody.
addEventListener("pageshow", () => {
  const kept = document.querySelector("input[name=slot]:checked");
  if (kept) chosen.textContent = kept.dataset.text;
});

const first = document.querySelector("input[name=slot]:checked") ?? document.querySelector("input[data-first]");
const weeks = document.querySelector(".weeks");
// On a phone the days are a strip: begin where there is something to choose.
if (first && weeks.scrollWidth > weeks.clientWidth) weeks.scrollLeft = first.closest(".day").offsetLeft - weeks.offsetLeft;

document.querySelector("#problems")?.focus();

const form = document.querySelector("form.book");
form.addEventListener("submit", () => {
  // A second press changes nothing (the form has an id of its own), but it should look like one.
  form.querySelector("button[type=submit]").setAttribute("aria-disabled", "true");
});
addEventListener("pageshow", () => form.querySelector("button[type=submit]").removeAttribute("aria-disabled"));
