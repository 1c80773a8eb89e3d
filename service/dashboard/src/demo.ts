/** The address of the demo's owner, as the demo's service alone says in the page; null elsewhere. */
export function demoOwner(): string | null {
  return document.querySelector<HTMLMetaElement>('meta[name="somopay-demo"]')?.content ?? null;
}
