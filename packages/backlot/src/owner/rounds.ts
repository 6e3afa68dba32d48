import { BacklotError, type Clock } from '@backlot/core';

/** Work that comes again and again while the owner lives. */
export interface Rounds {
  /** Resolves once the round that runs has ended. */
  stop(): Promise<void>;
}

interface RoundsOptions {
  readonly clock: Clock;
  readonly everyMs: number;
  /** How long the first round waits; it is made at once when absent. */
  readonly firstAfterMs?: number;
  readonly round: (signal: AbortSignal) => Promise<void>;
  /** Told of a round that met a store out of reach; the next one tries again. */
  readonly onUnreachable: (error: BacklotError) => void;
  /** Told of any other error, which ends the rounds. */
  readonly onFault: (error: unknown) => void;
}

/** Makes a round, and the next one a while after each has ended. */
export function inRounds(options: RoundsOptions): Rounds {
  const { clock, everyMs, firstAfterMs = 0, round, onUnreachable, onFault } = options;
  const stopped = new AbortController();
  const { signal } = stopped;
  const work = async (): Promise<void> => {
    if (firstAfterMs > 0) await clock.sleep(firstAfterMs, signal);
    while (!signal.aborted) {
      try {
        await round(signal);
      } catch (error) {
        if (!(error instanceof BacklotError) || error.kind !== 'unreachable') throw error;
        onUnreachable(error);
      }
      await clock.sleep(everyMs, signal);
    }
  };
  const done = work().catch(onFault);
  return {
    stop: async () => {
      stopped.abort();
      await done;
    },
  };
}
