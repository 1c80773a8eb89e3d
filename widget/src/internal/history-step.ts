/**
 * One step of the browser's history that "back" undoes, without the page's router taking part. Routers such as Turbo's and htmx's fetch a page again
 * when the history comes to an entry with their own state in it. So the entry below the step, to which "back" leads, gets a state that no router knows,
 * and its own one again once it is reached. The step itself has the page's state: a page that goes on from there, and back again, finds it.
 */
const MARK = "somopay";
const STEP = "step";
/** Routers look at the state with the event, or a moment later (htmx 4). */
const GIVE_BACK_AFTER_MS = 100;

/** The state of the entry below a step. */
interface Below {
  readonly [MARK]: { readonly page: unknown };
}

function markOf(state: unknown): unknown {
  return typeof state === "object" && state !== null && MARK in state ? state[MARK] : undefined;
}
const isBelow = (state: unknown): state is Below => typeof markOf(state) === "object";

export const isOnStep = (): boolean => markOf(history.state) === STEP;

/** Makes the step, which is there already after a reload. */
export function makeStep(): void {
  addEventListener("popstate", giveBackState);
  if (isOnStep()) return;
  const state: unknown = history.state;
  const page: unknown = isBelow(state) ? state[MARK].page : state;
  history.replaceState({ [MARK]: { page } } satisfies Below, "");
  history.pushState({ ...(page as object | null), [MARK]: STEP }, "");
}

/** Goes back below the step. */
export function undoStep(): void {
  if (!isOnStep()) return;
  // "Forward" leads here, and must not mean anything to a router either.
  history.replaceState({ [MARK]: { page: withoutMark(history.state) } } satisfies Below, "");
  history.back();
}

/** Leaves the step to the page, which may be on its way to another page. */
export function leaveStep(): void {
  if (isOnStep()) history.replaceState(withoutMark(history.state), "");
}

/** The page's own state stands in the history again once its entry is reached. */
function giveBackState(): void {
  setTimeout(() => {
    const state: unknown = history.state;
    if (isBelow(state)) history.replaceState(state[MARK].page, "");
  }, GIVE_BACK_AFTER_MS);
}

function withoutMark(state: unknown): unknown {
  const rest = Object.entries(state ?? {}).filter(([key]) => key !== MARK);
  return rest.length > 0 ? Object.fromEntries(rest) : null;
}
