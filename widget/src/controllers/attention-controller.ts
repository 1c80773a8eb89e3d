import type { ReactiveController, ReactiveControllerHost } from "lit";

interface AttentionHost extends ReactiveControllerHost {
  readonly shadowRoot: ShadowRoot | null;
}

const WRONG_FIELD = "[aria-invalid]";
/** The heading is described by the others. */
const SCREEN_IN_WORDS = "#fact, #title, #text";

/** Moves the focus and speaks to those who do not see the screen: each change is said once, by what takes the focus or by the live region. */
export class AttentionController implements ReactiveController {
  private readonly host: AttentionHost;
  /** What to say of a screen whose own words do not say it. */
  private readonly screenInWords: () => string | undefined;
  private saysScreen = false;
  private focusNext = "";

  constructor(host: AttentionHost, screenInWords: () => string | undefined) {
    this.host = host;
    this.screenInWords = screenInWords;
    host.addController(this);
  }

  /** The parent is working in the element. */
  get isHere(): boolean {
    return Boolean(this.host.shadowRoot?.activeElement);
  }

  /** With the next update the focus goes there. */
  focus(selector: string): void {
    this.focusNext = selector;
  }

  /** With the next update the focus goes to the first field that is wrong. If it is there already, what is wrong is said. */
  focusWrongField(): void {
    this.focusNext = WRONG_FIELD;
  }

  /** With the next update the screen is said. */
  sayScreen(): void {
    this.saysScreen = true;
  }

  /** Says a sentence now. */
  say(sentence: string): void {
    const region = this.host.shadowRoot?.querySelector("#said");
    if (region) region.textContent = sentence;
  }

  hostUpdated(): void {
    const root = this.host.shadowRoot;
    const target = this.focusNext && root?.querySelector<HTMLElement>(this.focusNext);
    // What takes the focus is read out by that, and saying it twice would be noise; what has it already is not.
    const moves = target && target !== root?.activeElement;
    if (this.saysScreen) this.say(moves ? "" : (this.screenInWords() ?? this.textOf(SCREEN_IN_WORDS)));
    else if (target && !moves) this.say(root?.querySelector("[part=error]")?.textContent?.trim() ?? "");
    this.saysScreen = false;
    this.focusNext = "";
    if (moves) target.focus();
  }

  private textOf(selector: string): string {
    return [...(this.host.shadowRoot?.querySelectorAll(selector) ?? [])].map(({ textContent }) => textContent).join(". ");
  }
}
