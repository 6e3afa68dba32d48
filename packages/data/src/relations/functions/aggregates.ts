import { compareValues, unscaled } from '../compare-values.ts';
import {
  type Equatable,
  type Expression,
  fieldOf,
  type Numeric,
  type Ordered,
} from '../expression.ts';
import type { Measure } from '../measure.ts';
import type { FieldData, MeasureNode } from '../nodes.ts';
import type { AggregateDefinition, AggregateDefinitions, Value } from './definition.ts';
import { type MeasureOptions, measure } from './measures.ts';
import { decimalText } from './rounding.ts';

export type AggregateOperation =
  | 'count'
  | 'countValues'
  | 'countMissing'
  | 'countDistinct'
  | 'countWhere'
  | 'approxDistinct'
  | 'sum'
  | 'min'
  | 'max'
  | 'avg'
  | 'product'
  | 'weightedAvg'
  | 'shareTrue'
  | 'anyTrue'
  | 'allTrue'
  | 'bitAndAll'
  | 'bitOrAll'
  | 'bitXorAll';

type Rows = readonly (readonly Value[])[];

function extreme(name: 'min' | 'max', sign: number): AggregateDefinition {
  return {
    value: (rows, { type }) =>
      rows
        .map(([value]) => value as Value)
        .reduce<Value>(
          (best, value) =>
            best === null || sign * compareValues(value, best, type) > 0 ? value : best,
          null,
        ),
    duckdb: ([of]) => `${name}(${of})`,
  };
}

function total(rows: Rows, field?: FieldData): Value {
  if (rows.length === 0) return null;
  if (field?.type === 'decimal') {
    return decimalText(
      rows.reduce((sum, [value]) => sum + unscaled(value!), 0n),
      field.scale ?? 0,
    );
  }
  if (typeof rows[0]![0] === 'bigint')
    return rows.reduce((sum, [value]) => sum + (value as bigint), 0n);
  return rows.reduce((sum, [value]) => sum + Number(value), 0);
}

function sumType({ type, scale = 0 }: MeasureNode): string {
  return type === 'decimal' ? `DECIMAL(18, ${scale})` : type === 'float' ? 'DOUBLE' : 'BIGINT';
}

function bits(name: string, compute: (a: bigint, b: bigint) => bigint): AggregateDefinition {
  return {
    value: (rows) =>
      rows.length === 0 ? null : rows.map(([value]) => value as bigint).reduce(compute),
    duckdb: ([of]) => `${name}(${of})`,
  };
}

const countFunctions = {
  count: { takesMissing: true, value: (rows) => rows.length, duckdb: () => 'count(*)' },
  countValues: { value: (rows) => rows.length, duckdb: ([of]) => `count(${of})` },
  countMissing: {
    takesMissing: true,
    value: (rows) => rows.filter(([value]) => value === null).length,
    duckdb: ([of]) => `count(CASE WHEN ${of} IS NULL THEN 1 END)`,
  },
  countDistinct: {
    value: (rows) => new Set(rows.map(([value]) => value)).size,
    duckdb: ([of]) => `count(DISTINCT ${of})`,
  },
  countWhere: {
    value: (rows) => rows.filter(([value]) => value === true).length,
    duckdb: ([of]) => `count(CASE WHEN ${of} THEN 1 END)`,
  },
  approxDistinct: {
    value: (rows) => new Set(rows.map(([value]) => value)).size,
    duckdb: ([of]) => `approx_count_distinct(${of})`,
    inexact: true,
  },
} satisfies Partial<AggregateDefinitions<AggregateOperation>>;

/** Sums in another order differ in their last digits. */
const tolerance = 1e-12;

export const aggregateFunctions: AggregateDefinitions<AggregateOperation> = {
  ...countFunctions,
  sum: {
    value: (rows, node) => total(rows, node),
    // DuckDB sums whole numbers in 128 bits, which Parquet and Spark do not have.
    duckdb: ([of], node) => `CAST(sum(${of}) AS ${sumType(node)})`,
    tolerance,
  },
  min: extreme('min', -1),
  max: extreme('max', 1),
  avg: {
    value: (rows) => (rows.length === 0 ? null : Number(total(rows)) / rows.length),
    duckdb: ([of]) => `avg(CAST(${of} AS DOUBLE))`,
    tolerance,
  },
  product: {
    value: (rows) =>
      rows.length === 0 ? null : rows.reduce((all, [value]) => all * Number(value), 1) + 0,
    duckdb: ([of]) => `(product(${of}) + CAST(0 AS DOUBLE))`,
    spark: ([of]) =>
      `(CASE WHEN count(${of}) > 0
        THEN aggregate(collect_list(${of}), CAST(1 AS DOUBLE), (all, item) -> all * item) END
        + CAST(0 AS DOUBLE))`,
    tolerance,
  },
  weightedAvg: {
    value: (rows) => {
      const kept = rows.filter(([, weight]) => weight !== null);
      const weights = kept.reduce((sum, [, weight]) => sum + Number(weight), 0);
      const sum = kept.reduce((all, [value, weight]) => all + Number(value) * Number(weight), 0);
      return kept.length === 0 || weights === 0 ? null : sum / weights + 0;
    },
    duckdb: ([of, weight]) =>
      `(sum(${of} * ${weight})
        / nullif(sum(CASE WHEN ${of} IS NOT NULL THEN ${weight} END), CAST(0 AS DOUBLE))
        + CAST(0 AS DOUBLE))`,
    tolerance,
  },
  shareTrue: {
    value: (rows) =>
      rows.length === 0 ? null : rows.filter(([value]) => value === true).length / rows.length,
    duckdb: ([of]) => `avg(CAST(CAST(${of} AS INTEGER) AS DOUBLE))`,
    tolerance,
  },
  anyTrue: {
    value: (rows) => (rows.length === 0 ? null : rows.some(([value]) => value === true)),
    duckdb: ([of]) => `bool_or(${of})`,
  },
  allTrue: {
    value: (rows) => (rows.length === 0 ? null : rows.every(([value]) => value === true)),
    duckdb: ([of]) => `bool_and(${of})`,
  },
  bitAndAll: bits('bit_and', (a, b) => a & b),
  bitOrAll: bits('bit_or', (a, b) => a | b),
  bitXorAll: bits('bit_xor', (a, b) => a ^ b),
};

