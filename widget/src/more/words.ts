import type { In, Pair } from "../labels/labels.ts";
import type { Problem } from "../problem.ts";

/**
 * Problems in words: the first sentence is the heading, the rest what to do. That no money was taken is said in between, wherever that is
 * certain.
 */
const problems: Record<Problem, Pair> = {
  cancelled: ["You cancelled the payment.", "Umeghairi malipo."],
  wrong_pin: ["The PIN was not right.", "PIN si sahihi."],
  insufficient_funds: [
    "There is not enough money in your M-Pesa. Top up and try again.",
    "Salio lako la M-Pesa halitoshi. Ongeza pesa kisha ujaribu tena.",
  ],
  no_answer: [
    "We did not get an answer from your phone. If you entered your PIN, wait for M-Pesa’s SMS.",
    "Hatukupata jibu kutoka kwa simu yako. Ikiwa uliweka PIN, subiri SMS ya M-Pesa.",
  ],
  unreachable: ["Your phone could not be reached. Is it on, with signal?", "Simu yako haikupatikana. Je, imewashwa na ina mtandao?"],
  expired: ["The prompt timed out.", "Muda wa ombi umeisha."],
  limit: ["This is over your M-Pesa limit.", "Kiasi hiki kimezidi kikomo chako cha M-Pesa."],
  busy: ["M-Pesa is busy.", "M-Pesa ina shughuli nyingi."],
  pin_locked: ["Your M-Pesa PIN is locked. Call 100 or 200.", "PIN yako ya M-Pesa imefungwa. Piga 100 au 200."],
  misconfigured: [
    "This site cannot take M-Pesa right now. The owner has been told.",
    "Tovuti hii haiwezi kupokea M-Pesa kwa sasa. Mwenye tovuti amejulishwa.",
  ],
  rejected: ["M-Pesa did not accept this payment.", "M-Pesa haikukubali malipo haya."],
  unknown: [
    "We could not confirm the payment. If you entered your PIN, do not pay again.",
    "Hatukuweza kuthibitisha malipo. Ikiwa uliweka PIN, usilipe tena.",
  ],
  too_many: ["Too many tries.", "Umejaribu mara nyingi mno."],
  no_connection: [
    "We could not reach the payment service. Check your connection. If a prompt comes, you can answer it.",
    "Hatukuweza kufikia huduma ya malipo. Angalia mtandao. Ombi likifika, unaweza kulijibu.",
  ],
  amount_changed: [
    "The price on this page is not the booking’s. Please tell {owner}, or try again.",
    "Bei kwenye ukurasa huu si ya nafasi hii. Tafadhali mjulishe {owner}, au jaribu tena.",
  ],
  not_found: [
    "We could not find this booking. Book again, or ask {owner}.",
    "Hatukuipata nafasi hii. Weka nafasi tena, au muulize {owner}.",
  ],
  not_allowed: [
    "This page cannot take payments yet. Please tell {owner}.",
    "Ukurasa huu bado hauwezi kupokea malipo. Tafadhali mjulishe {owner}.",
  ],
};

