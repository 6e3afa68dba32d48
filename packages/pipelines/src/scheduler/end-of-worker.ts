import type { ProcessExit } from '@backlot/core';
import { workerExitCodes } from '../executors/executor.ts';
import type { EndClass } from '../state/end-attempt.ts';
import type { StopReason } from './live-attempts.ts';

/** What a worker's end means for an attempt that has not said it by itself. */
export function endOf(
  exit: ProcessExit,
  stopping: StopReason | undefined,
): { readonly class: EndClass; readonly reason: string } {
  if (stopping === 'cancelled') return { class: 'cancelled', reason: 'the run was cancelled' };
  if (stopping === 'shutdown') return { class: 'cancelled', reason: 'the scheduler was stopped' };
  if (stopping === 'timeout') return { class: 'retry', reason: 'the attempt was out of time' };
  if (stopping === 'lost') return { class: 'lost', reason: 'the worker did not speak up' };
  if (exit.failure !== undefined) {
    return { class: 'retry', reason: `the worker could not run: ${exit.failure}` };
  }
  if (exit.signal !== null) {
    return { class: 'lost', reason: `the worker was ended by ${exit.signal}` };
  }
  switch (exit.code) {
    case workerExitCodes.done:
      return { class: 'final', reason: 'the worker ended without a commit' };
    case workerExitCodes.skipped:
      return { class: 'skip', reason: 'there was nothing to do' };
    case workerExitCodes.final:
      return { class: 'final', reason: 'the worker gave up' };
    default:
      return { class: 'retry', reason: `the worker ended with exit code ${exit.code}` };
  }
}
