import type { Principal } from '@backlot/access';
import type { ProcessExit } from '@backlot/core';

/** An attempt to be started. */
export interface Launch {
  /** The task reference as text. */
  readonly reference: string;
  readonly workspace: string;
  readonly run: string;
  readonly node: string;
  /** The attempt's id. */
  readonly attempt: string;
  readonly number: number;
  /** Whoever started the run. */
  readonly principal: Principal;
  /** Takes what the worker prints. */
  readonly print: (chunk: Uint8Array) => void;
}

/** A worker on its way. */
export interface Running {
  /** Resolves when the worker, with all it started, is gone; never rejects. */
  readonly exit: Promise<ProcessExit>;
  /** Asks the worker to stop. */
  terminate(): void;
  /** Ends the worker, whatever it does. */
  kill(): void;
}

/**
 * Starts workers. What a worker achieves it tells the control port; here it only begins and ends.
 * Implementations: `localExecutor`, `inProcessExecutor`.
 */
export interface Executor {
  start(launch: Launch): Promise<Running>;
}

/** The exit codes of a worker. Any other, or a signal, is a failure that may pass. */
export const workerExitCodes = { done: 0, skipped: 99, retry: 75, final: 65 } as const;