/** What this part says. `{name}` is filled in. */
export const moreWords = {
  ...problems,
  /** After a part has arrived. */
  noMoneyNow: ["No money was taken this time.", "Hakuna pesa zilizokatwa safari hii."],
  noMoney: ["No money was taken.", "Hakuna pesa zilizokatwa."],
  tryAgain: ["Try again", "Jaribu tena"],
  tryAgainNoPin: ["I did not enter my PIN. Try again", "Sikuweka PIN. Jaribu tena"],
  anotherPhone: ["Another phone pays", "Simu nyingine ilipe"],
  noPrompt: ["No prompt?", "Hujapata ujumbe?"],
  unlock: ["Unlock your phone.", "Fungua simu yako."],
  signal: ["Check the signal.", "Angalia mtandao."],
  update: ["Dial *234# to update your SIM.", "Piga *234# kusasisha laini yako."],
  manualSteps: [
    "In M-Pesa, choose Lipa na M-Pesa, then Pay Bill, and enter:",
    "Kwenye M-Pesa, chagua Lipa na M-Pesa, kisha Pay Bill, na uweke:",
  ],
  manualTillSteps: [
    "In M-Pesa, choose Lipa na M-Pesa, then Buy Goods, and enter:",
    "Kwenye M-Pesa, chagua Lipa na M-Pesa, kisha Buy Goods, na uweke:",
  ],
  manualOpen: ["If you have entered your PIN already, do not pay again.", "Ikiwa umeshaweka PIN yako, usilipe tena."],
  manualWaiting: ["Waiting for your payment…", "Tunasubiri malipo yako…"],
  scan: ["Scan QR code", "Skani QR"],
  qr: ["QR code to scan with the M-Pesa app", "Msimbo wa QR wa kuskani kwa app ya M-Pesa"],
  noQr: [
    "There is no code to scan right now. Type the numbers above.",
    "Hakuna msimbo wa kuskani kwa sasa. Andika nambari zilizo hapo juu.",
  ],
  paybill: ["Paybill", "Paybill"],
  till: ["Till number", "Nambari ya till"],
  account: ["Account number", "Nambari ya akaunti"],
  amount: ["Amount", "Kiasi"],
  copy: ["Copy", "Nakili"],
  copied: ["Copied", "Imenakiliwa"],
  saveReceipt: ["Save receipt", "Hifadhi risiti"],
  addToCalendar: ["Add to calendar", "Weka kwenye kalenda"],
  bookAnother: ["Book another session", "Weka kipindi kingine"],
  share: ["Ask somebody else by WhatsApp", "Mwombe mtu mwingine kwa WhatsApp"],
  shareText: [
    "Please pay {amount} for {session} by M-Pesa (booking {reference}): {url}",
    "Tafadhali lipa {amount} za {session} kwa M-Pesa (nafasi {reference}): {url}",
  ],
  code: ["M-Pesa code from the SMS", "Nambari iliyo kwenye SMS ya M-Pesa"],
  codeFold: ["I have paid", "Nimeshalipa"],
  codeHint: ["8 to 12 letters and digits, at the start of the SMS", "Herufi na tarakimu 8 hadi 12, mwanzoni mwa SMS"],
  codeInvalid: ["This is not a whole code. Copy it from the start of the SMS.", "Nambari hii haijakamilika. Inakili kutoka mwanzo wa SMS."],
  checkCode: ["Check", "Angalia"],
  checking: ["We are checking this code with M-Pesa…", "Tunathibitisha nambari hii na M-Pesa…"],
  not_found_code: ["M-Pesa does not know this code. Check it in the SMS.", "M-Pesa haitambui nambari hii. Iangalie tena kwenye SMS."],
  not_this_payment: ["This code is for another payment. Ask {owner} for help.", "Nambari hii ni ya malipo mengine. Mwombe {owner} msaada."],
  used: ["This code has been used already.", "Nambari hii imeshatumika."],
  unanswered: ["M-Pesa did not answer. Try again.", "M-Pesa haikujibu. Jaribu tena."],
  back: ["Back", "Rudi"],
  paidAt: ["Paid", "Imelipwa"],
  refunded: [
    "This payment was refunded. {amount} went back to {phone}. M-Pesa confirms it by SMS.",
    "Malipo haya yamerudishwa. {amount} zimerudishwa kwa {phone}. M-Pesa itathibitisha kwa SMS.",
  ],
  /** Where money was given back, and a later attempt failed. */
  refundedBefore: ["Your money was refunded. M-Pesa confirms it by SMS.", "Pesa zako zimerudishwa. M-Pesa itathibitisha kwa SMS."],
  paidTooLate: [
    "It came too late, so your session is not booked. You will hear from {owner} about another time or a refund.",
    "Yamechelewa kufika, kwa hivyo kipindi chako hakijawekwa. Utasikia kutoka kwa {owner} kuhusu wakati mwingine au kurudishiwa pesa.",
  ],
  paidCancelled: [
    "This booking was cancelled. You will hear from {owner} about another time or a refund.",
    "Nafasi hii imeghairiwa. Utasikia kutoka kwa {owner} kuhusu wakati mwingine au kurudishiwa pesa.",
  ],
  surplus: [
    "You paid {surplus} more than the price. You will get it back from {owner}, unless you agree otherwise.",
    "Umelipa {surplus} zaidi ya bei. Utarudishiwa na {owner}, au mtakubaliana vingine.",
  ],
  partReceived: [
    "{paid} was received. You will hear from {owner} about another time or a refund.",
    "{paid} zimepokelewa. Utasikia kutoka kwa {owner} kuhusu wakati mwingine au kurudishiwa pesa.",
  ],
  pinCounts: ["If you entered your PIN, your money is not lost.", "Ikiwa uliweka PIN, pesa zako hazijapotea."],
  pinNotNow: ["If a prompt is on your phone, do not enter your PIN.", "Kama kuna ombi kwenye simu yako, usiweke PIN."],
  askOwner: ["Ask {owner} for another time.", "Mwombe {owner} wakati mwingine."],
  bookAgainOrAsk: ["Book again, or ask {owner}.", "Weka nafasi tena, au muulize {owner}."],
  bookAgain: ["Book again", "Weka nafasi tena"],
  owner: ["the site’s owner", "mwenye tovuti"],
  sendCode: [
    "Send the code from the M-Pesa SMS to {owner}, with the booking number {reference}.",
    "Mtumie {owner} nambari iliyo kwenye SMS ya M-Pesa, pamoja na nambari ya nafasi {reference}.",
  ],
  left: ["{wait} left", "Zimebaki {wait}"],
  promptEnding: ["Waiting for M-Pesa’s answer…", "Tunasubiri jibu la M-Pesa…"],
} satisfies Record<string, Pair>;

export type MoreWords = In<typeof moreWords>;
