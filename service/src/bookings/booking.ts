/** What a parent books. Types only: the payments work with them, and nothing here knows of payments. */

export type BookingStatus = "pending" | "booked" | "lapsed";

export type Booking = {
  id: string;
  siteId: string;
  /** Up to 12 characters: the account number for paying by hand, and what the payer's SMS names. */
  reference: string;
  status: BookingStatus;
  /** Grows by one with every change of the booking or its payments; every write is guarded by it. */
  version: number;
  parentName: string;
  childName: string;
  email: string;
  /** Code in the site's price list; null: the owner's server named the amount itself. */
  sessionType: string | null;
  sessionName: string;
  /** YYYY-MM-DD, Africa/Nairobi. */
  date: string;
  /** HH:MM, Africa/Nairobi. */
  time: string;
  amountKes: number;
  createdAtMs: number;
};
