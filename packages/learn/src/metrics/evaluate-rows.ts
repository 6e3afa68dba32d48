import { seededRandom, throwIfCancelled } from '@backlot/core';
import { InvalidArgument, InvalidExamples } from '../error.ts';
import { tabularKindOf } from '../estimators.ts';
import type { Examples } from '../examples.ts';
import { rowsOf } from '../features.ts';
import type { FitOptions } from '../fit-options.ts';
import type { TabularModel } from '../fitted-model.ts';
import { turn } from '../recommenders/rank-rows.ts';
import type { ApplyOptions } from '../tabular-kind.ts';
import { predict, predictProbabilities } from '../tabular-verbs.ts';
import {
  type Answers,
  type Measure,
  type MeasureName,
  measureOf,
  usualMeasures,
} from './measure.ts';

/** A measure with a bootstrap percentile interval. */
export interface Measured {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

type MeasuredByName = Readonly<Partial<Record<MeasureName, Measured>>>;

/** What a report says of a model. */
export interface RowsEvaluation {
  readonly rows: number;
  readonly level: number;
  readonly measures: MeasuredByName;
  /** By attribute, then by its value: the same measures on those rows alone, where they are defined. */
  readonly slices: Readonly<
    Record<
      string,
      Readonly<Record<string, { readonly rows: number; readonly measures: MeasuredByName }>>
    >
  >;
}

export interface EvaluateRowsOptions extends ApplyOptions {
  readonly seed?: number | undefined;
  /** `usualMeasures` of the model when absent. */
  readonly measures?: readonly MeasureName[] | undefined;
  /** 0.95 by default. */
  readonly level?: number | undefined;
  /** 500 by default. */
  readonly resamples?: number | undefined;
  /** By attribute, a text for each row. */
  readonly by?: Readonly<Record<string, readonly string[]>> | undefined;
}

/**
 * Measures a model on rows it was not fitted on, with percentile intervals of the bootstrap over rows, or
 * over groups where there are some (Efron and Tibshirani 1993, chapter 13), whole and by slice. The
 * intervals say nothing of another training set.
 *
 * @example
 * const { measures } = await evaluateRows(model, test, { seed: 1, by: { sex } });
 */
export async function evaluateRows(
  model: TabularModel,
  examples: Examples,
  options: EvaluateRowsOptions = {},
): Promise<RowsEvaluation> {
  const plan = planOf(model, options);
  const answers = await answersOf(model, examples, options);
  const rows = answers.target.length;
  const parts = partsOf(options.by ?? {}, rows);
  const watch = { ...options, parts: parts.length + 1, done: 0 };
  const measures = await measureAll(answers, plan, answers.target.slice().fill(1), watch);
  const slices: Record<string, Record<string, RowsEvaluation['slices'][string][string]>> = {};
  for (const { attribute, value, inside } of parts) {
    watch.done++;
    slices[attribute] ??= {};
    slices[attribute][value] = {
      rows: inside.reduce((sum, one) => sum + one, 0),
      measures: await measureAll(answers, plan, inside, watch),
    };
  }
  return { rows, level: plan.level, measures, slices };
}

/** The values of each attribute, with 1 for the rows that have them. */
function partsOf(by: Readonly<Record<string, readonly string[]>>, rows: number) {
  return Object.entries(by).flatMap(([attribute, values]) => {
    if (values.length !== rows) {
      const found = `has ${values.length} values of ${attribute} for ${rows} rows`;
      throw new InvalidArgument('by', found);
    }
    return [...new Set(values)].sort().map((value) => ({
      ...{ attribute, value },
      inside: Float64Array.from(values, (one) => (one === value ? 1 : 0)),
    }));
  });
}

/** How much the first model is ahead of the second on the same rows. */
export interface RowsComparison {
  readonly level: number;
  readonly measures: Readonly<
    Partial<
      Record<
        MeasureName,
        Measured & {
          /** Two-sided, of the paired permutation test: as if each row's answers were either model's. */
          readonly pValue: number;
        }
      >
    >
  >;
}

/**
 * Differences first - second of each measure: percentile intervals of the paired bootstrap, and the paired
 * permutation test in which the two models' answers to a row change places (Good 2005), p-values with the
 * observed order counted in.
 */
export async function compareRows(
  first: TabularModel,
  second: TabularModel,
  examples: Examples,
  options: Omit<EvaluateRowsOptions, 'by'> = {},
): Promise<RowsComparison> {
  const plan = planOf(first, options);
  const [one, other] = [
    await answersOf(first, examples, options),
    await answersOf(second, examples, options),
  ];
  const measures: Partial<Record<MeasureName, Measured & { readonly pValue: number }>> = {};
  const all = one.target.slice().fill(1);
  const watch = { ...options, parts: 2 * plan.measures.length, done: 0 };
  for (const measure of plan.measures) {
    const [first, second] = [byWeights(measure, one), byWeights(measure, other)];
    const difference = (weights: Float64Array): number => first(weights) - second(weights);
    const value = difference(one.weights ?? all);
    const [interval] = await bootstrap(one, plan, [difference], all, watch);
    watch.done++;
    const pValue = interval && (await swapTest(one, other, measure, plan, watch));
    watch.done++;
    if (interval) measures[measure.name] = { value, ...interval, pValue: pValue! };
  }
  return { level: plan.level, measures };
}

interface Plan {
  readonly measures: readonly Measure[];
  readonly seed: number;
  readonly level: number;
  readonly resamples: number;
}

function planOf(model: TabularModel, options: EvaluateRowsOptions): Plan {
  const { seed = 0, level = 0.95, resamples = 500, measures = usualMeasures(model) } = options;
  if (!(level > 0 && level < 1)) throw new InvalidArgument('level', `is ${level}; between 0 and 1`);
  if (!Number.isInteger(resamples) || resamples < 1 || resamples > 100_000) {
    throw new InvalidArgument('resamples', `is ${resamples}; 1 to 100000 are allowed`);
  }
  return { measures: measures.map(measureOf), seed, level, resamples };
}

/** What the model says of the rows. */
export async function answersOf(
  model: TabularModel,
  examples: Examples,
  options: ApplyOptions,
): Promise<Answers> {
  const { features, target, weights, groups } = examples;
  const rows = rowsOf(features);
  if (target?.length !== rows) throw new InvalidExamples(`no target for each of ${rows} rows`);
  const { classes } = model.signature;
  const probable = classes > 0 && tabularKindOf(model.kind).predictProbabilities;
  return {
    ...{ target, classes },
    prediction: await predict(model, features, options),
    ...(probable && { probabilities: await predictProbabilities(model, features, options) }),
    ...(weights && { weights }),
    ...(groups && { groups }),
  };
}

function withWeights(answers: Answers, weights: Float64Array | undefined): Answers {
  const { weights: _, ...rest } = answers;
  return weights ? { ...rest, weights } : rest;
}

/** Who is told, and which of so many equal parts of the work is done. */
interface Watch extends Pick<FitOptions, 'signal' | 'onProgress'> {
  readonly parts: number;
  done: number;
}

/** Resamples between two looks at the signal. */
const pauseAfter = 16;

async function pause({ signal, onProgress, parts, done }: Watch, at: number, of: number) {
  if (at % pauseAfter !== 0) return;
  throwIfCancelled(signal, 'the evaluation');
  onProgress?.({ step: 'resamples', done: done * of + at, total: parts * of });
  await turn();
}

/** The measure as a function of the weights of the rows. */
function byWeights(measure: Measure, answers: Answers): (weights: Float64Array) => number {
  return measure.byWeights?.(answers) ?? ((weights) => measure.of(withWeights(answers, weights)));
}

/** All measures of the rows that count; a measure that is not defined there is left out. */
async function measureAll(
  answers: Answers,
  plan: Plan,
  counts: Float64Array,
  watch: Watch,
): Promise<MeasuredByName> {
  const weights = counts.map((count, row) => count * (answers.weights?.[row] ?? 1));
  const functions = plan.measures.map((measure) => preparedOrNone(measure, answers));
  const intervals = await bootstrap(answers, plan, functions, counts, watch);
  const found: Partial<Record<MeasureName, Measured>> = {};
  plan.measures.forEach((measure, at) => {
    const value = defined(() => functions[at]!(weights));
    const interval = intervals[at];
    if (value !== undefined && interval) found[measure.name] = { value, ...interval };
  });
  return found;
}

/** A measure that these answers cannot have at all is not a number whatever the weights. */
function preparedOrNone(measure: Measure, answers: Answers): (weights: Float64Array) => number {
  try {
    return byWeights(measure, answers);
  } catch (error) {
    if (error instanceof InvalidArgument) return () => Number.NaN;
    throw error;
  }
}

/** The value, or nothing where the rows at hand do not define it, such as an area with one class. */
function defined(of: () => number): number | undefined {
  try {
    const value = of();
    return Number.isFinite(value) ? value : undefined;
  } catch (error) {
    if (error instanceof InvalidArgument) return undefined;
    throw error;
  }
}

/** Each resample counts units (rows or groups) as often as they were drawn. */
async function bootstrap(
  answers: Answers,
  { seed, level, resamples }: Plan,
  functions: readonly ((weights: Float64Array) => number)[],
  counts: Float64Array,
  watch: Watch,
): Promise<readonly ({ readonly low: number; readonly high: number } | undefined)[]> {
  const own = counts.map((count, row) => count * (answers.weights?.[row] ?? 1));
  const units = unitsOf(answers).filter((unit) => unit.some((row) => counts[row]! > 0));
  const random = seededRandom(seed);
  const values = functions.map((): number[] => []);
  for (let resample = 0; resample < resamples; resample++) {
    await pause(watch, resample, resamples);
    const weights = new Float64Array(own.length);
    for (let draw = 0; draw < units.length; draw++) {
      for (const row of units[random.below(units.length)]!) weights[row]! += own[row]!;
    }
    functions.forEach((of, at) => {
      const value = defined(() => of(weights));
      if (value !== undefined) values[at]!.push(value);
    });
  }
  return values.map((drawn) => percentiles(drawn, level));
}

function percentiles(values: readonly number[], level: number) {
  if (values.length === 0) return undefined;
  const sorted = Float64Array.from(values).sort();
  const tail = (1 - level) / 2;
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))]!;
  return { low: at(tail), high: at(1 - tail) };
}

