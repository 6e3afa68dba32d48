import type { TensorType } from './fitted-model.ts';

export interface FitOptions {
  /** Stops the work at its next step with `Cancelled`. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** Worker threads; the result does not depend on it. */
  readonly threads?: number | undefined;
  /** A whole number from 0 to 2^53 - 1; 0 by default. */
  readonly seed?: number | undefined;
  /**
   * In bytes: a fit whose bound on what it holds beside the data is above it is refused with
   * `MemoryExceeded` before it begins. Without a limit when absent.
   */
  readonly memoryLimit?: number | undefined;
}

/** How far the work is, for people; done and total count the same unit. */
export interface Progress {
  readonly step: string;
  readonly done: number;
  readonly total: number;
  /** What is made smaller, where there is such a number. */
  readonly loss?: number;
}

/** What a tensor of a model must be. */
export interface TensorShape {
  readonly type: TensorType;
  /** -1 where any length is allowed. */
  readonly shape: readonly number[];
}
