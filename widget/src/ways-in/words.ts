import type { In, Pair } from "../labels/labels.ts";

/** What this part says. `{name}` is filled in. */
export const waysInWords = {
  close: ["Close", "Funga"],
  detailsTitle: ["Book a session", "Weka kipindi"],
  parentName: ["Your name", "Jina lako"],
  childName: ["Your child’s name", "Jina la mtoto wako"],
  email: ["E-mail", "Barua pepe"],
  slot: ["When", "Lini"],
  chooseSlot: ["Choose a time", "Chagua wakati"],
  date: ["Date", "Tarehe"],
  time: ["Time", "Saa"],
  required: ["Please fill this in", "Tafadhali jaza hapa"],
  dateInPast: ["This time has passed. Choose another one.", "Wakati huu umepita. Chagua mwingine."],
  emailInvalid: ["Enter an e-mail address, like wanjiru@example.com", "Weka anwani ya barua pepe, kama wanjiru@example.com"],
  goOn: ["Go on to payment", "Endelea kulipa"],
  booking: ["Booking…", "Tunaweka nafasi…"],
  notBooked: [
    "We could not book this. Check your connection and try again.",
    "Hatukuweza kuweka nafasi. Angalia mtandao, kisha ujaribu tena.",
  ],
  tooMany: ["Too many tries. Wait a little, then try again.", "Umejaribu mara nyingi mno. Subiri kidogo, kisha ujaribu tena."],
  checkDetails: [
    "Something here was not accepted. Check what you wrote, and the day.",
    "Kuna kitu ambacho hakikukubaliwa. Angalia ulichoandika na siku uliyochagua.",
  ],
} satisfies Record<string, Pair>;

export type WaysInWords = In<typeof waysInWords>;