function unitsOf({ groups, target }: Answers): readonly (readonly number[])[] {
  if (!groups) return Array.from(target, (_, row) => [row]);
  let start = 0;
  return Array.from(groups, (size) => {
    const rows = Array.from({ length: size }, (_, at) => start + at);
    start += size;
    return rows;
  });
}

async function swapTest(
  one: Answers,
  other: Answers,
  measure: Measure,
  plan: Plan,
  watch: Watch,
): Promise<number> {
  const observed = Math.abs(measure.of(one) - measure.of(other));
  const random = seededRandom(plan.seed + 1);
  const units = unitsOf(one);
  let [beyond, counted] = [1, 1];
  for (let round = 0; round < plan.resamples; round++) {
    await pause(watch, round, plan.resamples);
    const swapped = new Uint8Array(one.target.length);
    for (const unit of units) if (random.below(2) === 1) for (const row of unit) swapped[row] = 1;
    const [left, right] = [mix(one, other, swapped), mix(other, one, swapped)];
    const difference = defined(() => Math.abs(measure.of(left) - measure.of(right)));
    if (difference === undefined) continue;
    counted++;
    // Sums in another order differ by a few units in the last place.
    if (difference >= observed - 1e-12 * Math.max(1, observed)) beyond++;
  }
  return beyond / counted;
}

/** The first's answers, but the second's where swapped. */
function mix(first: Answers, second: Answers, swapped: Uint8Array): Answers {
  const prediction = first.prediction.map((value, row) =>
    swapped[row] ? second.prediction[row]! : value,
  );
  if (!first.probabilities || !second.probabilities) return { ...first, prediction };
  const { rows, columns, values } = first.probabilities;
  const others = second.probabilities.values;
  const mixed = Float64Array.from(values, (value, at) =>
    swapped[Math.floor(at / columns)] ? others[at]! : value,
  );
  return { ...first, prediction, probabilities: { rows, columns, values: mixed } };
}
