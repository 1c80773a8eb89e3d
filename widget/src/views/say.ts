import { noChange } from "lit";
import { Directive, directive } from "lit/directive.js";

/** M-Pesa and account numbers break at no hyphen; their characters stay what people type and search for. Longer words may have to break. */
const WHOLE = /\b(\w{1,8}-\w{1,8})\b/;

/**
 * Puts a sentence into a template. Browsers that translate a page replace its text nodes, and Lit would go on writing into those that it made: so
 * another sentence gets nodes of its own, and the same one keeps what has become of it.
 */
class Say extends Directive {
  #said: string | undefined;

  /** `strong`: a piece of the sentence that stands out. */
  override render(sentence: string, strong?: string): unknown {
    if (sentence === this.#said) return noChange;
    this.#said = sentence;
    const nodes = document.createDocumentFragment();
    (strong ? sentence.split(strong) : [sentence]).forEach((piece, at) => {
      if (at) nodes.append(whole("strong", strong));
      // Every second piece is what was looked for.
      piece.split(WHOLE).forEach((words, index) => nodes.append(index % 2 ? whole("span", words) : words));
    });
    return nodes;
  }
}

function whole(tag: "span" | "strong", words = ""): HTMLElement {
  const element = document.createElement(tag);
  element.className = "whole";
  element.textContent = words;
  return element;
}

export const say = directive(Say);
