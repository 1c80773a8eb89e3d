import { noChange } from "lit";
import { Directive, directive } from "lit/directive.js";

/** Breaks at no hyphen; its characters stay what people type and search for. */
const WHOLE = "M-Pesa";

/**
 * Puts a sentence into a template. Browsers that translate a page replace its text nodes, and Lit would go on writing into those that it made: so
 * another sentence gets nodes of its own, and the same one keeps what has become of it.
 */
class Say extends Directive {
  #said: string | undefined;

  /** `strong`: a piece of the sentence that stands out. */
  override render(sentence: string, strong = WHOLE): unknown {
    if (sentence === this.#said) return noChange;
    this.#said = sentence;
    const nodes = document.createDocumentFragment();
    sentence.split(strong).forEach((piece, at) => {
      if (at) nodes.append(whole(strong));
      nodes.append(piece);
    });
    return nodes;
  }
}

function whole(words: string): HTMLElement {
  const element = document.createElement(words === WHOLE ? "span" : "strong");
  element.className = "whole";
  element.textContent = words;
  return element;
}

export const say = directive(Say);
