/** How numbers and money are read and written on these pages. */

/** 254… for what a person typed, or null. */
export function readNumber(text) {
  const local = /^(?:\+?254|0)?([17]\d{8})$/.exec(text.replace(/[\s()-]/g, ""));
  return local === null ? null : `254${local[1]}`;
}

/** 0708 374 149 */
export function localNumber(msisdn) {
  return msisdn.replace(/^254(\d{3})(\d{3})(\d{3})$/, "0$1 $2 $3");
}

export function money(amountKes) {
  return `KES ${amountKes.toLocaleString("en-KE")}`;
}

const nairobi = { timeZone: "Africa/Nairobi" };
const clock = new Intl.DateTimeFormat("en-GB", { ...nairobi, hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat("en-GB", { ...nairobi, weekday: "long", day: "numeric", month: "long" });

export const clockTime = (at) => clock.format(at);
export const dayName = (at) => day.format(at);
