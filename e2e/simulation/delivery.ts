/** A callback, notice or result on its way to the service. */
export type Delivery = {
  number: number;
  kind: "stk" | "c2b" | "result" | "timeout";
  path: string;
  secret: string | null;
  about: string;
  body: string;
  /** Sent by Safaricom, not forged. */
  isGenuine: boolean;
};

/** Callers have no network address here. This stands in its place, so that the stored callback of a delivery can be found again. */
export function addressOf(deliveryNumber: number): string {
  return `delivery-${deliveryNumber}`;
}
