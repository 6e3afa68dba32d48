import { BadRelation } from '../../data-error.ts';
import { compareValues } from '../compare-values.ts';
import { type Equatable, type Expression, fieldOf } from '../expression.ts';
import type { Measure } from '../measure.ts';
import type { MeasureNode } from '../nodes.ts';
import type { AggregateDefinition, AggregateDefinitions, Value } from './definition.ts';
import { type MeasureOptions, measure } from './measures.ts';

export type StatisticOperation =
  | 'varianceSample'
  | 'variancePopulation'
  | 'deviationSample'
  | 'deviationPopulation'
  | 'covarianceSample'
  | 'covariancePopulation'
  | 'correlation'
  | 'slope'
  | 'intercept'
  | 'skewness'
  | 'kurtosis'
  | 'median'
  | 'quantile'
  | 'quantileDiscrete'
  | 'mode';

type Rows = readonly (readonly Value[])[];
type Moments = (first: readonly number[], second: readonly number[]) => number | null;

/** Beyond it squares overflow, where engines raise. */
const most = 1e150;
const tame = (values: readonly number[]): boolean => values.every((one) => Math.abs(one) < most);

/** Moments are of values below 1e150: with another among them the result is missing on every engine. */
function moments(
  value: Moments,
  duckdb: (operands: readonly string[], counted: string) => string,
  spark = duckdb,
  least = 1,
): AggregateDefinition {
  const guarded = (template: typeof duckdb) => (operands: readonly string[]) => {
    const there = operands.map((one) => `${one} IS NOT NULL`).join(' AND ');
    const inside = operands.map((one) => `abs(${one}) < CAST('1e150' AS DOUBLE)`).join(' AND ');
    const kept = operands.map((one) => `CASE WHEN ${inside} THEN ${one} END`);
    const counted = `count(CASE WHEN ${there} THEN 1 END)`;
    const outside = `count(CASE WHEN ${there} AND NOT (${inside}) THEN 1 END)`;
    const result = `nullif(${template(kept, counted)}, CAST('NaN' AS DOUBLE))`;
    return `(CASE WHEN ${outside} = 0 AND ${counted} >= ${least} THEN ${result} END)`;
  };
  return {
    value: (rows, node) => {
      const pairs = rows.filter((row) =>
        row.slice(0, node.operands.length).every((one) => one !== null),
      );
      const [first, second] = [0, 1].map((at) => pairs.map((row) => Number(row[at] ?? 0))) as [
        number[],
        number[],
      ];
      if (pairs.length < least || !tame(first) || !tame(second)) return null;
      const result = value(first, second);
      return result === null || Number.isNaN(result) ? null : result;
    },
    duckdb: guarded(duckdb),
    spark: guarded(spark),
    tolerance: 1e-9,
  };
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** The sum of products of differences from the means. */
function crossed(a: readonly number[], b: readonly number[]): number {
  const [x, y] = [mean(a), mean(b)];
  return a.reduce((sum, value, at) => sum + (value - x) * (b[at]! - y), 0);
}

function centred(values: readonly number[], power: number): number {
  const middle = mean(values);
  return mean(values.map((value) => (value - middle) ** power));
}

const momentFunctions = {
  varianceSample: moments(
    (a) => crossed(a, a) / (a.length - 1),
    ([a]) => `var_samp(${a})`,
    undefined,
    2,
  ),
  variancePopulation: moments(
    (a) => crossed(a, a) / a.length,
    ([a]) => `var_pop(${a})`,
  ),
  deviationSample: moments(
    (a) => Math.sqrt(crossed(a, a) / (a.length - 1)),
    ([a]) => `stddev_samp(${a})`,
    undefined,
    2,
  ),
  deviationPopulation: moments(
    (a) => Math.sqrt(crossed(a, a) / a.length),
    ([a]) => `stddev_pop(${a})`,
  ),
  covarianceSample: moments(
    (a, b) => crossed(a, b) / (a.length - 1),
    ([a, b]) => `covar_samp(${a}, ${b})`,
    undefined,
    2,
  ),
  covariancePopulation: moments(
    (a, b) => crossed(a, b) / a.length,
    ([a, b]) => `covar_pop(${a}, ${b})`,
  ),
  correlation: moments(
    (a, b) => crossed(a, b) / Math.sqrt(crossed(a, a) * crossed(b, b)),
    ([a, b]) => `corr(${a}, ${b})`,
    undefined,
    2,
  ),
  slope: moments(
    (a, b) => crossed(a, b) / crossed(b, b),
    ([a, b]) => `regr_slope(${a}, ${b})`,
    undefined,
    2,
  ),
  intercept: moments(
    (a, b) => mean(a) - (crossed(a, b) / crossed(b, b)) * mean(b),
    ([a, b]) => `regr_intercept(${a}, ${b})`,
    undefined,
    2,
  ),
  skewness: moments(
    (a) => centred(a, 3) / centred(a, 2) ** 1.5,
    // DuckDB corrects for the size of a sample; this takes the correction back.
    ([a], n) => `(skewness(${a}) * (${n} - 2) / sqrt(CAST(${n} AS DOUBLE) * (${n} - 1)))`,
    ([a]) => `skewness(${a})`,
    3,
  ),
  kurtosis: moments(
    (a) => centred(a, 4) / centred(a, 2) ** 2 - 3,
    ([a]) => `kurtosis_pop(${a})`,
    ([a]) => `kurtosis(${a})`,
    4,
  ),
} satisfies Partial<AggregateDefinitions<StatisticOperation>>;

const sortedNumbers = (rows: Rows): readonly number[] =>
  rows.map(([value]) => Number(value)).sort((a, b) => compareValues(a, b));

function continuous(rows: Rows, share: number): number | null {
  const sorted = sortedNumbers(rows);
  if (sorted.length === 0) return null;
  const place = share * (sorted.length - 1);
  const [below, above] = [sorted[Math.floor(place)]!, sorted[Math.ceil(place)]!];
  if (below === above || Number.isNaN(below)) return below;
  return below * (1 - (place - Math.floor(place))) + above * (place - Math.floor(place));
}

function shareOf({ parameters }: MeasureNode): number {
  const share = Number(parameters?.share);
  if (share >= 0 && share <= 1) return share;
  throw new BadRelation('a quantile is a share from 0 to 1');
}

/** Kept to what is finite, as an infinite neighbour has no middle to interpolate to. */
const finite = (of: string): string =>
  `CASE WHEN abs(CAST(${of} AS DOUBLE)) < CAST('Infinity' AS DOUBLE) THEN CAST(${of} AS DOUBLE) END`;
const finiteRows = (rows: Rows): Rows => rows.filter(([value]) => Number.isFinite(Number(value)));

const orderFunctions = {
  median: {
    value: (rows) => continuous(finiteRows(rows), 0.5),
    duckdb: ([of]) => `percentile_cont(0.5) WITHIN GROUP (ORDER BY ${finite(of!)})`,
    tolerance: 1e-12,
  },
  quantile: {
    value: (rows, node) => continuous(finiteRows(rows), shareOf(node)),
    duckdb: ([of], node) =>
      `percentile_cont(CAST(${shareOf(node)} AS DOUBLE)) WITHIN GROUP (ORDER BY ${finite(of!)})`,
    tolerance: 1e-12,
  },
  quantileDiscrete: {
    value: (rows, node) => {
      const sorted = sortedNumbers(rows);
      if (sorted.length === 0) return null;
      return sorted[Math.max(0, Math.ceil(shareOf(node) * sorted.length) - 1)]!;
    },
    duckdb: ([of], node) =>
      `CAST(percentile_disc(CAST(${shareOf(node)} AS DOUBLE)) WITHIN GROUP (ORDER BY ${of})
          AS ${node.type === 'float' ? 'DOUBLE' : 'BIGINT'})`,
  },
  mode: {
    value: (rows, { type }) => {
      const counts = new Map<Value, number>();
      for (const [value] of rows) counts.set(value!, (counts.get(value!) ?? 0) + 1);
      const ranked = [...counts].sort(([a, n], [b, m]) => m - n || compareValues(a, b, type));
      return ranked[0]?.[0] ?? null;
    },
    // DuckDB 1.5 takes a constant text in `mode(x ORDER BY x)` for a number and fails.
    duckdb: ([of]) => `mode() WITHIN GROUP (ORDER BY ${of})`,
  },
} satisfies Partial<AggregateDefinitions<StatisticOperation>>;

export const statisticFunctions: AggregateDefinitions<StatisticOperation> = {
  ...momentFunctions,
  ...orderFunctions,
};

const float = { type: 'float', nullable: true } as const;

function ofOne(aggregation: StatisticOperation) {
  return (of: Expression<'float'>, options?: MeasureOptions): Measure<'float', true> =>
    measure(aggregation, [of], float, options);
}

function ofPairs(aggregation: StatisticOperation) {
  return (
    of: Expression<'float'>,
    by: Expression<'float'>,
    options?: MeasureOptions,
  ): Measure<'float', true> => measure(aggregation, [of, by], float, options);
}

/**
 * The variance with n - 1. As all moments: values from 1e150 on, NaN and infinities among them, make
 * the result missing; so does a number of values that it is not defined for.
 */
export const varianceSample = ofOne('varianceSample');
/** The variance with n; 0 for one value. */
export const variancePopulation = ofOne('variancePopulation');
/** The standard deviation with n - 1. */
export const deviationSample = ofOne('deviationSample');
/** The standard deviation with n; 0 for one value. */
export const deviationPopulation = ofOne('deviationPopulation');
/** The covariance with n - 1, over rows that have both. */
export const covarianceSample = ofPairs('covarianceSample');
/** The covariance with n, over rows that have both. */
export const covariancePopulation = ofPairs('covariancePopulation');
/** Pearson's correlation over rows that have both; missing where one does not vary. */
export const correlation = ofPairs('correlation');
/** The slope of the least-squares line of the first over the second. */
export const slope = ofPairs('slope');
/** Where that line is at zero. */
export const intercept = ofPairs('intercept');
/** The third standardised moment, m3 / m2^1.5, of three values or more; missing where none varies. */
export const skewness = ofOne('skewness');
/** The fourth standardised moment less 3, m4 / m2^2 - 3, of four values or more. */
export const kurtosis = ofOne('kurtosis');

type Quantity = 'int' | 'float';

/** The middle value, or the mean of the two; of finite values. */
export function median(of: Expression<Quantity>, options?: MeasureOptions): Measure<'float', true> {
  return measure('median', [of], float, options);
}

/** The value at a share (0 to 1) of the order, between neighbours by a straight line; of finite values. */
export function quantile(
  of: Expression<Quantity>,
  share: number,
  options?: MeasureOptions,
): Measure<'float', true> {
  const made = measure<'float', true>('quantile', [of], float, options, { share });
  shareOf(made.node);
  return made;
}

/** The least value that a share (0 to 1) of the values is at or below; NaN is above every number. */
export function quantileDiscrete<V extends Quantity>(
  of: Expression<V>,
  share: number,
  options?: MeasureOptions,
): Measure<V, true> {
  const field = { type: of.node.type, nullable: true };
  const made = measure<V, true>('quantileDiscrete', [of], field, options, { share });
  shareOf(made.node);
  return made;
}

/** The most frequent value; of several the least. */
export function mode<V extends Equatable>(
  of: Expression<V>,
  options?: MeasureOptions,
): Measure<V, true> {
  return measure('mode', [of], { ...fieldOf(of.node), nullable: true }, options);
}
