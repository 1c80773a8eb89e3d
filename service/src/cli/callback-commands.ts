/** The operator's commands for callbacks: `somopay callbacks list | replay | dismiss`. */
import { createCallbackList } from "../payments/operator/callback-list.ts";
import type { Decision } from "../payments/decision.ts";
import type { Database } from "../platform/database.ts";

type Write = (line: string) => void;

const LIST_MAX = 200;

/** The newest callbacks that led to nothing. */
export async function listCallbacks(database: Database, write: Write): Promise<boolean> {
  const { data: callbacks } = await createCallbackList(database).page(null, { limit: LIST_MAX });
  if (callbacks.length === 0) write("Every callback was processed.");
  for (const { callbackId, receivedAt, kind, status, receipt = "-", note = "" } of callbacks)
    write([callbackId, new Date(receivedAt).toISOString(), kind, status, receipt, note].join("\t"));
  return true;
}

/** For one that leads to nothing and need not. Returns whether it was listed and did not wait. */
export async function dismissCallback(
  database: Database,
  { callbackId, decision }: { callbackId: string; decision: Decision },
  write: Write,
): Promise<boolean> {
  const isDismissed = await createCallbackList(database).dismiss(null, callbackId, { ...decision, atMs: Date.now() });
  write(isDismissed ? "Dismissed: it is no longer listed." : "No callback with this id is set aside. See: somopay callbacks list");
  return isDismissed;
}

/** Has the running service process a callback once more. Returns whether it exists. */
export async function replayCallback(database: Database, callbackId: string, write: Write): Promise<boolean> {
  const exists = await createCallbackList(database).replay(null, callbackId);
  write(
    exists ? "The running service processes it again within seconds." : "There is no callback with this id. See: somopay callbacks list",
  );
  return exists;
}
