/**
 * One step of the browser's history that "back" undoes, without the page's router taking part. Routers fetch a page again when the history comes to an
 * entry with a state of theirs (Turbo, htmx) or with any state (Astro). So the entry below the step, to which "back" leads, has none until it is
 * reached, and then its own one again. The step itself has the page's state: a page that goes on from there, and back again, finds it.
 */
const MARK = "somopay";
/** Routers look at the state with the event, or a moment later (htmx 4). */
const GIVE_BACK_AFTER_MS = 100;

/** Where the step was made, and the state that the page has there. */
const page: { href: string; state: unknown } = { href: "", state: null };

export function isOnStep(): boolean {
  const state: unknown = history.state;
  return typeof state === "object" && state !== null && MARK in state;
}

/** Makes the step, which is there already after a reload. */
export function makeStep(): void {
  addEventListener("popstate", giveBackSoon);
  const onStep = isOnStep();
  // The step before this one may have been undone just now.
  if (!onStep) giveBackState();
  page.href = location.href;
  page.state = onStep ? withoutMark(history.state) : history.state;
  if (onStep) return;
  history.replaceState(null, "");
  history.pushState({ ...(page.state as object | null), [MARK]: true }, "");
}

/** Goes back below the step. */
export function undoStep(): void {
  if (!isOnStep()) return;
  // "Forward" leads here, and must not mean anything to a router either.
  history.replaceState(null, "");
  history.back();
}

/** Leaves the step to the page, which may be on its way to another page. */
export function leaveStep(): void {
  if (isOnStep()) history.replaceState(withoutMark(history.state), "");
}

const giveBackSoon = () => setTimeout(giveBackState, GIVE_BACK_AFTER_MS);

/** The page's own state stands in the history again. */
function giveBackState(): void {
  if (history.state === null && location.href === page.href) history.replaceState(page.state, "");
}

function withoutMark(state: unknown): unknown {
  const rest = Object.entries(state ?? {}).filter(([key]) => key !== MARK);
  return rest.length > 0 ? Object.fromEntries(rest) : null;
}
