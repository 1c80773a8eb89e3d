/** One sentence in English and in Kiswahili. `{name}` is filled in by `fill()`. */
export type Pair = readonly [en: string, sw: string];

/** The words of the way from the first view to paid or failed. Whole sentences, so that translators and owners can change each. */
export const coreWords = {
  /** For dates and numbers, by `Intl`. */
  locale: ["en-GB", "sw-KE"],
  /** The language's own name. */
  name: ["English", "Kiswahili"],
  loading: ["One moment…", "Subiri kidogo…"],
  payTitle: ["Pay with M-Pesa", "Lipa kwa M-Pesa"],
  pay: ["Pay {amount} with M-Pesa", "Lipa {amount} kwa M-Pesa"],
  phone: ["M-Pesa phone number", "Nambari ya simu ya M-Pesa"],
  phoneHint: ["Like 0712 345 678 or +254 712 345 678", "Kama 0712 345 678 au +254 712 345 678"],
  phoneInvalid: ["Enter a Safaricom number, like 0712 345 678", "Weka nambari ya Safaricom, kama 0712 345 678"],
  remember: ["Remember this number on this device", "Kumbuka nambari hii kwenye kifaa hiki"],
  pinNeverSeen: ["You will get a prompt on this phone. We never see your PIN.", "Utapata ujumbe kwenye simu hii. Hatuoni PIN yako kamwe."],
  partPaid: ["{paid} received, {due} to go", "{paid} zimepokelewa, zimebaki {due}"],
  tooSoon: [
    "Another prompt cannot be sent yet. If one is on your phone, you can answer it.",
    "Ombi jingine haliwezi kutumwa bado. Kama kuna ombi kwenye simu yako, unaweza kulijibu.",
  ],
  sending: ["Sending the prompt…", "Tunatuma ombi la malipo…"],
  onYourPhone: ["Check your phone and enter your M-Pesa PIN", "Angalia simu yako kisha uweke PIN yako ya M-Pesa"],
  promptDetails: [
    "Sent to {phone}. The prompt is from M-Pesa, for {amount}, account {reference}.",
    "Ombi la M-Pesa limetumwa kwa {phone}: {amount}, akaunti {reference}.",
  ],
  confirming: ["We are checking with M-Pesa", "Tunathibitisha na M-Pesa"],
  confirmingText: ["Please do not pay again. This page updates by itself.", "Tafadhali usilipe tena. Ukurasa huu utajisasisha wenyewe."],
  paid: ["Payment received", "Malipo yamepokelewa"],
  late: ["Your payment arrived. Thank you!", "Malipo yako yamefika. Asante!"],
  booked: ["Your session is booked", "Kipindi chako kimewekwa"],
  timeOver: ["The time to pay is over", "Muda wa kulipa umeisha"],
  bookingCancelled: ["This booking was cancelled", "Nafasi hii imeghairiwa"],
  receipt: ["M-Pesa receipt", "Risiti ya M-Pesa"],
  tryAgainIn: ["Try again in {wait}", "Jaribu tena baada ya {wait}"],
  anotherWay: ["Pay another way", "Lipa kwa njia nyingine"],
  offline: ["You are offline. We will carry on when you are back.", "Huna mtandao. Tutaendelea ukirudi."],
  slow: ["The connection is weak. We keep trying.", "Mtandao ni dhaifu. Tunaendelea kujaribu."],
  /** A part of this page could not be fetched; the words of a button that tries again. */
  partMissing: ["This did not load. Check your connection and try again", "Haikufunguka. Angalia mtandao, kisha ujaribu tena"],
} satisfies Record<string, Pair>;

/** The same in one language. */
export type In<Words> = Record<keyof Words, string>;
export type Labels = In<typeof coreWords>;

/** Puts values into a sentence: `fill("Pay {amount}", { amount: "KES 5" })`. */
export function fill(sentence: string, values: Record<string, string | number>): string {
  return sentence.replace(/\{(\w+)\}/g, (_, name: string) => `${values[name] ?? ""}`);
}
