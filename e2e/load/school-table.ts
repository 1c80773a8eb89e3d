/** A school's years in the tables, among other sites': bookings, payments, their history, callbacks, and the words of the names. Made by the database. */
import type { Knex } from "knex";
import { DAY_MS } from "../../service/src/platform/nairobi-day.ts";
import type { LoadWorld } from "./load-world.ts";

/** One payment of so many is the school's. */
export const OTHERS = 10;
/** Over so many days the payments are spread; the last lessons are still to come. */
const DAYS_BACK = 365;
const LESSON_WITHIN_DAYS = 14;
/** An unpaid booking's. */
const LIFE_MS = 7 * DAY_MS;

const FIRST_NAMES = [
  "Wanjiru",
  "Achieng",
  "Amani",
  "Baraka",
  "Chebet",
  "Dalila",
  "Eshe",
  "Faraja",
  "Grace",
  "Halima",
  "Imani",
  "Jabali",
  "Kamau",
];
const MORE_NAMES = [
  "Lulu",
  "Makena",
  "Njoki",
  "Otieno",
  "Pendo",
  "Rehema",
  "Subira",
  "Tatu",
  "Umi",
  "Wairimu",
  "Zawadi",
  "Akinyi",
  "Mwende",
];
const LAST_NAMES = [
  "Mwangi",
  "Omondi",
  "Kiprop",
  "Njoroge",
  "Hassan",
  "Wafula",
  "Mutua",
  "Kariuki",
  "Adongo",
  "Barasa",
  "Cheruiyot",
  "Ndungu",
];
/** Few: what a search must find among many. */
const RARE_NAME = "Nyambura";
const RARE_EVERY = 9_973;

const REASONS = ["cancelled", "insufficient_funds", "wrong_pin", "no_answer", "expired", "unreachable"];

/** `n` counts the payments of one site, so that what is said of every so many holds for each site. */
const N = `(seq DIV ${OTHERS})`;
const choice = (values: readonly string[], step = 1): string =>
  `ELT(1 + (${N} DIV ${step}) % ${values.length}, ${values.map((value) => `'${value}'`).join(", ")})`;

const ID = "LPAD(seq, 36, '0')";
const PARENT = `CONCAT(IF(${N} % ${RARE_EVERY} = 7, '${RARE_NAME}', ${choice([...FIRST_NAMES, ...MORE_NAMES])}), ' ', ${choice(LAST_NAMES, 26)})`;
const CHILD = `CONCAT(${choice([...MORE_NAMES, ...FIRST_NAMES], 7)}, ' ', ${choice(LAST_NAMES, 26)})`;
/** Of a hundred: 72 paid, 1 part payment, 1 refunded, the others failed. */
const KIND = `CASE WHEN ${N} % 100 < 72 THEN 'paid' WHEN ${N} % 100 = 72 THEN 'part' WHEN ${N} % 100 = 73 THEN 'refunded' ELSE 'failed' END`;
const IS_MONEY = `(${N} % 100 < 73)`;
const RECEIPT = "CONCAT('Y', LPAD(CONV(seq, 10, 36), 9, '0'))";
const PHONE = `CONCAT('2547000', LPAD(${N} % 100000, 5, '0'))`;

/** What the search is asked about, of the school's payment with this number. */
export function factsOf(n: number): { receipt: string; reference: string; phone: string; bookingId: string; paymentId: string } {
  const seq = n * OTHERS;
  const number = seq.toString(36).toUpperCase();
  const id = String(seq).padStart(36, "0");
  return {
    receipt: `Y${number.padStart(9, "0")}`,
    reference: `Y${number.padStart(7, "0")}`,
    phone: `2547000${String(n % 100_000).padStart(5, "0")}`,
    bookingId: `bk_${id}`,
    paymentId: `pay_${id}`,
  };
}

