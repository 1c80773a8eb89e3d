/**
 * What a page wrote into a property, as what the property is. Frameworks write `null`, `undefined`, `""` or `0` for "nothing", and pages make
 * mistakes: all of these give the default.
 */

export function textOf(given: unknown): string {
  return typeof given === "string" || typeof given === "number" ? String(given) : "";
}

/** One of `choices`; the first is the default. */
export function choiceOf<Choice extends string>(choices: readonly [Choice, ...Choice[]], given: unknown): Choice {
  return choices.find((choice) => choice === given) ?? choices[0];
}

/** Whole shillings; nothing costs 0. */
export function amountOf(given: unknown): number | undefined {
  const amount = Number(given);
  return amount > 0 ? amount : undefined;
}

export function recordOf<Value>(given: Record<string, Value>): Record<string, Value> {
  return typeof given === "object" && given !== null ? given : {};
}

export function listOrText(given: readonly string[] | string): readonly string[] | string {
  return Array.isArray(given) || typeof given === "string" ? given : "";
}
