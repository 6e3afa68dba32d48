import { studentTDistribution } from '@backlot/compute';
import { seededRandom, throwIfCancelled } from '@backlot/core';
import { InvalidArgument } from '../error.ts';
import { type Examples, takeExamples, takeGroups } from '../examples.ts';
import { rowsOf } from '../features.ts';
import type { FitOptions } from '../fit-options.ts';
import { answersOf } from '../metrics/evaluate-rows.ts';
import { type MeasureName, measureOf } from '../metrics/measure.ts';
import type { Specification } from '../specification.ts';
import { fitExamples } from '../tabular-verbs.ts';
import { isClasses, splitExamples } from './cross-validate.ts';
import type { SplitPlan } from './splits.ts';

export interface LearningCurveOptions extends FitOptions {
  /** Rows to train on, or shares of a split's train rows when above 0 and at most 1; ascending. */
  readonly sizes: readonly number[];
  readonly measure: MeasureName;
  /** 5 by default; every size is fitted once in each. */
  readonly folds?: number | undefined;
  /** Instead of `folds`: any plan of `crossValidate`. */
  readonly plan?: SplitPlan | undefined;
  /** Of the intervals; 0.95 by default. */
  readonly level?: number | undefined;
  /** Groups for a `grouped` plan; classes are taken from the target. */
  readonly labels?: ArrayLike<number> | undefined;
  readonly times?: ArrayLike<number> | undefined;
}

/** The mean over the splits with an interval; the ends are the mean itself where there is one split. */
export interface CurveEstimate {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
  /** One for each split. */
  readonly scores: readonly number[];
}

export interface LearningPoint {
  /** Rows trained on: the mean over the splits, which may be of different sizes. */
  readonly rows: number;
  /** On the rows trained on. */
  readonly train: CurveEstimate;
  /** On the split's test rows, the same for every size. */
  readonly test: CurveEstimate;
}

export interface LearningCurve {
  readonly measure: MeasureName;
  readonly higherIsBetter: boolean;
  readonly level: number;
  readonly points: readonly LearningPoint[];
}

/**
 * The measure after fitting on ever more rows. Within a split the smaller sizes are part of the larger, drawn
 * by the seed with the classes in their shares (whole groups where there are some); all are tested on the
 * same rows. Intervals are of Student's t with the variance of the mean over k splits taken as
 * (1/k + test rows / train rows) s^2, since the splits share rows (Nadeau and Bengio 2003, equation 8).
 * Throws `InvalidArgument`, and what `fit` throws.
 *
 * @example
 * const { points } = await learningCurve(ridge(), examples, {
 *   sizes: [100, 300, 1000], measure: 'rootMeanSquaredError', seed: 1,
 * });
 */
export async function learningCurve(
  specification: Specification,
  examples: Examples,
  options: LearningCurveOptions,
): Promise<LearningCurve> {
  const { sizes, folds = 5, level = 0.95, onProgress, ...quiet } = options;
  checkSizes(sizes, level);
  const measure = measureOf(options.measure);
  const plan = options.plan ?? usualPlan(examples, folds);
  const splits = splitExamples(examples, { ...options, plan });
  const total = splits.length * sizes.length;
  const found = sizes.map((): Scored[] => []);
  for (const [at, { train, test }] of splits.entries()) {
    const ordered = trainingOrder(train, options.seed ?? 0, at);
    for (const [place, size] of sizes.entries()) {
      throwIfCancelled(options.signal, 'the learning curve');
      const part = ordered.first(rowsFor(size, train, at));
      const model = await fitExamples(specification, part, quiet);
      found[place]!.push({
        ...{ rows: rowsOf(part.features), testRows: rowsOf(test.features) },
        train: measure.of(await answersOf(model, part, quiet)),
        test: measure.of(await answersOf(model, test, quiet)),
      });
      onProgress?.({ step: 'fits', done: at * sizes.length + place + 1, total });
    }
  }
  const points = found.map((scored) => pointOf(scored, level));
  return { measure: measure.name, higherIsBetter: measure.higherIsBetter, level, points };
}

