/** The words of the receipt page. The widget's are in `widget/src/labels`. */
export const receiptLabels = {
  en: {
    locale: "en-GB",
    title: "Receipt",
    receipt: "M-Pesa receipt",
    receiptToCome: "The code is in M-Pesa’s SMS.",
    paidAt: "Paid on",
    phone: "Paid from",
    session: "Session",
    when: "When",
    reference: "Booking number",
    refunded: "This payment was refunded.",
    wentBack: "refunded",
    due: "{paid} of {amount} paid so far.",
    notBooked: "Paid, but no session is booked yet. Please ask for another time.",
    surplus: "{amount} of it is more than the price.",
    print: "Print or save as PDF",
  },
  sw: {
    locale: "sw-KE",
    title: "Risiti",
    receipt: "Risiti ya M-Pesa",
    receiptToCome: "Nambari iko kwenye SMS ya M-Pesa.",
    paidAt: "Tarehe ya malipo",
    phone: "Simu iliyolipa",
    session: "Kipindi",
    when: "Siku na saa",
    reference: "Nambari ya nafasi",
    refunded: "Malipo haya yamerudishwa.",
    wentBack: "zimerudishwa",
    due: "{paid} kati ya {amount} zimelipwa hadi sasa.",
    notBooked: "Imelipwa, lakini kipindi bado hakijawekwa. Tafadhali omba wakati mwingine.",
    surplus: "{amount} kati ya hizo zimezidi bei.",
    print: "Chapisha au hifadhi kama PDF",
  },
} as const;

export type ReceiptLabels = (typeof receiptLabels)[keyof typeof receiptLabels];

/** Kiswahili for `sw` and its regions; English for everything else. */
export function receiptLabelsIn(language: string): ReceiptLabels {
  return /^sw\b/i.test(language) ? receiptLabels.sw : receiptLabels.en;
}
