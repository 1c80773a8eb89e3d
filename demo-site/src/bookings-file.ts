import { mkdir, open, readFile, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";

const recordSchema = z.object({
  bookingId: z.string(),
  /** The form's id, so that sending a form again does not book twice. */
  formId: z.string(),
  idempotencyKey: z.string(),
  lesson: z.string(),
  date: z.string(),
  time: z.string(),
  childName: z.string(),
  createdAtMs: z.number(),
  /** What the newest webhook said, and the booking's version then. Missing: none has come. */
  told: z.object({ isBooked: z.boolean(), version: z.number() }).optional(),
});
/** What this site stores about a booking. Whether it is paid, the service says. */
export type BookingRecord = z.infer<typeof recordSchema>;

const fileSchema = z.object({ bookings: z.array(recordSchema) });

export type BookingsFile = {
  /** Oldest first. */
  all(): readonly BookingRecord[];
  /** Resolves once it is on disk. */
  add(record: BookingRecord): Promise<void>;
  /** Resolves once it is on disk. Returns whether there is such a record. */
  update(bookingId: string, change: (record: BookingRecord) => BookingRecord): Promise<boolean>;
};

/** A real site uses a database; the demo uses one small file, rewritten as a whole. */
export async function openBookingsFile(file: string): Promise<BookingsFile> {
  await mkdir(dirname(file), { recursive: true });
  let records = await read(file);
  let queue = Promise.resolve();
  /** One after the other: each begins with what the one before has written. */
  const rewrite = (change: (records: BookingRecord[]) => BookingRecord[]): Promise<void> => {
    const written = queue.then(async () => {
      const next = change(records);
      await write(file, next);
      records = next;
    });
    queue = written.catch(() => undefined);
    return written;
  };
  return {
    all: () => records,
    add: (record) => rewrite((before) => [...before, record]),
    async update(bookingId, change) {
      if (!records.some((record) => record.bookingId === bookingId)) return false;
      await rewrite((before) => before.map((record) => (record.bookingId === bookingId ? change(record) : record)));
      return true;
    },
  };
}

async function read(file: string): Promise<BookingRecord[]> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
  try {
    return fileSchema.parse(JSON.parse(text)).bookings;
  } catch {
    const kept = `${file}.unreadable-${Date.now()}`;
    await rename(file, kept);
    console.warn(`The list of bookings could not be read. It was renamed to ${kept}; starting a new one.`);
    return [];
  }
}

/** Writes to a temporary file and renames it, so that a crash never leaves half a file. */
async function write(file: string, bookings: readonly BookingRecord[]): Promise<void> {
  const draft = `${file}.new`;
  const handle = await open(draft, "w", 0o600);
  try {
    await handle.writeFile(JSON.stringify({ bookings }, null, 2));
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(draft, file);
}
