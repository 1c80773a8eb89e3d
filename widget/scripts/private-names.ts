/**
 * Property names that only the widget's own sources use. The script and its parts get one or two letters in their place.
 * `tests/private-names.test.ts` keeps out every name that a browser, the service or an owner's page knows too.
 */
const words = (list: string) => list.trim().split(/\s+/);

const ofElement = words(`
  act announce announceNext bookedHere checkoutController chosenLanguage confirmedBooking copyButton dialogOpen drawing extras failedAttempt fetchPart focusAfter focusNext focusWrongField
  forget internals keepNumber mirror nowMs partHost partLost partsHere phoneInput remembered renderRoot screenInWords stateChanged tellOutcome
  triggerWords typedPhone
`);

const ofCheckout = words(`
  adopt atMs choose deafen deliver dispatch fromForm hear lateTimer loads lostRequest onBooking onChange onlyReads onReachable onWake phoneError poll pollMs post reachable readBooking
  reads reopenAtMs reopenMs restart retryAtMs schedule setReachable settle skewMs startedAtMs streamUrl tick ticker wanted
`);

const ofParts = words(`
  begun canBookAgain codeEntry codeField copiedTimer cures explain isOpen keeper keepsakes needed readOffer readSlots resuming say scanned scanning shareLink slotChoice
  slotsGiven trouble unbooked wasLocked wrongness
`);

export const privateNames: readonly string[] = [...ofElement, ...ofCheckout, ...ofParts];

export const privateName = new RegExp(`^(?:${privateNames.join("|")})$`);
