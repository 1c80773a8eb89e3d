import type { ReactiveController, ReactiveControllerHost } from "lit";

const ROOT = "/dashboard";

/** Where the app is: the path below `/dashboard`, and what stands after the `?`. Links are plain links; those inside the app load nothing. */
export class Router implements ReactiveController {
  path = "";
  query = new URLSearchParams();
  readonly #host: ReactiveControllerHost;

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
    this.#read();
  }

  hostConnected(): void {
    window.addEventListener("popstate", this.#onMove);
    document.addEventListener("click", this.#onClick);
  }

  hostDisconnected(): void {
    window.removeEventListener("popstate", this.#onMove);
    document.removeEventListener("click", this.#onClick);
  }

  /** @param path below `/dashboard`, with its query */
  go(path: string, { replace = false } = {}): void {
    history[replace ? "replaceState" : "pushState"](null, "", href(path));
    this.#onMove();
    if (!replace) window.scrollTo(0, 0);
  }

  /** The parts of the path that the pattern names, or null. `match("/bookings/:id")` */
  match(pattern: string): Record<string, string> | null {
    const names = pattern.split("/");
    const parts = this.path.split("/");
    if (names.length !== parts.length) return null;
    const found: Record<string, string> = {};
    for (const [index, name] of names.entries()) {
      const part = parts[index] ?? "";
      if (name.startsWith(":")) found[name.slice(1)] = decodeURIComponent(part);
      else if (name !== part) return null;
    }
    return found;
  }

  readonly #onMove = (): void => {
    this.#read();
    this.#host.requestUpdate();
  };

  readonly #onClick = (event: MouseEvent): void => {
    const link = event.composedPath().find((each) => each instanceof HTMLAnchorElement);
    const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey && !event.defaultPrevented;
    if (!link || !isPlain || link.target || link.hasAttribute("download") || link.origin !== location.origin) return;
    if (link.pathname !== ROOT && !link.pathname.startsWith(`${ROOT}/`)) return;
    event.preventDefault();
    this.go(link.pathname.slice(ROOT.length) + link.search);
  };

  #read(): void {
    this.path = location.pathname.slice(ROOT.length).replace(/\/$/, "");
    this.query = new URLSearchParams(location.search);
  }
}

/** The address of a path below `/dashboard`. */
export function href(path: string): string {
  return ROOT + path;
}
