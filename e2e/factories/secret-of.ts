/** The last segment of a callback address. Whoever knows it may report the payment's outcome. */
export function secretOf(callbackUrl: string): string {
  return callbackUrl.slice(callbackUrl.lastIndexOf("/") + 1);
}
