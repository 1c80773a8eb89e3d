const SLOT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/;

function listIn(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/** The times on offer, `YYYY-MM-DDTHH:MM` each; none when nothing readable is given, and the owner is told. */
export function readSlots(given: readonly string[] | string): string[] {
  const list: unknown = typeof given === "string" ? listIn(given) : given;
  const slots = Array.isArray(list)
    ? list.filter((slot): slot is string => typeof slot === "string" && SLOT.test(slot) && +new Date(slot) > 0)
    : [];
  if (given.length > 0 && slots.length === 0) console.warn('<somo-pay>: slots is no list like ["2026-12-08T10:00"].');
  return slots;
}
