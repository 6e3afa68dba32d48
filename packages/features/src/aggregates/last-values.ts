import { type AggregatedEvent, compareEvents } from './aggregate.ts';

/** The newest events in ascending order, at most `k`. */
export type LastValues = AggregatedEvent[];

/** Puts an event in its place, whatever order events come in. */
export function keepLast(kept: LastValues, event: AggregatedEvent, k: number): LastValues {
  let at = kept.length;
  while (at > 0 && compareEvents(kept[at - 1]!, event) > 0) at--;
  if (at === 0 && kept.length === k) return kept;
  kept.splice(at, 0, event);
  if (kept.length > k) kept.shift();
  return kept;
}
