/** A circuit breaker that says how long it stays open and never makes a caller wait for another one's trial call. */
import { CircuitState, ConsecutiveBreaker, circuitBreaker, handleWhenResult, isBrokenCircuitError } from "cockatiel";

export type CircuitOptions = {
  /** Troubled calls in a row that open it. */
  troublesToOpen: number;
  /** How long it stays open before one call may try. */
  openMs: number;
  onOpen(): void;
  onClose(): void;
};

export type Circuit = {
  /** How long a call made now would be refused, or null when it may go. */
  refusesForMs(): number | null;
  /** Runs the call, or does not: then `refusedForMs`. `troubled` says of a result that the other side did not work. */
  run<T>(call: () => Promise<T>, troubled: (result: T) => boolean): Promise<{ result: T } | { refusedForMs: number }>;
  state(): "closed" | "open" | "half-open";
};

/** What a caller is told while another one's trial call is under way. */
const TRIAL_RETRY_MS = 1_000;

type Trialled<T> = { result: T; troubled: boolean };

export function createCircuit(options: CircuitOptions): Circuit {
  // The library times itself by Date.now(), so what is said about its times must come from the same clock.
  let openUntilMs = 0;
  const policy = circuitBreaker(
    handleWhenResult((outcome) => typeof outcome === "object" && outcome !== null && "troubled" in outcome && outcome.troubled === true),
    { halfOpenAfter: options.openMs, breaker: new ConsecutiveBreaker(options.troublesToOpen) },
  );
  policy.onBreak(() => {
    openUntilMs = Date.now() + options.openMs;
    options.onOpen();
  });
  policy.onReset(() => options.onClose());

  function refusesForMs(): number | null {
    // A half-open policy would let further callers wait for the trial call to end, past their own deadlines.
    if (policy.state === CircuitState.HalfOpen) return TRIAL_RETRY_MS;
    const leftMs = openUntilMs - Date.now();
    return policy.state === CircuitState.Open && leftMs > 0 ? leftMs : null;
  }

  return {
    refusesForMs,
    async run<T>(call: () => Promise<T>, troubled: (result: T) => boolean) {
      const refusedForMs = refusesForMs();
      if (refusedForMs !== null) return { refusedForMs };
      try {
        const outcome = await policy.execute(async (): Promise<Trialled<T>> => {
          const result = await call();
          return { result, troubled: troubled(result) };
        });
        return { result: outcome.result };
      } catch (error) {
        if (isBrokenCircuitError(error)) return { refusedForMs: TRIAL_RETRY_MS };
        throw error;
      }
    },
    state() {
      if (policy.state === CircuitState.Closed) return "closed";
      return policy.state === CircuitState.HalfOpen ? "half-open" : "open";
    },
  };
}
