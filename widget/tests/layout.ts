/** Looks at how the screens lie: what is cut off, what lies upon something else, what cannot be reached. */
import type { Page } from "playwright";

/** A letter's box is higher than its line, and two lines' boxes may touch. */
const OVERLAP_PX = 4;

/**
 * Every word that sticks out of its card or its button, every two sentences that lie upon each other, and every control that something else
 * covers when it is scrolled to; and every element that shows nothing. A sound page has none.
 */
export function faultsOfLayout(page: Page): Promise<string[]> {
  return page.evaluate((overlapPx) => {
    const faults: string[] = [];
    const isShown = (element: Element) => element.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true });
    const isInside = (inner: DOMRect, outer: DOMRect) =>
      inner.left >= outer.left - 1 && inner.right <= outer.right + 1 && inner.top >= outer.top - 1 && inner.bottom <= outer.bottom + 1;

    const linesIn = (card: Element) => {
      const lines: { text: string; rect: DOMRect; within: Element }[] = [];
      const walker = document.createTreeWalker(card, NodeFilter.SHOW_TEXT);
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const parent = node.parentElement;
        // What only screen readers meet is one pixel large.
        if (!parent || !node.textContent?.trim() || !isShown(parent) || parent.closest(".unseen")) continue;
        const range = document.createRange();
        range.selectNodeContents(node);
        for (const rect of range.getClientRects())
          if (rect.width > 1) lines.push({ text: node.textContent.trim(), rect, within: parent.closest("button, a, summary") ?? card });
      }
      return lines;
    };

    for (const host of document.querySelectorAll("somo-pay")) {
      const root = host.shadowRoot;
      const name = host.getAttribute("booking-id") ?? host.previousElementSibling?.textContent ?? "";
      const card = root?.querySelector("[part=card]") ?? root?.querySelector("[part=trigger]");
      // A card on its way to another height is not looked at.
      for (const change of card?.getAnimations() ?? []) change.finish();
      if (!root || !card || card.getBoundingClientRect().height === 0) {
        faults.push(`${name}: nothing is shown`);
        continue;
      }
      const lines = linesIn(card);
      for (const { text, rect, within } of lines) {
        if (!isInside(rect, within.getBoundingClientRect())) faults.push(`${name}: cut "${text}"`);
      }
      lines.forEach(({ text, rect }, at) => {
        for (const other of lines.slice(at + 1)) {
          const across = Math.min(rect.right, other.rect.right) - Math.max(rect.left, other.rect.left);
          const down = Math.min(rect.bottom, other.rect.bottom) - Math.max(rect.top, other.rect.top);
          if (across > 1 && down > overlapPx) faults.push(`${name}: "${text}" lies upon "${other.text}"`);
        }
      });
      // What is behind an open dialog is meant to be covered.
      const reachable = root.querySelector("dialog[open]") ?? root;
      for (const control of reachable.querySelectorAll<HTMLElement>("button, input, select, summary, a")) {
        if (!isShown(control)) continue;
        if (control instanceof HTMLInputElement && control.scrollWidth > control.clientWidth)
          faults.push(`${name}: cut "${control.value}"`);
        control.scrollIntoView({ block: "center", behavior: "instant" });
        const { left, top, width, height } = control.getBoundingClientRect();
        const hit = root.elementFromPoint(left + width / 2, top + height / 2);
        if (!hit || !(control.contains(hit) || hit.contains(control.querySelector("slot"))))
          faults.push(`${name}: covered "${control.textContent?.trim() || control.id}"`);
      }
    }
    if (document.documentElement.scrollWidth > innerWidth)
      faults.push(`the page scrolls sideways: ${document.documentElement.scrollWidth}`);
    return faults;
  }, OVERLAP_PX);
}
