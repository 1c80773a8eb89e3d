import type { Words } from "./english.ts";

/** The sentences of `english.ts`, in Kiswahili. */
export const swahili: Words = {
  locale: "sw-KE",
  unknownPhone: "simu isiyojulikana",
  receipt: (receipt) => `, risiti ${receipt}`,

  failures: {
    insufficient_funds: "akaunti ya M-Pesa haikuwa na pesa za kutosha",
    limit: "malipo yalizidi kikomo cha M-Pesa",
    misconfigured: "Safaricom ilikataa: akaunti ya M-Pesa haijawekwa kwa ajili ya hili",
    busy: "Safaricom ilikuwa na shughuli nyingi au simu ilikuwa na ombi jingine",
    expired: "ombi liliisha muda kabla ya PIN kuwekwa",
    cancelled: "mlipaji aliyakatiza",
    unreachable: "simu haikupatikana",
    no_answer: "hakuna aliyejibu ombi kwa wakati",
    wrong_pin: "PIN haikuwa sahihi",
    pin_locked: "PIN imefungwa",
    rejected: "Safaricom au mtu aliamua kwamba hayakulipwa",
    unknown: "Safaricom haikusema yaliyotokea",
  },

  booking: {
    made: (parent, child, session, when, money) => `${parent} aliweka nafasi kwa ajili ya ${child}: ${session}, ${when}, ${money}.`,
    booked: "Kipindi kilithibitishwa.",
    cancelledByRefund: "Kipindi kilifutwa, kwa sababu pesa zake zilirudishwa.",
    lapsed: "Nafasi iliisha muda: haikulipwa kwa wakati.",
  },

  prompt: {
    started: (money, phone) => `Malipo ya ${money} yalianzishwa kwa ${phone}.`,
    sent: (phone) => `Safaricom ilituma ombi kwa ${phone}.`,
    refused: (because) => `Safaricom haikutuma ombi${because}.`,
    unclear: (because) => `Jibu la Safaricom halikuwa wazi${because}. Ombi huenda liko kwenye simu.`,
    over: "Muda wa ombi uliisha, na hakuna tokeo lililofika.",
    gaveUp: "Hakuna lililoamuliwa kwa dakika 10: yanahesabiwa kuwa hayakufaulu. Pesa zikija baadaye bado zitahesabiwa.",
    asked: (times) =>
      `Safaricom iliulizwa ${times === 1 ? "mara moja" : `mara ${times}`} kuhusu yaliyotokea kwa ombi, mara ya mwisho wakati huo.`,
  },

  money: {
    came: (money, phone, receipt, because) => `${money} zilikuja bila ombi kutoka ${phone}${receipt}${because}.`,
    paid: (money, receipt) => `${money} zililipwa${receipt}`,
    surplus: (money) => ` Nafasi hii haikuhitaji ${money} kati ya hizo.`,
    notPaidThen: "hazikulipwa wakati huo",
    givenBack: (money) => `${money} zilirudishwa.`,
    byCode: (what) => `Nambari kutoka SMS ilikuwa sahihi: ${what}.`,
    reportedMoney: (what) => `Safaricom iliripoti pesa: ${what}.`,
    answered: (what) => `Safaricom ilijibu ilipoulizwa: ${what}.`,
    afterWaiting: (what) => `Baada ya kusubiri: ${what}.`,
    reported: (what) => `Safaricom iliripoti: ${what}.`,
    other: (event, source, because) => `${event} (${source})${because}.`,
  },

  decisions: {
    paid: (money, receipt) => `Iliamuliwa na mtu: ${money} zililipwa${receipt}.`,
    settled_not_paid: (money) => `Iliamuliwa na mtu: ${money} hazikulipwa. Pesa zikija baadaye bado zitahesabiwa.`,
    refunded: (money) => `Iliamuliwa na mtu: ${money} zilirudishwa.`,
    kept: (money) => `Iliamuliwa na mtu: ${money} zinabaki kama zilivyo.`,
    money_came: (money, receipt) => `Zilipewa nafasi hii na mtu: ${money}${receipt}.`,
    moved: () => "Nafasi ilihamishwa hadi wakati mwingine.",
    cancelled: () => "Nafasi ilifutwa.",
    other: (event) => `Iliamuliwa na mtu: ${event}.`,
  },

  callback: {
    push: (became) => `Jibu la Safaricom kuhusu ombi lilihifadhiwa, kisha ${became}.`,
    came: (became) => `Taarifa ya Safaricom ilikuja na ${became}.`,
    waits: "inasubiri kushughulikiwa",
    processed: "ilishughulikiwa",
    verdicts: {
      verified: "ilihesabiwa",
      duplicate: "haikusema jambo jipya",
      unverified: "haikuaminiwa; Safaricom inaulizwa badala yake",
      unmatched: "haikutaja chochote kinachojulikana hapa",
      unprocessable: "haikuweza kushughulikiwa",
      dismissed: "iliwekwa kando",
    },
  },

  refund: {
    asked: (money, receipt) => `Safaricom iliombwa kurudisha ${money}, risiti ${receipt}.`,
    done: (money) => `Safaricom ilirudisha ${money}.`,
    failed: (because) => `Safaricom haikurudisha pesa${because}.`,
    unknown: (because) => `Hakuna aliyesema kama pesa zilirudishwa${because}.`,
  },

  receiptCheck: {
    typed: (code) => `Mzazi aliandika nambari ya M-Pesa ${code}, na Safaricom iliulizwa kuihusu.`,
    counted: "Ilikuwa sahihi, na pesa zake zinahesabiwa.",
    not_found: "Safaricom haijui nambari kama hiyo.",
    not_this_payment: (because) => `Pesa zake si za nafasi hii${because}.`,
    used: "Pesa zake zimelipia kitu kingine.",
    unanswered: "Safaricom haikujibu.",
  },

  delivery: {
    toNobody: "seva ambayo haiarifiwi tena",
    tries: (count) => (count === 1 ? "jaribio 1" : `majaribio ${count}`),
    delivered: (type, to) => `Ujumbe ${type} ulifikishwa kwa ${to}.`,
    waiting: (type, to, tries, because) => `Ujumbe ${type} unasubiri kufikishwa kwa ${to}, baada ya ${tries}${because}.`,
    failed: (type, to, tries, because) => `Ujumbe ${type} haukuweza kufikishwa kwa ${to}, baada ya ${tries}${because}.`,
  },

  consequences: {
    refund: (money, phone, receipt, booking) =>
      `${money} zitarudi kwa ${phone} kwa M-Pesa, zote za risiti ${receipt}; ${booking}. Haliwezi kutenduliwa.`,
    sessionIsCancelled: (when) => `kipindi cha ${when} kitafutwa`,
    nothingIsPaid: "basi nafasi hii haitakuwa imelipiwa chochote",
    moneyAndSessionStay: (money) => `${money} zitabaki, na kipindi pia`,
    moneyStays: (money) => `${money} zitabaki`,
    settleUndecided: (money, booksIt) =>
      `Zimelipwa, kwa risiti ya taarifa ya M-Pesa: ${money} zitahesabiwa kwa nafasi hii${booksIt}. Hazijalipwa: yanahesabiwa kuwa hayakufaulu, na pesa zikija baadaye bado zitahesabiwa.`,
    booksIt: " na kuthibitisha kipindi",
    settlePaid: (money) =>
      `Zibaki: ${money} zinabaki kama zilivyo, na haziorodheshwi tena. Zilirudishwa kwa mkono: zinahesabiwa kuwa zimerudishwa; SomoPay haitumi pesa.`,
    assign: (due, booksIt) => `Pesa zilizokuja bila nafasi zitahesabiwa kwa hii, ambayo inadaiwa ${due}${booksIt}.`,
    moveBooked: (when) => `Kipindi cha ${when} kitathibitishwa kwa wakati utakaochagua. SomoPay haimwambii mzazi.`,
    moveUnpaid: (when) => `Kipindi cha ${when} kitasubiri malipo yake, kwa wakati utakaochagua. SomoPay haimwambii mzazi.`,
    cancel: (when, money) => `Kipindi cha ${when} hakitafanyika.${money} SomoPay haimwambii mzazi.`,
    moneyToGiveBack: (money) => ` ${money} zitabaki kwenye orodha ya mambo ya kufanya hadi uzirudishe.`,
    resendReceipt: (email) => `Risiti itatumwa mara nyingine kwa ${email}.`,
  },

  attention: {
    moneyWithoutBooking: (receipt, money, phone, account, why) =>
      `${receipt}: ${money} kutoka ${phone}, akaunti "${account}", si za nafasi yoyote: ${why}`,
    noReceipt: "bado hakuna risiti",
    surplus: (receipt, money, phone, reference) => `${receipt}: ${money} kutoka ${phone} ni zaidi ya ilivyohitaji nafasi ${reference}`,
    surplusPart: (receipt, money, all, phone, reference) =>
      `${receipt}: ${money} kati ya ${all} kutoka ${phone} ni zaidi ya ilivyohitaji nafasi ${reference}: kubalianeni zibaki, au rudisha ${money} mwenyewe kwa M-Pesa (kurudisha kutoka hapa kunarudisha zote ${all})`,
    undecided: (reference, money, phone, why) => `nafasi ${reference}: ${money} kutoka ${phone}: ${why}. Yatafute kwenye taarifa ya M-Pesa`,
    notSaid: "Safaricom haikusema kama yalilipwa",
    booking: (reference, session, when) => `nafasi ${reference} (${session}, ${when})`,
    paidOf: (paid, amount) => `${paid} kati ya ${amount} zimelipwa`,
    paidButCancelled: (booking, paid) => `${booking}: ${paid}, lakini imefutwa: zirudishe`,
    bookedOnPart: (booking, paid) => `${booking}: imethibitishwa, na ni ${paid} tu`,
    partPaid: (booking, paid) => `${booking}: ${paid}, na mzazi anaweza kulipa salio`,
    partPaidLapsed: (booking, paid) => `${booking}: ${paid} kabla ya kuisha muda: kubalianeni wakati mwingine, au zirudishe`,
    paidLapsed: (booking, paid) =>
      `${booking}: ${paid}, lakini muda ulikuwa umeisha na haijathibitishwa: kubalianeni wakati mwingine, au zirudishe`,
    refund: (receipt, money, state, because) => `kurudisha ${receipt}, ${money}, ${state}${because}`,
    refundStates: {
      requested: "kumeombwa",
      sent: "kunaendelea",
      failed: "hakukufaulu",
      unknown: "hakujulikani: kutafute kwenye taarifa ya M-Pesa",
      done: "kumekamilika",
    },
    callback: (when, about, state, because) => `taarifa ya Safaricom ya ${when}${about} ${state}${because}`,
    aboutReceipt: (receipt) => ` inataja risiti ${receipt} na`,
    callbackFailed: (tries) => `haikuweza kushughulikiwa mara ${tries}`,
    callbackStates: {
      verified: "ilihesabiwa, kwa shaka",
      duplicate: "haikusema jambo jipya",
      unverified: "haikuaminiwa",
      unmatched: "haitaji chochote kinachojulikana hapa",
      unprocessable: "haikuweza kushughulikiwa",
      dismissed: "iliwekwa kando",
    },
    webhook: (host, state, undelivered) => `webhook kwa ${host} ${state}. ${undelivered}`,
    undelivered: (waiting, failed) =>
      `${waiting === 1 ? "Ujumbe 1 unasubiri" : `Jumbe ${waiting} zinasubiri`}${failed > 0 ? `, ${failed} zimeshindikana kabisa` : ""}`,
    webhookGone: "imezimwa: ilijibu 410",
    webhookFailing: "imezimwa: imeshindwa kwa siku tano",
    webhookWorks: "inafanya kazi tena",
    webhookFailsSince: (when, why) => `imeshindwa tangu ${when}: ${why}`,
    noAnswer: "hakuna jibu",
  },

  goLive: {
    noAccount: "Hakuna akaunti ya M-Pesa inayoweza kutumika.",
    enterAccount: "Weka paybill au till yako pamoja na funguo zake kutoka tovuti ya Daraja.",
    paybill: (shortcode) => `paybill ${shortcode}`,
    till: (till) => `till ${till}`,
    accepted: (account) => `Safaricom inakubali funguo za ${account}.`,
    refused: (account, problem) => `Safaricom haikubali funguo za ${account}: ${problem}.`,
    copyAgain: "Nakili tena consumer key, consumer secret, shortcode na passkey kutoka tovuti ya Daraja, zote za app moja.",
    noInitiator: "Malipo hayawezi kurudishwa kutoka hapa, na nambari za M-Pesa haziwezi kukaguliwa.",
    addInitiator: "Ongeza initiator wa shirika lako la M-Pesa, ukitaka hivyo.",
    certificateExpired: (when) => `Cheti cha Safaricom kiliisha muda ${when}: kurudisha pesa hakufaulu.`,
    getCertificate: "Chukua cheti kipya kutoka tovuti ya Daraja.",
    initiator: (name) => `Malipo yanaweza kurudishwa kutoka hapa, kupitia initiator ${name}.`,
    handPaymentsReported: "Pesa ambazo wazazi hutuma kwa paybill wenyewe zinaripotiwa kwa huduma hii.",
    handPaymentsNotReported: "Pesa ambazo wazazi hutuma kwa paybill wenyewe haziripotiwi kwa huduma hii.",
    registerC2b: (shortcode) => `Mwombe mwendeshaji wa huduma hii atumie \`somopay c2b register\` kwa ${shortcode}.`,
    production: "Pesa halisi zinahamishwa.",
    sandbox: "Huduma hii inatumia sandbox ya Safaricom: hakuna pesa zinazohamishwa.",
    goToProduction: "Ili kupokea pesa, mwendeshaji lazima aweke MPESA_ENV=production.",
    reachable: "Safaricom inaweza kuripoti malipo kwa huduma hii.",
    unreachable: "Safaricom haiwezi kuifikia huduma hii, na hakuna malipo yanayoripotiwa.",
    setPublicUrl: "Mwendeshaji lazima aweke PUBLIC_URL kuwa anwani ya https ya umma.",
    noOrigin: (origins) => `Hakuna ukurasa wa umma unaoweza kutumia kidude cha malipo, ila ${origins} tu.`,
    addOrigin: "Ongeza anwani ya tovuti yako, inayoanza na https://, kwenye anwani zinazoruhusiwa.",
    origins: (origins) => `Kurasa hizi zinaweza kutumia kidude cha malipo: ${origins}.`,
    noPrices: "Orodha ya bei ni tupu: hakuna kinachoweza kuwekewa nafasi.",
    addPrice: "Ongeza aina ya kipindi pamoja na bei yake.",
    prices: (count) => (count === 1 ? "Orodha ya bei ina aina 1 ya kipindi." : `Orodha ya bei ina aina ${count} za vipindi.`),
  },

  stored: new Map([
    ["no booking has this reference", "hakuna nafasi yenye nambari hii"],
    ["it went to another account than the booking's site has", "zilikwenda kwa akaunti nyingine, si ya tovuti ya nafasi hii"],
    ["it names no payment that we know", "haitaji malipo yoyote tunayoyajua"],
    ["it answers no request of ours", "haijibu ombi letu lolote"],
    ["no answer came", "hakuna jibu lililokuja"],
    ["no answer came; asked again", "hakuna jibu lililokuja; iliulizwa tena"],
    ["Safaricom's queue gave the request up", "foleni ya Safaricom iliacha ombi hilo"],
  ]),
};
