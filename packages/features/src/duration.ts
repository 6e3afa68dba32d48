import type { Duration } from '@backlot/data';
import { BadFeatureView } from './feature-error.ts';

const unitMicros = {
  days: 86_400_000_000,
  hours: 3_600_000_000,
  minutes: 60_000_000,
  seconds: 1_000_000,
} as const;

/** In microseconds, the unit of timestamps: a whole number above 0 and at most ten years. */
export function durationMicros(place: string, duration: Duration): number {
  const micros = Object.entries(unitMicros).reduce(
    (sum, [unit, each]) => sum + (duration[unit as keyof Duration] ?? 0) * each,
    0,
  );
  if (Number.isSafeInteger(micros) && micros > 0 && micros <= 3_660 * unitMicros.days)
    return micros;
  throw new BadFeatureView(
    place,
    `a duration is ${micros} microseconds; a whole number above 0 and at most ten years is allowed`,
  );
}