/** One fit, measured. */
interface Scored {
  readonly rows: number;
  readonly testRows: number;
  readonly train: number;
  readonly test: number;
}

function checkSizes(sizes: readonly number[], level: number): void {
  const whole = (size: number): boolean => Number.isSafeInteger(size) && size >= 1;
  const ascending = sizes.every((size, at) => at === 0 || size > sizes[at - 1]!);
  const known = sizes.every(whole) || sizes.every((size) => size > 0 && size <= 1);
  if (sizes.length === 0 || !known || !ascending) {
    const allowed = 'ascending numbers of rows, or shares above 0 to 1, are allowed';
    throw new InvalidArgument('sizes', `are [${sizes.slice(0, 20).join(', ')}]; ${allowed}`);
  }
  if (!(level > 0 && level < 1)) throw new InvalidArgument('level', `is ${level}; between 0 and 1`);
}

function usualPlan(examples: Examples, folds: number): SplitPlan {
  return { kind: !examples.groups && isClasses(examples) ? 'stratified' : 'folds', folds };
}

function rowsFor(size: number, train: Examples, split: number): number {
  const all = rowsOf(train.features);
  if (size < 1) return Math.max(1, Math.round(size * all));
  // 1 alone is the whole as a share; one row teaches nothing.
  if (size === 1) return all;
  if (size <= all) return size;
  throw new InvalidArgument('sizes', `hold ${size}; split ${split} has ${all} rows to train on`);
}

/** The train rows in the order in which they are added. */
function trainingOrder(train: Examples, seed: number, split: number) {
  const random = seededRandom(seed, split + 1);
  const { groups } = train;
  if (groups) {
    const order = random.shuffle(Int32Array.from(groups, (_, group) => group));
    return { first: (rows: number) => takeGroups(train, groupsUpTo(order, groups, rows)) };
  }
  const count = rowsOf(train.features);
  const shuffled = random.shuffle(Int32Array.from({ length: count }, (_, row) => row));
  const order = isClasses(train) ? dealt(shuffled, train.target!) : shuffled;
  return { first: (rows: number) => takeExamples(train, order.subarray(0, rows)) };
}

/** The fewest groups, in their order, that hold so many rows. */
function groupsUpTo(order: Int32Array, groups: Int32Array, rows: number): Int32Array {
  let [taken, count] = [0, 0];
  while (taken < rows && count < order.length) taken += groups[order[count++]!]!;
  return order.slice(0, count);
}

/** Each class spread evenly over the order, so that every beginning of it holds the classes in their shares. */
function dealt(order: Int32Array, target: Float64Array): Int32Array {
  const sizes = new Map<number, number>();
  for (const label of target) sizes.set(label, (sizes.get(label) ?? 0) + 1);
  const seen = new Map<number, number>();
  const keys = new Float64Array(target.length);
  for (const row of order) {
    const label = target[row]!;
    const rank = seen.get(label) ?? 0;
    seen.set(label, rank + 1);
    keys[row] = (rank + 0.5) / sizes.get(label)!;
  }
  return order.slice().sort((a, b) => keys[a]! - keys[b]! || a - b);
}

function pointOf(scored: readonly Scored[], level: number): LearningPoint {
  const mean = (of: (one: Scored) => number): number =>
    scored.reduce((sum, one) => sum + of(one), 0) / scored.length;
  const rows = mean((one) => one.rows);
  const share = mean(({ testRows }) => testRows) / rows;
  return {
    rows,
    train: estimateOf(
      scored.map((one) => one.train),
      share,
      level,
    ),
    test: estimateOf(
      scored.map((one) => one.test),
      share,
      level,
    ),
  };
}

function estimateOf(scores: readonly number[], share: number, level: number): CurveEstimate {
  const count = scores.length;
  const mean = scores.reduce((sum, score) => sum + score, 0) / count;
  if (count === 1) return { mean, low: mean, high: mean, scores };
  const variance = scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / (count - 1);
  const error = Math.sqrt((1 / count + share) * variance);
  const half = error * studentTDistribution(count - 1).survivalQuantile((1 - level) / 2);
  return { mean, low: mean - half, high: mean + half, scores };
}
