import { expect, it } from "vitest";
import { shortLogLine } from "./short-log.ts";

it("says what happened and why", () => {
  const line = JSON.stringify({ level: "warn", time: "2026-12-08T08:00:00Z", reason: "busy", problem: "no answer", msg: "push refused" });
  expect(shortLogLine(line)).toBe("  service, warn: push refused (busy; no answer)\n");
  expect(shortLogLine(JSON.stringify({ level: "error", msg: "oh" }))).toBe("  service, error: oh\n");
});

it("leaves other text unchanged", () => {
  expect(shortLogLine("plain words\n")).toBe("plain words\n");
});
