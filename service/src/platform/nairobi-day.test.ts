import { expect, it } from "vitest";
import { addDays, daysBetween, nairobiDate, nairobiTime, startOfDayMs } from "./nairobi-day.ts";

it("begins a day three hours before UTC does", () => {
  expect(startOfDayMs("2026-12-08")).toBe(Date.UTC(2026, 11, 7, 21));
  expect(nairobiDate(Date.UTC(2026, 11, 7, 20, 59, 59, 999))).toBe("2026-12-07");
  expect(nairobiDate(Date.UTC(2026, 11, 7, 21))).toBe("2026-12-08");
  expect(nairobiTime(Date.UTC(2026, 11, 7, 21, 5))).toBe("00:05");
});

it("counts days over the ends of months and years", () => {
  expect(addDays("2026-12-31", 1)).toBe("2027-01-01");
  expect(addDays("2028-03-01", -1)).toBe("2028-02-29");
  expect(daysBetween("2026-12-08", "2026-12-08")).toBe(1);
  expect(daysBetween("2026-12-31", "2027-01-01")).toBe(2);
  expect(daysBetween("2026-12-08", "2026-12-07")).toBe(0);
});
