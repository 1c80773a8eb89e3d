/** The words of the receipt page. The widget's are in `widget/src/labels`. */
export const receiptLabels = {
  en: {
    locale: "en-GB",
    title: "Receipt",
    receipt: "M-Pesa receipt",
    receiptToCome: "The code is in M-Pesa’s SMS.",
    paidAt: "Paid",
    phone: "From phone",
    session: "Session",
    when: "When",
    reference: "Booking number",
    refunded: "This payment was refunded.",
    print: "Print or save as PDF",
  },
  sw: {
    locale: "sw-KE",
    title: "Risiti",
    receipt: "Risiti ya M-Pesa",
    receiptToCome: "Nambari iko kwenye SMS ya M-Pesa.",
    paidAt: "Imelipwa",
    phone: "Kutoka simu",
    session: "Kipindi",
    when: "Lini",
    reference: "Nambari ya nafasi",
    refunded: "Malipo haya yamerudishwa.",
    print: "Chapisha au hifadhi PDF",
  },
} as const;

export type ReceiptLabels = (typeof receiptLabels)[keyof typeof receiptLabels];

/** Kiswahili for `sw` and its regions; English for everything else. */
export function receiptLabelsIn(language: string): ReceiptLabels {
  return /^sw\b/i.test(language) ? receiptLabels.sw : receiptLabels.en;
}
