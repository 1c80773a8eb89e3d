import { randomUUID } from "node:crypto";
import { z } from "zod";
import { isOffered, parseSlot, type Day, type Slot } from "./slots.ts";

/** The parent's input, unchanged, to be shown again if something is wrong. */
export type FormValues = { formId: string; slot: string; parentName: string; childName: string; email: string };
export type FieldName = Exclude<keyof FormValues, "formId">;
/** The problem of a field; `words` has the sentence. */
export type FieldProblem = "slot" | "slotTaken" | "parentName" | "childName" | "email" | "tooLong";
export type FieldProblems = Partial<Record<FieldName, FieldProblem>>;

/** A valid form. */
export type Wish = { formId: string; slot: Slot; parentName: string; childName: string; email: string };

/** The same limits as the service's. */
const NAME_MAX = 120;
const emailSchema = z.email().max(254);
const formIdSchema = z.uuid();
const bodySchema = z.record(z.string(), z.unknown());

/** Never fails: missing and non-text values become empty. A form without an id gets a new one. */
export function readForm(body: unknown): FormValues {
  const parsed = bodySchema.safeParse(body);
  const members = parsed.success ? parsed.data : {};
  const text = (name: string): string => {
    const value = members[name];
    return typeof value === "string" ? value.replace(/\p{Cc}+/gu, " ").trim() : "";
  };
  const formId = formIdSchema.safeParse(text("formId"));
  return {
    formId: formId.success ? formId.data : randomUUID(),
    slot: text("slot"),
    parentName: text("parentName"),
    childName: text("childName"),
    email: text("email"),
  };
}

export function emptyForm(slot = ""): FormValues {
  return { formId: randomUUID(), slot, parentName: "", childName: "", email: "" };
}

/** @param days the times offered to this form */
export function checkForm(values: FormValues, days: readonly Day[]): { wish: Wish } | { problems: FieldProblems } {
  const slot = parseSlot(values.slot);
  const problems: FieldProblems = {};
  if (slot === null) problems.slot = "slot";
  else if (!isOffered(days, slot)) problems.slot = "slotTaken";
  for (const name of ["parentName", "childName"] as const) {
    if (values[name] === "") problems[name] = name;
    else if (values[name].length > NAME_MAX) problems[name] = "tooLong";
  }
  if (!emailSchema.safeParse(values.email).success) problems.email = "email";
  if (slot === null || Object.keys(problems).length > 0) return { problems };
  return { wish: { ...values, slot } };
}
