/**
 * Property names that only the widget's own sources and Lit's inside use. The single file gets one or two letters in their place.
 * `tests/private-names.test.ts` keeps out every name that a browser, the service or an owner's page knows too.
 */
const words = (list: string) => list.trim().split(/\s+/);

const ofLit = words(`
  converter createProperty creationScope createRenderRoot elementStyles enableUpdating finalizeStyles firstUpdated fromAttribute
  getPropertyDescriptor getPropertyOptions getUpdateComplete hasChanged hostConnected hostDisconnected hostUpdate hostUpdated
  addController hasUpdated isUpdatePending noAccessor performUpdate removeController renderBefore renderOptions scheduleUpdate
  setConnected shadowRootOptions shouldUpdate toAttribute useDefault willUpdate wrapped
`);

const ofElement = words(`
  announce announceNext chosenLanguage confirmedBooking copied copiedTimer failedAttempt focusAfter focusNext internals languageSwitch nowMs
  pageLanguage phoneInput screenInWords stateChanged tellOutcome typed
`);

const ofCheckout = words(`
  atMs choose deliver dispatch explain lateTimer onBooking onChange onReachable phoneError poll pollMs reachable readBooking reading
  restart retryAtMs schedule setReachable settle skewMs startedAtMs streamUrl tick ticker unanswered
`);

const ofLabels = words(`
  addToCalendar anotherPhone anotherWay booked confirmingText manualOpen manualSteps manualTillSteps manualWaiting noPrompt noPromptCures
  onYourPhone paidLate payTitle phoneHint phoneInvalid pinNeverSeen problems promptDetails promptEnding refundedText saveReceipt sending slow
  tryAgain tryAgainIn tryAgainNoPin tryAgainNow
`);

export const privateNames: readonly string[] = [...ofLit, ...ofElement, ...ofCheckout, ...ofLabels];

/** All of them, and the names that Lit's own build has marked as internal: `_$AH`. */
export const privateName = new RegExp(`^(?:_[$][\\w$]+|${privateNames.join("|")})$`);
