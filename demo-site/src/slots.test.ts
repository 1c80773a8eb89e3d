import { describe, expect, it } from "vitest";
import { weekdayOf, toUtcMs } from "./nairobi-time.ts";
import { DAYS_SHOWN, freeDays, isOffered, nextFree, parseSlot, slotText } from "./slots.ts";

const maths = { code: "maths-1h", durationMinutes: 60 };
const nobody = () => false;
const slotsAt = (nowMs: number, isTaken = nobody as Parameters<typeof freeDays>[2]) => nextFree(freeDays(maths, nowMs, isTaken), 1_000);

describe("free times", () => {
  it("are the same for everybody at the same moment", () => {
    const nowMs = toUtcMs("2026-12-08", "08:00");
    const texts = slotsAt(nowMs).map(slotText);
    // The regular pupils' times depend on the lesson and the time alone, so the free times never change.
    expect(texts.slice(0, 4)).toEqual(["2026-12-08T15:00", "2026-12-09T15:00", "2026-12-09T16:00", "2026-12-09T17:00"]);
    expect(texts).toHaveLength(34);
  });

  it("begin today in Nairobi, which is tomorrow's date from 21:00 UTC", () => {
    const days = freeDays(maths, Date.parse("2026-12-08T21:30:00Z"), nobody);
    expect(days).toHaveLength(DAYS_SHOWN);
    expect(days[0]?.date).toBe("2026-12-09");
    expect(days.at(-1)?.date).toBe("2026-12-22");
  });

  it("are never in the past, nor on too short notice", () => {
    const [first] = slotsAt(toUtcMs("2026-12-08", "08:00"));
    if (!first) throw new Error("no time is free");
    const startMs = toUtcMs(first.date, first.time);
    expect(slotsAt(startMs - 46 * 60_000)).toContainEqual(first);
    expect(slotsAt(startMs - 44 * 60_000)).not.toContainEqual(first);
    expect(slotsAt(startMs + 1)).not.toContainEqual(first);
  });

  it("exclude Sundays", () => {
    const sundays = freeDays(maths, toUtcMs("2026-12-08", "08:00"), nobody).filter(({ date }) => weekdayOf(date) === 0);
    expect(sundays).toHaveLength(2);
    expect(sundays.every(({ isClosed, times }) => isClosed && times.length === 0)).toBe(true);
  });

  it("exclude times of other families", () => {
    const nowMs = toUtcMs("2026-12-08", "08:00");
    const [first, second] = slotsAt(nowMs);
    const days = freeDays(maths, nowMs, (slot) => first !== undefined && slotText(slot) === slotText(first));
    expect(first && isOffered(days, first)).toBe(false);
    expect(second && isOffered(days, second)).toBe(true);
  });
});

describe("a time in the form", () => {
  it("is parsed back unchanged", () => {
    expect(parseSlot(slotText({ date: "2026-12-08", time: "15:00" }))).toEqual({ date: "2026-12-08", time: "15:00" });
  });

  it.each(["", "x", "2026-12-08", "2026-12-08T25:00", "2026-13-08T15:00", "2026-12-08T15:00<script>"])(
    "is refused when it is %j",
    (text) => {
      expect(parseSlot(text)).toBeNull();
    },
  );
});
