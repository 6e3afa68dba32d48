import type { ValueType } from '@backlot/data';
import type { FeatureData } from '../views/feature.ts';
import { type Aggregate, type AggregatedEvent, isNumeric } from './aggregate.ts';
import { countValue, distinctCount, emptyCount, mergeCounts } from './distinct-count.ts';
import { addExactly, emptySum, mergeSums, roundedSum } from './exact-sum.ts';
import { keepLast, type LastValues } from './last-values.ts';
import { emptySketch, mergeSketches, quantileOf, sketchValue } from './quantile-sketch.ts';

export type AggregateName =
  | 'count'
  | 'sum'
  | 'mean'
  | 'min'
  | 'max'
  | 'last'
  | 'distinct'
  | 'quantile';

/** The aggregate that a windowed feature names, with its settings. */
export function aggregateOf(feature: FeatureData): Aggregate<unknown> {
  if (feature.aggregate === 'latest') throw new TypeError('a latest value is no aggregate');
  return aggregates[feature.aggregate](feature) as unknown as Aggregate<unknown>;
}

type Settings = Pick<FeatureData, 'column' | 'k' | 'quantile'>;

/** Every aggregate by name, made with the settings of a feature. */
const aggregates: Readonly<Record<AggregateName, (settings: Settings) => Aggregate<never>>> = {
  count: ({ column }) =>
    typed<number>({
      prepare: () => 0,
      // Without a column events are counted, otherwise values that are not missing.
      update: (state, { value }) => state + (column === undefined || value !== null ? 1 : 0),
      merge: (state, other) => state + other,
      finalise: (state) => state,
      typeOf: () => 'int',
    }),
  sum: () => summed((sum) => roundedSum(sum)),
  mean: () => summed((sum) => roundedSum(sum) / sum.count),
  min: () => extreme(-1),
  max: () => extreme(1),
  last: ({ k = 1 }) =>
    typed<LastValues>({
      prepare: () => [],
      update: (state, event) => (event.value === null ? state : keepLast(state, event, k)),
      merge: (state, other) => other.reduce((kept, event) => keepLast(kept, event, k), state),
      // Newest first, as a reader of recent things wants them.
      finalise: (state) => state.map(({ value }) => value as string | number).reverse(),
      typeOf: (column) => (column === 'text' ? 'texts' : 'numbers'),
      takes: (column) => column === 'text' || isNumeric(column) || column === 'timestamp',
    }),
  distinct: () =>
    typed({
      prepare: emptyCount,
      update: (state, { value }) =>
        value === null ? state : countValue(state, `${typeof value}:${value}`),
      merge: mergeCounts,
      finalise: distinctCount,
      typeOf: () => 'int',
      error: 'exact up to 256, then a standard error of 1.6%',
    }),
  quantile: ({ quantile = 0.5 }) =>
    typed({
      prepare: emptySketch,
      update: (state, { value }) => (value === null ? state : sketchValue(state, value as number)),
      merge: mergeSketches,
      finalise: (state) => quantileOf(state, quantile),
      typeOf: () => 'float',
      takes: isNumeric,
      error: 'within 1% of the value at that rank',
    }),
};

/** States are the aggregate's own affair; callers hold them as unknown. */
function typed<S>(aggregate: Aggregate<S>): Aggregate<never> {
  return aggregate as unknown as Aggregate<never>;
}

function summed(finalise: (sum: ReturnType<typeof emptySum>) => number): Aggregate<never> {
  return typed({
    prepare: emptySum,
    update: (state, { value }) => (value === null ? state : addExactly(state, value as number)),
    merge: mergeSums,
    finalise: (state) => (state.count === 0 ? null : finalise(state)),
    typeOf: (): ValueType => 'float',
    takes: isNumeric,
  });
}

/** NaN is greater than all numbers, as in relations; -0 and 0 are one, written 0. */
function extreme(sign: 1 | -1): Aggregate<never> {
  const better = (one: number | null, other: number | null): number | null => {
    if (one === null || other === null) return one ?? other;
    if (Number.isNaN(one) || Number.isNaN(other)) {
      if (sign > 0) return Number.NaN;
      return Number.isNaN(one) ? other : one;
    }
    return sign * (one - other) >= 0 ? one : other;
  };
  return typed<number | null>({
    prepare: () => null,
    update: (state, { value }: AggregatedEvent) =>
      value === null ? state : better(state, (value as number) + 0),
    merge: better,
    finalise: (state) => state,
    typeOf: (column) => column ?? 'float',
    takes: (column) => isNumeric(column) || column === 'timestamp' || column === 'date',
  });
}