/** How many rows, or how many values that are not missing. */
export function count(of?: Expression, options?: MeasureOptions): Measure<'int', false> {
  const field = { type: 'int', nullable: false } as const;
  return of ? measure('countValues', [of], field, options) : measure('count', [], field);
}

function counting(aggregation: AggregateOperation) {
  return (of: Expression<Equatable>, options?: MeasureOptions): Measure<'int', false> =>
    measure(aggregation, [of], { type: 'int', nullable: false }, options);
}

/** How many values are missing. */
export function countMissing(of: Expression): Measure<'int', false> {
  return measure('countMissing', [of], { type: 'int', nullable: false });
}
/** How many different values, missing ones left out. */
export const countDistinct = counting('countDistinct');
/** About how many different values, within a few per cent: each engine has its own estimate. */
export const approxDistinct = counting('approxDistinct');

/** How many rows the condition is true for. */
export function countWhere(condition: Expression<'bool'>): Measure<'int', false> {
  return measure('countWhere', [condition], { type: 'int', nullable: false });
}

function sameType(aggregation: 'sum' | 'min' | 'max') {
  return <V extends Ordered>(of: Expression<V>, options?: MeasureOptions): Measure<V, true> =>
    measure(aggregation, [of], { ...fieldOf(of.node), nullable: true }, options);
}

/** The sum; missing when there is no value. Beyond 64 bits (18 digits) it is an error of the engine. */
export const sum: <V extends Numeric | 'decimal'>(
  of: Expression<V>,
  options?: MeasureOptions,
) => Measure<V, true> = sameType('sum');
/** The least value; missing when there is none. */
export const min = sameType('min');
/** The greatest value; missing when there is none. NaN is greater than all numbers. */
export const max = sameType('max');

function asFloat<V extends Equatable>(aggregation: AggregateOperation) {
  return (of: Expression<V>, options?: MeasureOptions): Measure<'float', true> =>
    measure(aggregation, [of], { type: 'float', nullable: true }, options);
}

/** The mean as a float; missing when there is no value. */
export const avg = asFloat<Numeric>('avg');
/** The product of floats; missing when there is no value. */
export const product = asFloat<'float'>('product');
/** The share of values that are true, 0 to 1; missing when there is no value. */
export const shareTrue = asFloat<'bool'>('shareTrue');

/** The mean with weights; pairs with a missing side left out; missing when the weights sum to zero. */
export function weightedAvg(
  of: Expression<'float'>,
  weight: Expression<'float'>,
  options?: MeasureOptions,
): Measure<'float', true> {
  return measure('weightedAvg', [of, weight], { type: 'float', nullable: true }, options);
}

function truth(aggregation: 'anyTrue' | 'allTrue') {
  return (of: Expression<'bool'>, options?: MeasureOptions): Measure<'bool', true> =>
    measure(aggregation, [of], { type: 'bool', nullable: true }, options);
}

/** Whether one of the values is true; missing when there is none. */
export const anyTrue = truth('anyTrue');
/** Whether all values are true; missing when there is none. */
export const allTrue = truth('allTrue');

function bitwise(aggregation: 'bitAndAll' | 'bitOrAll' | 'bitXorAll') {
  return (of: Expression<'int64'>, options?: MeasureOptions): Measure<'int64', true> =>
    measure(aggregation, [of], { type: 'int64', nullable: true }, options);
}

/** Bits that are set in all values; missing when there is none. */
export const bitAndAll = bitwise('bitAndAll');
/** Bits that are set in one value or more; missing when there is none. */
export const bitOrAll = bitwise('bitOrAll');
/** Bits that are set in an odd number of values; missing when there is none. */
export const bitXorAll = bitwise('bitXorAll');
