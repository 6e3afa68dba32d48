import type { Cron } from './cron.ts';
import { nextTime, timesBetween } from './next-time.ts';

/**
 * What becomes of times that passed while no scheduler ran: none of them runs, the latest does, or
 * all do, in order.
 */
export type CatchUp = 'none' | 'latest' | 'all';

/** What was decided about the times of a schedule up to a moment; milliseconds since 1970, UTC. */
export interface DueTimes {
  readonly run: readonly number[];
  readonly missed: readonly number[];
  /** Up to here all is decided. */
  readonly reached: number;
  /** Whether more times are due than one round decides. */
  readonly more: boolean;
}

/** A time that is later than this was missed: a scheduler that runs looks far more often. */
const missedMs = 60_000;
const mostAtOnce = 1000;

/** Decides about the times after `reached` up to `now`; at most a thousand in one round. */
export function dueTimes(cron: Cron, catchUp: CatchUp, reached: number, now: number): DueTimes {
  const times = timesBetween(cron, reached, now, mostAtOnce);
  const last = times.at(-1);
  if (last === undefined) return { run: [], missed: [], reached, more: false };
  const more = times.length === mostAtOnce && nextTime(cron, last) <= now;
  const runs = (at: number): boolean =>
    catchUp === 'all' || now - at < missedMs || (catchUp === 'latest' && at === last && !more);
  return {
    run: times.filter(runs),
    missed: times.filter((at) => !runs(at)),
    reached: last,
    more,
  };
}
