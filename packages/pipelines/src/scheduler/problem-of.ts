import { BacklotError } from '@backlot/core';
import { TaskEnded } from '../pipelines-error.ts';
import type { Problem } from '../state/end-attempt.ts';

const maxReason = 1000;

/** An error as it is kept and shown. A foreign one is told by its name and message. */
export function problemOf(error: unknown, place: string): Problem {
  const known =
    error instanceof BacklotError
      ? error
      : new TaskEnded(
          place,
          error instanceof Error ? `${error.name}: ${error.message}` : 'it threw',
        );
  const { reason, ...rest } = known.toJSON();
  return { ...rest, place: rest.place ?? place, reason: reason.toWellFormed().slice(0, maxReason) };
}
