/**
 * A straightforward handler, as tutorials have it: Express with `express.json()`; it looks the payment up by Safaricom's id, stores the callback, marks the
 * payment as paid, books the session, one statement after the other, and answers 200. A process of its own.
 *
 * node plain-handler.ts URL PORT: prints "ready" once it listens. It ends with its standard input.
 */
import express from "express";
import mysql from "mysql2/promise";
import { z } from "zod";

const [url = "", port = "0"] = process.argv.slice(2);
const pool = mysql.createPool({ uri: url, connectionLimit: 16 });
await pool.query(`CREATE TABLE IF NOT EXISTS plain_callbacks (id BIGINT AUTO_INCREMENT PRIMARY KEY, body TEXT NOT NULL)`);
await pool.query(
  `CREATE TABLE IF NOT EXISTS plain_payments (id BIGINT AUTO_INCREMENT PRIMARY KEY, checkout_request_id VARCHAR(64) NOT NULL UNIQUE,
     status VARCHAR(16) NOT NULL, receipt VARCHAR(16) NULL UNIQUE)`,
);
await pool.query(`CREATE TABLE IF NOT EXISTS plain_sessions (id BIGINT AUTO_INCREMENT PRIMARY KEY, payment_id BIGINT NOT NULL UNIQUE)`);

const bodySchema = z.object({
  Body: z.object({
    stkCallback: z.object({
      CheckoutRequestID: z.string(),
      CallbackMetadata: z.object({ Item: z.array(z.object({ Name: z.string(), Value: z.unknown().optional() })) }),
    }),
  }),
});

const app = express();
app.use(express.json());
app.post("/callback", async (request, response) => {
  const { CheckoutRequestID, CallbackMetadata } = bodySchema.parse(request.body).Body.stkCallback;
  const receipt = String(CallbackMetadata.Item.find(({ Name }) => Name === "MpesaReceiptNumber")?.Value);
  const [rows] = await pool.execute<mysql.RowDataPacket[]>("SELECT id FROM plain_payments WHERE checkout_request_id = ?", [
    CheckoutRequestID,
  ]);
  const id: unknown = rows[0]?.["id"];
  await pool.execute("INSERT INTO plain_callbacks (body) VALUES (?)", [JSON.stringify(request.body)]);
  await pool.execute("UPDATE plain_payments SET status = 'paid', receipt = ? WHERE id = ?", [receipt, Number(id)]);
  await pool.execute("INSERT INTO plain_sessions (payment_id) VALUES (?)", [Number(id)]);
  response.json({ ResultCode: 0, ResultDesc: "Accepted" });
});
app.listen(Number(port), "127.0.0.1", () => void process.stdout.write("ready\n"));
process.stdin.resume().on("end", () => process.exit());
