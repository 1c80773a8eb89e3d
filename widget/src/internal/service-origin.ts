/** Where the service is when the page does not say: the origin that served this script. */

/** The paths under which a service serves the widget. */
const SERVED_AS = /^\/widget(?:\.js|\/[^/]+\/somo-pay(\.all)?\.js)$/;
/** Known only while a classic script runs for the first time. */
const ownScript = typeof document === "undefined" ? null : document.currentScript;

function sourceOf(script: unknown): URL | undefined {
  return script instanceof HTMLScriptElement && script.src ? new URL(script.src) : undefined;
}

/** Returns an origin without a trailing slash, or `undefined` when there is none to be found or `attribute` is no address. */
export function findServiceOrigin(attribute: string): string | undefined {
  if (attribute) {
    try {
      return new URL(attribute, location.href).origin;
    } catch {
      return undefined;
    }
  }
  const own = sourceOf(ownScript);
  if (own && /\/(?:widget|somo-pay(\.all)?)\.js$/.test(own.pathname)) return own.origin;
  return [...document.scripts].map(sourceOf).find((source) => source && SERVED_AS.test(source.pathname))?.origin;
}
