/** Keys that mean something outside a field: they leave dialogs, move the focus, or belong to the browser. */
const isPagesKey = ({ key, ctrlKey, metaKey, altKey }: KeyboardEvent) => key === "Escape" || key === "Tab" || ctrlKey || metaKey || altKey;

/**
 * What is typed into the element's fields stays there. Outside the shadow root the target of such an event is the element, which a page's keyboard
 * shortcuts do not take for a field. What is typed into the page's own contents of a slot is the page's.
 */
export function keepOwnKeys(root: HTMLElement | DocumentFragment): void {
  for (const type of ["keydown", "keypress", "keyup"] as const)
    root.addEventListener(type, (event) => {
      const isOwn = event.target instanceof Node && event.target.getRootNode() === root;
      if (isOwn && event instanceof KeyboardEvent && !isPagesKey(event)) event.stopPropagation();
    });
}
