import { execFileSync } from "node:child_process";
import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { call } from "../factories/calls.ts";
import { deliverLost, post } from "../factories/callbacks.ts";
import { expectLedgerIsDatabase } from "../factories/ledger.ts";
import { enterPin, startPaying } from "../factories/paying.ts";
import { startMariaDb, type PrivateMariaDb } from "../servers/mariadb.ts";
import { stackForTest } from "../fixtures.ts";

/** More than the free space that /readyz requires. */
const DISK = "20m";

function mountSmallDisk(): string | null {
  const folder = mkdtempSync(join(tmpdir(), "somopay-small-disk-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${DISK}`, "tmpfs", folder], { stdio: "ignore" });
    return folder;
  } catch {
    rmSync(folder, { recursive: true });
    return null;
  }
}

function fill(file: string): void {
  for (let size = 1024 * 1024; size >= 1; size = Math.floor(size / 2)) {
    try {
      for (;;) appendFileSync(file, Buffer.alloc(size));
    } catch {
      // Full for writes of this size; smaller ones still fit.
    }
  }
}

const disk = mountSmallDisk();
if (disk === null) console.log("Skipped: the test of a full disk. It mounts a small one, and this user may not mount.");

let mariaDb: PrivateMariaDb;
beforeAll(async () => {
  mariaDb = await startMariaDb();
});
afterAll(async () => {
  await mariaDb.stop();
  if (disk === null) return;
  execFileSync("umount", [disk]);
  rmSync(disk, { recursive: true });
});

it.skipIf(disk === null)(
  "with a dead database and a full disk a callback is answered 503, never 200; once there is room it is stored",
  async () => {
    if (disk === null) throw new Error("there is no small disk");
    const stack = await stackForTest({
      databaseUrl: await mariaDb.createDatabase(),
      environment: { DATA_DIR: disk },
      simulator: { faults: { callbackLost: true } },
    });
    const { service, simulator } = stack;
    const { prompt, stream } = await startPaying(stack);
    const receipt = await enterPin(stack, prompt);
    const lost = await simulator.control.waitForDelivery(prompt.checkoutRequestId);

    const filler = join(disk, "filler");
    fill(filler);
    onTestFinished(() => rmSync(filler, { force: true }));
    await mariaDb.kill9();
    const refused = await post(lost.url, lost.body);
    expect(refused).toMatchObject({ status: 503, body: { ResultCode: 1 } });
    expect(await call(service.url, "/readyz")).toMatchObject({ status: 503, body: { database: "down", journal: "down", journalDepth: 0 } });
    expect(stack.logLines.some((line) => line.includes("neither in the database nor in the journal"))).toBe(true);

    rmSync(filler);
    expect((await deliverLost(stack, prompt.checkoutRequestId)).status).toBe(200);
    expect(await call(service.url, "/readyz")).toMatchObject({ status: 200, body: { database: "down", journal: "ok", journalDepth: 1 } });
    await mariaDb.restart();
    expect((await stream.untilStatus("paid")).payment?.receipt).toBe(receipt);
    await expectLedgerIsDatabase(stack);
  },
);
