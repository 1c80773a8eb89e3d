/**
 * What the service says to owners and operators about bookings and money. `because` is `: the reason`, or nothing; `receipt` is `, receipt X`, or
 * nothing (see `tail`). Money is written by `kes`, phones are masked, and names of strangers are one line before they come here.
 */
export const english = {
  locale: "en-GB",
  unknownPhone: "an unknown phone",
  receipt: (receipt: string) => `, receipt ${receipt}`,

  /** How a prompt ended, as the rest of a sentence. */
  failures: {
    insufficient_funds: "there was not enough money on the M-Pesa account",
    limit: "the payment was over one of M-Pesa's limits",
    misconfigured: "Safaricom refused: the M-Pesa account is not set up for this",
    busy: "Safaricom was busy or the phone had another prompt open",
    expired: "the prompt expired before the PIN was entered",
    cancelled: "the payer cancelled it",
    unreachable: "the phone could not be reached",
    no_answer: "nobody answered the prompt in time",
    wrong_pin: "the PIN was wrong",
    pin_locked: "the PIN is locked",
    rejected: "Safaricom or a person decided that it was not paid",
    unknown: "Safaricom did not say what became of it",
  },

  booking: {
    made: (parent: string, child: string, session: string, when: string, money: string) =>
      `The booking was made by ${parent}, for ${child}: ${session}, ${when}, ${money}.`,
    booked: "The session was booked.",
    cancelledByRefund: "The session was cancelled, because its money was given back.",
    lapsed: "The booking lapsed: it was not paid in time.",
  },

  prompt: {
    started: (money: string, phone: string) => `A payment of ${money} was started for ${phone}.`,
    sent: (phone: string) => `Safaricom sent the prompt to ${phone}.`,
    refused: (because: string) => `Safaricom did not send the prompt${because}.`,
    unclear: (because: string) => `Safaricom's reply was unclear${because}. The prompt may be on the phone.`,
    over: "The prompt's time was over, and no result had come.",
    gaveUp: "Nothing was decided for 10 minutes: it counts as failed. Money that comes later still counts.",
    asked: (times: number) =>
      `Safaricom was asked ${times === 1 ? "once" : `${times} times`} what became of the prompt, the last time then.`,
  },

  money: {
    came: (money: string, phone: string, receipt: string, because: string) =>
      `${money} came without a prompt from ${phone}${receipt}${because}.`,
    paid: (money: string, receipt: string) => `${money} was paid${receipt}`,
    surplus: (money: string) => ` The booking did not need ${money} of it.`,
    notPaidThen: "it was not paid then",
    givenBack: (money: string) => `${money} was given back.`,
    byCode: (what: string) => `The code from the SMS was right: ${what}.`,
    reportedMoney: (what: string) => `Safaricom reported the money: ${what}.`,
    answered: (what: string) => `Safaricom answered, when asked: ${what}.`,
    afterWaiting: (what: string) => `After waiting: ${what}.`,
    reported: (what: string) => `Safaricom reported: ${what}.`,
    /** A step that has no sentence of its own. */
    other: (event: string, source: string, because: string) => `${event} (${source})${because}.`,
  },

  decisions: {
    paid: (money: string, receipt: string) => `Decided by hand: ${money} was paid${receipt}.`,
    settled_not_paid: (money: string) => `Decided by hand: ${money} was not paid. Money that comes later still counts.`,
    refunded: (money: string) => `Decided by hand: ${money} was given back.`,
    kept: (money: string) => `Decided by hand: ${money} stays as it is.`,
    money_came: (money: string, receipt: string) => `Assigned by hand to this booking: ${money}${receipt}.`,
    moved: () => "The booking was moved to another time.",
    cancelled: () => "The booking was cancelled.",
    other: (event: string) => `Decided by hand: ${event}.`,
  },

  callback: {
    push: (became: string) => `Safaricom's reply to the prompt was stored, and then ${became}.`,
    came: (became: string) => `Safaricom's callback came and ${became}.`,
    waits: "waits to be processed",
    processed: "was processed",
    verdicts: {
      verified: "was counted",
      duplicate: "said nothing new",
      unverified: "was not believed; Safaricom is asked instead",
      unmatched: "named nothing that is known here",
      unprocessable: "could not be processed",
      dismissed: "was put aside",
    },
  },

  refund: {
    asked: (money: string, receipt: string) => `Safaricom was asked to give ${money} back, receipt ${receipt}.`,
    done: (money: string) => `Safaricom gave ${money} back.`,
    failed: (because: string) => `Safaricom did not give the money back${because}.`,
    unknown: (because: string) => `Nobody said whether the money was given back${because}.`,
  },

  receiptCheck: {
    typed: (code: string) => `The parent typed the M-Pesa code ${code}, and Safaricom was asked about it.`,
    counted: "It was right, and its money counts.",
    not_found: "Safaricom knows no such code.",
    not_this_payment: (because: string) => `Its money is not for this booking${because}.`,
    used: "Its money has paid for something else.",
    unanswered: "Safaricom did not answer.",
  },

  delivery: {
    toNobody: "a server that is no longer told",
    tries: (count: number) => (count === 1 ? "1 try" : `${count} tries`),
    delivered: (type: string, to: string) => `The message ${type} was delivered to ${to}.`,
    waiting: (type: string, to: string, tries: string, because: string) =>
      `The message ${type} waits to be delivered to ${to}, after ${tries}${because}.`,
    failed: (type: string, to: string, tries: string, because: string) =>
      `The message ${type} could not be delivered to ${to}, after ${tries}${because}.`,
  },

  /** What an action will do, said before it does. */
  consequences: {
    refund: (money: string, phone: string, receipt: string, booking: string) =>
      `${money} goes back to ${phone} by M-Pesa, all of receipt ${receipt}; ${booking}. It cannot be undone.`,
    sessionIsCancelled: (when: string) => `the session on ${when} is then cancelled`,
    nothingIsPaid: "nothing is paid for this booking then",
    moneyAndSessionStay: (money: string) => `${money} stays, and so does the session`,
    moneyStays: (money: string) => `${money} stays`,
    settleUndecided: (money: string, booksIt: string) =>
      `Paid, with the receipt of the M-Pesa statement: ${money} counts for this booking${booksIt}. Not paid: it counts as failed, and money that comes later still counts.`,
    booksIt: " and books the session",
    settlePaid: (money: string) =>
      `Kept: ${money} stays as it is, and is listed no more. Given back by hand: it counts as refunded; SomoPay sends no money.`,
    assign: (due: string, booksIt: string) => `Money that came without a booking counts for this one, of which ${due} is due${booksIt}.`,
    moveBooked: (when: string) => `The session on ${when} is booked at the time that you choose. SomoPay does not tell the parent.`,
    moveUnpaid: (when: string) =>
      `The session on ${when} waits for its payment, for the time that you choose. SomoPay does not tell the parent.`,
    cancel: (when: string, money: string) => `The session on ${when} does not take place.${money} SomoPay does not tell the parent.`,
    moneyToGiveBack: (money: string) => ` ${money} stays on the list of what needs attention until you give it back.`,
    resendReceipt: (email: string) => `The receipt goes once more to ${email}.`,
  },

  /** What waits for a person. */
  attention: {
    moneyWithoutBooking: (receipt: string, money: string, phone: string, account: string, why: string) =>
      `${receipt}: ${money} from ${phone}, account "${account}", belongs to no booking: ${why}`,
    noReceipt: "no receipt yet",
    surplus: (receipt: string, money: string, phone: string, reference: string) =>
      `${receipt}: ${money} from ${phone} is more than booking ${reference} needed`,
    surplusPart: (receipt: string, money: string, all: string, phone: string, reference: string) =>
      `${receipt}: ${money} of ${all} from ${phone} is more than booking ${reference} needed: agree to keep it, or send ${money} back by M-Pesa yourself (a refund gives back all of ${all})`,
    undecided: (reference: string, money: string, phone: string, why: string) =>
      `booking ${reference}: ${money} from ${phone}: ${why}. Look for it on the M-Pesa statement`,
    notSaid: "Safaricom did not say whether it was paid",
    booking: (reference: string, session: string, when: string) => `booking ${reference} (${session}, ${when})`,
    paidOf: (paid: string, amount: string) => `${paid} of ${amount} paid`,
    paidButCancelled: (booking: string, paid: string) => `${booking}: ${paid}, but it is cancelled: give it back`,
    bookedOnPart: (booking: string, paid: string) => `${booking}: booked, and only ${paid}`,
    partPaid: (booking: string, paid: string) => `${booking}: ${paid}, and the parent may pay the rest`,
    partPaidLapsed: (booking: string, paid: string) => `${booking}: ${paid} before it lapsed: agree on another time, or give it back`,
    paidLapsed: (booking: string, paid: string) =>
      `${booking}: ${paid}, but it had lapsed and is not booked: agree on another time, or give it back`,
    refund: (receipt: string, money: string, state: string, because: string) => `refund of ${receipt}, ${money}, ${state}${because}`,
    refundStates: {
      requested: "is asked for",
      sent: "is under way",
      failed: "failed",
      unknown: "is unknown: look for it on the M-Pesa statement",
      done: "is done",
    },
    callback: (when: string, about: string, state: string, because: string) => `callback of ${when}${about} ${state}${because}`,
    aboutReceipt: (receipt: string) => ` reports receipt ${receipt} and`,
    callbackFailed: (tries: number) => `could not be processed ${tries} times`,
    callbackStates: {
      verified: "was counted, with a doubt",
      duplicate: "said nothing new",
      unverified: "was not believed",
      unmatched: "names nothing that is known here",
      unprocessable: "could not be processed",
      dismissed: "was put aside",
    },
    webhook: (host: string, state: string, undelivered: string) => `webhook to ${host} ${state}. ${undelivered}`,
    undelivered: (waiting: number, failed: number) =>
      `${waiting === 1 ? "1 message waits" : `${waiting} messages wait`}${failed > 0 ? `, ${failed} have failed for good` : ""}`,
    webhookGone: "is disabled: it answered 410",
    webhookFailing: "is disabled: it has failed for five days",
    webhookWorks: "works again",
    webhookFailsSince: (when: string, why: string) => `has failed since ${when}: ${why}`,
    noAnswer: "no answer",
  },

  /** Whether a site is ready to take money. */
  goLive: {
    noAccount: "There is no M-Pesa account that can be used.",
    enterAccount: "Enter your paybill or till with its keys from the Daraja portal.",
    paybill: (shortcode: string) => `paybill ${shortcode}`,
    till: (till: string) => `till ${till}`,
    accepted: (account: string) => `Safaricom accepts the keys of ${account}.`,
    refused: (account: string, problem: string) => `Safaricom does not accept the keys of ${account}: ${problem}.`,
    copyAgain: "Copy consumer key, consumer secret, shortcode and passkey from the Daraja portal once more, of the same app.",
    noInitiator: "Payments cannot be refunded from here, and M-Pesa codes not checked.",
    addInitiator: "Add an initiator of your M-Pesa organisation, if you want that.",
    certificateExpired: (when: string) => `Safaricom's certificate expired on ${when}: refunds fail.`,
    getCertificate: "Get the new certificate from the Daraja portal.",
    initiator: (name: string) => `Payments can be refunded from here, by the initiator ${name}.`,
    handPaymentsReported: "Money that parents send to the paybill by hand is reported to this service.",
    handPaymentsNotReported: "Money that parents send to the paybill by hand is not reported to this service.",
    registerC2b: (shortcode: string) => `Ask the operator of this service to run \`somopay c2b register\` for ${shortcode}.`,
    production: "Real money moves.",
    sandbox: "This service talks to Safaricom's sandbox: no money moves.",
    goToProduction: "To take money, the operator must set MPESA_ENV=production.",
    reachable: "Safaricom can report payments to this service.",
    unreachable: "Safaricom cannot reach this service, and no payment is reported.",
    setPublicUrl: "The operator must set PUBLIC_URL to a public https address.",
    noOrigin: (origins: string) => `No public page may use the widget, only ${origins}.`,
    addOrigin: "Add your website's address, beginning with https://, to the allowed origins.",
    origins: (origins: string) => `These pages may use the widget: ${origins}.`,
    noPrices: "The price list is empty: nothing can be booked.",
    addPrice: "Add a session type with its price.",
    prices: (count: number) => (count === 1 ? "The price list has 1 session type." : `The price list has ${count} session types.`),
  },

  /** Reasons are stored in English. Those that owners meet often are here, in the words of each language; others are quoted as they are. */
  stored: new Map<string, string>(),
};

/** Every language has the same sentences. */
export type Words = typeof english;
