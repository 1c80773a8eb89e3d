import { describe, expect, it } from "vitest";
import { checkForm, readForm } from "./booking-form.ts";

const days = [{ date: "2026-12-08", isClosed: false, times: ["15:00", "16:00"] }];
const filled = {
  formId: "6f1c6a52-6a3c-4f6e-9d0a-1f2e3d4c5b6a",
  slot: "2026-12-08T15:00",
  parentName: "Wanjiru Kamau",
  childName: "Amani",
  email: "wanjiru@example.com",
};

describe("the booking form", () => {
  it("accepts a complete form", () => {
    expect(checkForm(readForm(filled), days)).toEqual({ wish: { ...filled, slot: { date: "2026-12-08", time: "15:00" } } });
  });

  it("lists every problem at once", () => {
    expect(checkForm(readForm({}), days)).toEqual({
      problems: { slot: "slot", parentName: "parentName", childName: "childName", email: "email" },
    });
  });

  it.each([
    [{ slot: "2026-12-08T18:00" }, { slot: "slotTaken" }],
    [{ slot: "yesterday" }, { slot: "slot" }],
    [{ parentName: "   " }, { parentName: "parentName" }],
    [{ childName: "x".repeat(121) }, { childName: "tooLong" }],
    [{ email: "wanjiru" }, { email: "email" }],
    [{ email: `${"x".repeat(250)}@example.com` }, { email: "email" }],
  ])("with %j has the problem %j", (change, problems) => {
    expect(checkForm(readForm({ ...filled, ...change }), days)).toEqual({ problems });
  });

  it("joins pasted line breaks into one line", () => {
    expect(readForm({ ...filled, childName: " Amani\r\n\tKamau\u0000 " }).childName).toBe("Amani Kamau");
  });

  it.each([undefined, null, "text", [], { parentName: ["a", "b"], formId: "not ours" }])(
    "reads %j without failing, with an id of its own",
    (body) => {
      const values = readForm(body);
      expect(values).toMatchObject({ slot: "", parentName: "", childName: "", email: "" });
      expect(values.formId).toMatch(/^[0-9a-f-]{36}$/);
    },
  );
});
