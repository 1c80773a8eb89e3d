/** A circuit breaker that reports how long it stays open, and never makes a caller wait for another caller's trial call. */
import { CircuitState, ConsecutiveBreaker, circuitBreaker, handleWhenResult, isBrokenCircuitError } from "cockatiel";

export type CircuitOptions = {
  /** Consecutive failures that open it. */
  troublesToOpen: number;
  /** How long it stays open before one trial call is allowed. */
  openMs: number;
  onOpen(): void;
  onClose(): void;
};

export type Circuit = {
  /** For how long calls are refused, or null if a call may go out now. */
  refusesForMs(): number | null;
  /** Runs the call, or returns `refusedForMs`. `troubled` decides whether a result counts as a failure. */
  run<T>(call: () => Promise<T>, troubled: (result: T) => boolean): Promise<{ result: T } | { refusedForMs: number }>;
  state(): "closed" | "open" | "half-open";
};

/** How long a caller is told to wait while another caller's trial call is running. */
const TRIAL_RETRY_MS = 1_000;

type Trialled<T> = { result: T; troubled: boolean };

export function createCircuit(options: CircuitOptions): Circuit {
  // The library uses Date.now(), so the remaining time must be computed with the same clock.
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
    // A half-open policy would make further callers wait for the trial call, past their own deadlines.
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
