import type { FitOptions } from '@backlot/learn';
import * as z from 'zod';
import type { TaskServices } from './services.ts';

/** What a task's context gives to every verb of `learn`. */
interface Context {
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly services: TaskServices;
  progress(progress: {
    readonly done: number;
    readonly total: number;
    readonly unit: string;
    readonly loss?: number;
  }): void;
}

/**
 * A parameter of every task that fits: an estimator whose stated bound is above it is refused, with the
 * figure, before anything is fitted.
 */
export const memoryLimitMiB = z
  .number()
  .positive()
  .max(2 ** 40)
  .optional();

/** The seed, signal, threads and limit of a task, and its progress as the run shows it. */
export function fitOptionsOf(
  context: Context,
  limitMiB?: number,
): FitOptions & Pick<Required<FitOptions>, 'seed' | 'signal' | 'threads'> {
  return {
    seed: context.seed,
    signal: context.signal,
    threads: context.services.threads,
    ...(limitMiB !== undefined && { memoryLimit: limitMiB * 2 ** 20 }),
    onProgress: ({ step, done, total, loss }) =>
      context.progress({ done, total, unit: step, ...(loss !== undefined && { loss }) }),
  } as FitOptions & Pick<Required<FitOptions>, 'seed' | 'signal' | 'threads'>;
}
