import { BadRelation } from '../data-error.ts';

/** A length of time as the sum of its parts; a day is 24 hours. */
export interface Duration {
  readonly days?: number;
  readonly hours?: number;
  readonly minutes?: number;
  readonly seconds?: number;
}

const unitMicros = {
  days: 86_400_000_000,
  hours: 3_600_000_000,
  minutes: 60_000_000,
  seconds: 1_000_000,
} as const;

/** In microseconds: a whole number from 1, below 2^53. */
export function durationMicros(duration: Duration): number {
  const micros = Object.entries(unitMicros).reduce(
    (sum, [unit, each]) => sum + (duration[unit as keyof Duration] ?? 0) * each,
    0,
  );
  if (Number.isSafeInteger(micros) && micros > 0) return micros;
  throw new BadRelation(
    `a duration is ${micros} microseconds; a whole number above 0 is allowed`,
    'give days, hours, minutes or seconds',
  );
}
