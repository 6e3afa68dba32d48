import type { ValueType } from '@backlot/data';

/** What a feature can be. Lists are of texts or of numbers; a timestamp is a number. */
export type FeatureValue = string | number | bigint | boolean | null | readonly (string | number)[];

/** One event as an aggregate sees it. */
export interface AggregatedEvent {
  /** Microseconds since 1970, UTC. */
  readonly at: number;
  /** Names the event; orders events of the same time. */
  readonly id: string | number;
  readonly value: FeatureValue;
}

/**
 * An aggregate in four steps, the same for a training set and for what is served. States are plain
 * structured data that `update` may change in place. Merging is associative and commutative, and a
 * state of all events equals the merged states of any split of them, to the last bit.
 */
export interface Aggregate<S> {
  /** The state of no events. */
  readonly prepare: () => S;
  /** Takes an event in; one whose value is missing changes nothing. */
  readonly update: (state: S, event: AggregatedEvent) => S;
  /** Takes `other` into `state`, and leaves `other` as it is. */
  readonly merge: (state: S, other: S) => S;
  readonly finalise: (state: S) => FeatureValue;
  /** The type of the result, from that of the column. */
  readonly typeOf: (column: ValueType | undefined) => ValueType;
  /** Whether a column of this type can be aggregated; absent: all can. */
  readonly takes?: (column: ValueType) => boolean;
  /** How far the result may be from the truth; absent where it is exact. */
  readonly error?: string;
}

/** Whether a type's values are numbers in JavaScript. */
export function isNumeric(type: ValueType): boolean {
  return type === 'int' || type === 'float';
}

/** The order of events: by time, then by name; texts by code points, as engines order them. */
export function compareEvents(
  left: Pick<AggregatedEvent, 'at' | 'id'>,
  right: Pick<AggregatedEvent, 'at' | 'id'>,
): number {
  return left.at - right.at || compareNames(left.id, right.id);
}

function compareNames(left: string | number, right: string | number): number {
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  if (left === right) return 0;
  return Buffer.compare(Buffer.from(String(left)), Buffer.from(String(right)));
}