/** Fills the tables with `count` payments, one each booking. The world's own site has one of ten, nine other sites the rest. */
export async function fillSchool({ database, siteId }: LoadWorld, count: number): Promise<void> {
  const { knex } = database;
  const site = `IF(seq % ${OTHERS} = 0, '${siteId}', CONCAT('site_school_', seq % ${OTHERS}))`;
  const nowMs = Date.now();
  const stepMs = Math.max(1, Math.floor((DAYS_BACK * DAY_MS) / count));
  /** The newest payment was begun a moment ago. */
  const at = `(${nowMs} - 60000 - (${count} - seq) * ${stepMs})`;
  const date = `DATE_FORMAT(FROM_UNIXTIME(${at} / 1000) + INTERVAL (${N} % ${LESSON_WITHIN_DAYS}) DAY, '%Y-%m-%d')`;
  const amountPaid = `CASE ${KIND} WHEN 'paid' THEN 1500 WHEN 'part' THEN 700 ELSE 0 END`;
  const status = `CASE ${KIND} WHEN 'paid' THEN 'booked' WHEN 'part' THEN IF(${at} + ${LIFE_MS} > ${nowMs}, 'pending', 'lapsed') WHEN 'refunded' THEN 'cancelled' ELSE 'lapsed' END`;
  const tables: Record<string, Record<string, string>> = {
    pending_sessions: {
      id: `CONCAT('bk_', ${ID})`,
      site_id: site,
      reference: "CONCAT('Y', LPAD(CONV(seq, 10, 36), 7, '0'))",
      status,
      version: "3",
      parent_name: PARENT,
      child_name: CHILD,
      email: `CONCAT('parent', ${N}, '@example.com')`,
      session_type: "'maths-1h'",
      session_name: "'Maths, one hour'",
      date,
      time: `CONCAT(LPAD(8 + ${N} % 10, 2, '0'), ':00')`,
      amount: "1500",
      amount_paid: amountPaid,
      processed: `IF(${KIND} = 'paid', 1, 0)`,
      created_at: at,
      updated_at: at,
      expires_at: `${at} + ${LIFE_MS}`,
    },
    payments: {
      id: `CONCAT('pay_', ${ID})`,
      site_id: site,
      pending_session_id: `CONCAT('bk_', ${ID})`,
      provider: "'mpesa'",
      provider_ref: `IF(${IS_MONEY} OR ${KIND} = 'refunded', ${RECEIPT}, NULL)`,
      status: `CASE ${KIND} WHEN 'part' THEN 'paid' ELSE ${KIND} END`,
      // One of a thousand was never decided, and waits for its owner.
      reason: `IF(${KIND} = 'failed', IF(${N} % 1000 = 999, 'unknown', ${choice(REASONS, 3)}), NULL)`,
      surplus: `IF(${KIND} = 'paid' AND ${N} % 2000 = 1, 200, 0)`,
      amount: `IF(${KIND} = 'part', 700, 1500)`,
      phone: PHONE,
      callback_secret_hash: "SHA2(seq, 256)",
      checkout_request_id: "CONCAT('ws_CO_school_', seq)",
      result_code: `IF(${KIND} = 'failed', '1032', '0')`,
      requested_at: at,
      paid_at: `IF(${IS_MONEY} OR ${KIND} = 'refunded', ${at} + 15000, NULL)`,
      ended_at: `${at} + 15000`,
      queries: "0",
      updated_at: at,
    },
    payment_history: {
      id: `CONCAT('ph_', ${ID})`,
      payment_id: `CONCAT('pay_', ${ID})`,
      from_status: "'prompted'",
      to_status: `IF(${KIND} = 'failed', 'failed', 'paid')`,
      event: `IF(${KIND} = 'failed', 'failed', 'paid')`,
      source: "'callback'",
      booking_version: "3",
      at: `${at} + 15000`,
    },
    callbacks: {
      id: `CONCAT('cb_', ${ID})`,
      received_at: `${at} + 15000`,
      kind: "'stk'",
      secret_hash: "SHA2(seq, 256)",
      remote_address: "'196.201.214.200'",
      body: `CONCAT('{"Body":{"stkCallback":{"ResultCode":0,"CheckoutRequestID":"ws_CO_school_', seq, '"}}}')`,
      body_encoding: "'utf8'",
      payment_id: `CONCAT('pay_', ${ID})`,
      verdict: `IF(${N} % 5000 = 3, 'unverified', 'verified')`,
      receipt: `IF(${KIND} = 'failed', NULL, ${RECEIPT})`,
      processed_at: `${at} + 15001`,
      tries: "0",
    },
  };
  await knex.raw("SET GLOBAL innodb_flush_log_at_trx_commit = 0");
  for (let other = 1; other < OTHERS; other++) await insertSite(knex, `site_school_${other}`);
  // One connection, so that its settings hold: they let InnoDB sort each index of an empty table instead of looking up a place for every row.
  await knex.transaction(async (trx) => {
    await trx.raw("SET SESSION unique_checks = 0, SESSION foreign_key_checks = 0");
    for (const [table, columns] of Object.entries(tables))
      await trx.raw(
        `INSERT INTO ${table} (${Object.keys(columns).join(", ")}) SELECT ${Object.values(columns).join(", ")} FROM seq_1_to_${count}`,
      );
    // In the order of the key. The names have no accents and no apostrophes.
    const words = [1, -1].flatMap((part) => ["parent_name", "child_name"].map((name) => `LOWER(SUBSTRING_INDEX(${name}, ' ', ${part}))`));
    const selects = words.map((word) => `SELECT site_id, ${word}, id FROM pending_sessions`).join(" UNION ");
    await trx.raw(`INSERT INTO booking_words (site_id, word, booking_id) SELECT * FROM (${selects}) AS words ORDER BY 1, 2, 3`);
    await trx.raw(
      `INSERT INTO refunds (id, site_id, payment_id, receipt, amount, status, result_secret_hash, requested_at, ended_at) ` +
        `SELECT CONCAT('rf_', id), site_id, id, provider_ref, amount, 'done', SHA2(id, 256), paid_at + 1, paid_at + 2 FROM payments WHERE status = 'refunded'`,
    );
    // The school's own server was told of every payment. Now its endpoint is disabled, so that nothing is sent while the benchmark runs.
    const endpoint = `'we_school', '${siteId}', 'https://www.example.com/webhooks', 'disabled', 'owner', '', ${nowMs}, ${nowMs}`;
    await trx.raw(
      `INSERT INTO webhook_endpoints (id, site_id, url, status, disabled_why, secret, created_at, updated_at) VALUES (${endpoint})`,
    );
    const told = `FROM payments WHERE site_id = '${siteId}'`;
    await trx.raw(
      `INSERT INTO webhook_messages (id, site_id, booking_id, payment_id, sequence, type, payload, created_at) ` +
        `SELECT CONCAT('msg_', id), site_id, pending_session_id, id, 1, IF(status = 'failed', 'payment.failed', 'payment.paid'), '{}', ended_at ${told}`,
    );
    await trx.raw(
      `INSERT INTO webhook_deliveries (id, site_id, endpoint_id, message_id, booking_id, sequence, status, attempts, delivered_at, created_at) ` +
        `SELECT CONCAT('wd_', id), site_id, 'we_school', CONCAT('msg_', id), pending_session_id, 1, 'delivered', 1, ended_at, ended_at ${told}`,
    );
  });
  for (const table of [...Object.keys(tables), "booking_words", "refunds", "webhook_messages", "webhook_deliveries"])
    await knex.raw(`ANALYZE TABLE ${table}`);
  await knex.raw("SET GLOBAL innodb_flush_log_at_trx_commit = 1");
}

async function insertSite(knex: Knex, id: string): Promise<void> {
  const row = { id, name: id, allowed_origins: "[]", publishable_key: `pk_${id}`, secret_key_hash: id, created_at: 0, updated_at: 0 };
  await knex("sites").insert(row);
}
