import { compareValues } from '../compare-values.ts';
import type { Equatable, Expression, Numeric, Ordered } from '../expression.ts';
import { fieldOf } from '../expression.ts';
import { Measure } from '../measure.ts';
import type { Aggregation, FieldData } from '../nodes.ts';
import type { AggregateDefinition, AggregateDefinitions, Value } from './definition.ts';

export type AggregateOperation =
  | 'count'
  | 'countValues'
  | 'countDistinct'
  | 'sum'
  | 'min'
  | 'max'
  | 'avg';

type Rows = readonly (readonly Value[])[];

function extreme(name: 'min' | 'max', sign: number): AggregateDefinition {
  return {
    value: (rows) =>
      rows
        .map(([value]) => value as Value)
        .reduce<Value>(
          (best, value) => (best === null || sign * compareValues(value, best) > 0 ? value : best),
          null,
        ),
    duckdb: ([of]) => `${name}(${of})`,
  };
}

/** Decimals of one scale as whole numbers of their last digit. */
function total(rows: Rows): Value {
  if (rows.length === 0) return null;
  if (typeof rows[0]![0] === 'bigint')
    return rows.reduce((sum, [value]) => sum + (value as bigint), 0n);
  return rows.reduce((sum, [value]) => sum + Number(value), 0);
}

export const aggregateFunctions: AggregateDefinitions<AggregateOperation> = {
  count: { takesMissing: true, value: (rows) => rows.length, duckdb: () => 'count(*)' },
  countValues: { value: (rows) => rows.length, duckdb: ([of]) => `count(${of})` },
  countDistinct: {
    value: (rows) => new Set(rows.map(([value]) => value)).size,
    duckdb: ([of]) => `count(DISTINCT ${of})`,
  },
  sum: {
    value: total,
    // DuckDB sums whole numbers in 128 bits, which Parquet and Spark do not have.
    duckdb: ([of], node) => `CAST(sum(${of}) AS ${node.type === 'float' ? 'DOUBLE' : 'BIGINT'})`,
    tolerance: 1e-12,
  },
  min: extreme('min', -1),
  max: extreme('max', 1),
  avg: {
    value: (rows) => (rows.length === 0 ? null : Number(total(rows)) / rows.length),
    duckdb: ([of]) => `avg(CAST(${of} AS DOUBLE))`,
    tolerance: 1e-12,
  },
};

/** A measure of an aggregate. */
function measure<V extends FieldData['type'], N extends boolean>(
  aggregation: Aggregation,
  of: readonly Expression[],
  field: FieldData,
): Measure<V, N> {
  const operands = Object.freeze(of.map(({ node }) => node));
  return new Measure({ kind: 'measure', aggregation, operands, ...field });
}

/** How many rows, or how many values that are not missing. */
export function count(of?: Expression): Measure<'int', false> {
  const field = { type: 'int', nullable: false } as const;
  return of ? measure('countValues', [of], field) : measure('count', [], field);
}

/** How many different values, missing ones left out. */
export function countDistinct(of: Expression<Equatable>): Measure<'int', false> {
  return measure('countDistinct', [of], { type: 'int', nullable: false });
}

function same(aggregation: 'sum' | 'min' | 'max') {
  return <V extends Ordered>(of: Expression<V>): Measure<V, true> =>
    measure(aggregation, [of], { ...fieldOf(of.node), nullable: true });
}

/** The sum; missing when there is no value. Beyond 64 bits it is an error of the engine. */
export const sum: <V extends Numeric>(of: Expression<V>) => Measure<V, true> = same('sum');
/** The least value; missing when there is none. */
export const min = same('min');
/** The greatest value; missing when there is none. NaN is greater than all numbers. */
export const max = same('max');

/** The mean as a float; missing when there is no value. */
export function avg(of: Expression<Numeric>): Measure<'float', true> {
  return measure('avg', [of], { type: 'float', nullable: true });
}
