/** The pages that nobody sees first. Fetched once the first one is shown, so that it is shown sooner. */
import "./attention-page.ts";
import "./booking-page.ts";
import "./bookings-page.ts";
import "./day-sheet-page.ts";
import "./payments-page.ts";
import "./search-page.ts";
