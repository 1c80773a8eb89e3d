import { describe, expect, it } from "vitest";
import { duration, moment, money, secondsUntil, sessionTime } from "./format.ts";
import { labelsIn } from "../labels/labels.ts";

const english = labelsIn("en", {});
const swahili = labelsIn("sw", {});

describe("money and time", () => {
  it("are as people in Kenya write them", () => {
    expect(money(1500)).toBe("KES\u00a01,500");
    expect(money(1500, " ")).toBe("KES 1,500");
    expect(moment(Date.parse("2026-12-08T07:00:00Z"), english)).toBe("Tue 8 Dec, 10:00");
    expect(moment(new Date("2026-12-08T21:30:00Z"), swahili)).toBe("Jumatano 9 Des, 00:30");
    expect(sessionTime({ sessionType: null, name: "Maths", date: "2026-12-08", time: "16:30" }, english)).toBe("Tue 8 Dec, 16:30");
  });

  it("show a time that is none as the site wrote it", () => {
    expect(sessionTime({ sessionType: null, name: "Maths", date: "soon", time: "late" }, english)).toBe("soon, late");
  });

  it.each([
    [1, "1 second", "sekunde 1"],
    [119, "119 seconds", "sekunde 119"],
    [120, "2 minutes", "dakika 2"],
    [121, "3 minutes", "dakika 3"],
  ])("%i seconds are %s", (seconds, inEnglish, inSwahili) => {
    expect([duration(seconds, english), duration(seconds, swahili)]).toEqual([inEnglish, inSwahili]);
  });

  it("never count below nothing", () => {
    expect([secondsUntil(5_001, 4_000), secondsUntil(4_000, 5_000)]).toEqual([2, 0]);
  });

  it.each(["fr_FR", "x", "", "😀"])("need no locale that a browser knows: %j", (locale) => {
    const labels = labelsIn("fr", { fr: { name: "Français", locale } });
    expect(duration(42, labels)).toContain("42");
    expect(moment(Date.parse("2026-12-08T07:00:00Z"), labels)).toContain("10:00");
  });

  it("follow an owner's own language", () => {
    const labels = labelsIn("fr", { fr: { name: "Français", locale: "fr-FR" } });
    expect(moment(Date.parse("2026-12-08T07:00:00Z"), labels)).toBe("mar. 8 déc., 10:00");
  });
});
