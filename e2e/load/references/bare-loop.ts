/**
 * The limit of the plain way: one transaction for each callback through mysql2, with nothing else around it. No HTTP, no verification, no history, no
 * booked session: it stores the body and marks a payment as paid. A process of its own, so that it has as much of the machine as the service.
 *
 * node bare-loop.ts URL CONNECTIONS CALLBACKS: prints how many were recorded per second.
 */
import mysql from "mysql2/promise";

const [url = "", connections = "1", callbacks = "1000"] = process.argv.slice(2);
const pool = mysql.createPool({ uri: url, connectionLimit: Number(connections) });
await pool.query("CREATE TABLE IF NOT EXISTS bare_callbacks (id BIGINT AUTO_INCREMENT PRIMARY KEY, body TEXT NOT NULL)");
await pool.query(
  "CREATE TABLE IF NOT EXISTS bare_payments (id BIGINT PRIMARY KEY, status VARCHAR(16) NOT NULL, receipt VARCHAR(16) NULL UNIQUE)",
);
await pool.query("TRUNCATE bare_payments");
const count = Number(callbacks);
for (let begun = 0; begun < count; begun += 1_000) {
  const rows = Array.from({ length: Math.min(1_000, count - begun) }, (_, index) => [begun + index, "prompted"]);
  await pool.query("INSERT INTO bare_payments (id, status) VALUES ?", [rows]);
}
const body = JSON.stringify({ Body: { stkCallback: { CheckoutRequestID: "x".repeat(500) } } });
const run = `${process.pid}`;

let next = 0;
const work = async (): Promise<void> => {
  const connection = await pool.getConnection();
  while (next < count) {
    const id = next;
    next += 1;
    await connection.beginTransaction();
    await connection.execute("INSERT INTO bare_callbacks (body) VALUES (?)", [body]);
    await connection.execute("UPDATE bare_payments SET status = 'paid', receipt = ? WHERE id = ?", [`${run}-${id}`, id]);
    await connection.commit();
  }
  connection.release();
};
const startedAtMs = performance.now();
await Promise.all(Array.from({ length: Number(connections) }, work));
const seconds = (performance.now() - startedAtMs) / 1_000;
process.stdout.write(`${Math.round(count / seconds)}\n`);
await pool.end();
