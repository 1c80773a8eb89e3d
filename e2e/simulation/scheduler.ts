/** Simulated time: all events are in one queue, ordered by time, and the clock jumps from one to the next. */
export class Scheduler {
  readonly #heap: Event[] = [];
  #order = 0;
  #steps = 0;
  #nowMs: number;

  constructor(startMs: number) {
    this.#nowMs = startMs;
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  /** How many events have happened. */
  get steps(): number {
    return this.#steps;
  }

  /** Plans an event, in whole milliseconds. Events at the same time happen in the order in which they were planned. @returns how to cancel it */
  after(delayMs: number, work: () => void): () => void {
    const event: Event = { atMs: this.#nowMs + Math.max(0, Math.round(delayMs)), order: this.#order++, work };
    push(this.#heap, event);
    return () => {
      event.work = null;
    };
  }

  /** Lets events happen until `isOver` is true, which is checked after each. After an event, all code that waited for it runs as far as it can. */
  run(isOver: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const turn = (): void => {
        try {
          if (isOver()) return resolve();
          const event = pop(this.#heap);
          if (!event) throw new Error("nothing is left to happen");
          if (event.work) {
            this.#nowMs = event.atMs;
            this.#steps += 1;
            event.work();
          }
        } catch (error) {
          return reject(error instanceof Error ? error : new Error(String(error)));
        }
        // Lets the code run that waits for promises which the event settled.
        setImmediate(turn);
      };
      turn();
    });
  }
}

type Event = { atMs: number; order: number; work: (() => void) | null };

function isBefore(left: Event, right: Event): boolean {
  return left.atMs < right.atMs || (left.atMs === right.atMs && left.order < right.order);
}

/** A binary heap with the earliest event on top. */
function push(heap: Event[], event: Event): void {
  let index = heap.length;
  while (index > 0) {
    const parentIndex = (index - 1) >> 1;
    const parent = heap[parentIndex];
    if (!parent || !isBefore(event, parent)) break;
    heap[index] = parent;
    index = parentIndex;
  }
  heap[index] = event;
}

function pop(heap: Event[]): Event | undefined {
  const top = heap[0];
  const last = heap.pop();
  if (!top || !last || heap.length === 0) return top;
  let index = 0;
  for (;;) {
    let childIndex = 2 * index + 1;
    const left = heap[childIndex];
    if (!left) break;
    const right = heap[childIndex + 1];
    const child = right && isBefore(right, left) ? right : left;
    if (child === right) childIndex += 1;
    if (!isBefore(child, last)) break;
    heap[index] = child;
    index = childIndex;
  }
  heap[index] = last;
  return top;
}
