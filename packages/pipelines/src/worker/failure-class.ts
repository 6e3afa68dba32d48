import { BacklotError, Cancelled, hasErrno } from '@backlot/core';
import { workerExitCodes } from '../executors/executor.ts';
import type { ControlRequest } from './control-messages.ts';
import { TaskSkipped } from './task-skipped.ts';

/** What a worker says of an attempt that it gives up. */
type FailureClass = ControlRequest<'fail'>['class'];

const passing = [
  'EAGAIN',
  'EBUSY',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'EMFILE',
  'ENETUNREACH',
  'ENFILE',
  'ENOSPC',
  'EPIPE',
  'ETIMEDOUT',
];

/**
 * Whether an error may pass when the task is tried again. Only what depends on the world outside
 * may: a bug, bad data or a refusal is the same the next time.
 */
export function failureClass(error: unknown, stopping: boolean): FailureClass {
  if (error instanceof TaskSkipped) return 'skip';
  if (error instanceof Cancelled || stopping) return 'cancelled';
  if (error instanceof BacklotError) {
    return error.kind === 'unreachable' || error.kind === 'conflict' ? 'retry' : 'final';
  }
  return passing.some((name) => hasErrno(error, name)) ? 'retry' : 'final';
}

/** The exit code that says the same to an executor. */
export function exitCodeOf(failure: FailureClass): number {
  if (failure === 'skip') return workerExitCodes.skipped;
  return failure === 'final' ? workerExitCodes.final : workerExitCodes.retry;
}
