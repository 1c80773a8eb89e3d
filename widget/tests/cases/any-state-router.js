// A router that takes every entry of the history with a state for one of its own and fetches its page again, as Astro's does (7.3.5).
history.replaceState({ index: 0 }, "");

addEventListener("popstate", ({ state }) => {
  if (state !== null) void show(location.href);
});

addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (!link) return;
  event.preventDefault();
  history.pushState({ index: history.state.index + 1 }, "", link.href);
  void show(link.href);
});

async function show(address) {
  const answer = await fetch(address);
  const { body } = new DOMParser().parseFromString(await answer.text(), "text/html");
  document.body.replaceWith(body);
  // A parser's scripts do not run.
  for (const { textContent } of body.querySelectorAll("script"))
    body.append(Object.assign(document.createElement("script"), { textContent }));
}
