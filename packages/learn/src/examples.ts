import { EmptyInput, InvalidExamples } from './error.ts';
import { checkFeatures, type Features, rowsOf, takeRows } from './features.ts';

/** What an estimator's target must be; `partial` classes hold -1 where the class is not known. */
export type TargetKind =
  | 'none'
  | 'numbers'
  | 'nonnegative'
  | 'positive'
  | 'classes'
  | 'partial'
  | 'grades'
  | 'either';

/** Rows to learn from. */
export interface Examples {
  readonly features: Features;
  /** By row: a number, or a class as its index from 0, or -1 for a class that is not known. */
  readonly target?: Float64Array;
  /** By row, not negative, not all 0; 1 each when absent. */
  readonly weights?: Float64Array;
  /** The rows of each group (query, session, person), in order; they add up to all rows. */
  readonly groups?: Int32Array;
  /** The names of the classes, in the order of their indices. */
  readonly classes?: readonly string[];
  /** The names of the columns. */
  readonly names?: readonly string[];
}

/** The examples at the given rows; groups are dropped, since rows of one group may be torn apart. */
export function takeExamples(examples: Examples, places: ArrayLike<number>): Examples {
  const { target, weights, classes, names } = examples;
  return {
    features: takeRows(examples.features, places),
    ...(target && { target: Float64Array.from(places, (place) => target[place]!) }),
    ...(weights && { weights: Float64Array.from(places, (place) => weights[place]!) }),
    ...(classes && { classes }),
    ...(names && { names }),
  };
}

/** The examples of the given groups, each whole, in that order. */
export function takeGroups(examples: Examples, places: ArrayLike<number>): Examples {
  const groups = examples.groups ?? new Int32Array(0);
  const starts = new Int32Array(groups.length + 1);
  groups.forEach((size, group) => {
    starts[group + 1] = starts[group]! + size;
  });
  const rows = Array.from(places, (group) =>
    Array.from({ length: groups[group]! }, (_, at) => starts[group]! + at),
  ).flat();
  const taken = Int32Array.from(places, (group) => groups[group]!);
  return { ...takeExamples(examples, rows), groups: taken };
}

/** How many classes the target tells apart: those named, or those up to the highest index. */
export function classesOf({ target, classes }: Examples): number {
  if (classes) return classes.length;
  let highest = -1;
  for (const value of target ?? []) if (value > highest) highest = value;
  return highest + 1;
}

/** Throws `EmptyInput` or `InvalidExamples` for examples that an estimator with these demands cannot take. */
export function checkExamples(
  examples: Examples,
  demands: { readonly target: TargetKind; readonly missing: boolean },
): void {
  const rows = rowsOf(examples.features);
  if (rows === 0) throw new EmptyInput('the examples');
  checkFeatures(examples.features, demands.missing);
  if (demands.target !== 'none') checkTarget(examples, demands.target, rows);
  if (examples.weights) checkWeights(examples.weights, rows);
  if (examples.groups) checkGroups(examples.groups, rows);
}

function checkTarget(examples: Examples, kind: TargetKind, rows: number): void {
  const { target } = examples;
  if (!target) throw new InvalidExamples('there is no target; one number a row is needed');
  if (target.length !== rows)
    throw new InvalidExamples(`${target.length} targets for ${rows} rows`);
  const classes = kind === 'classes' || kind === 'partial';
  const known = classes ? classesOf(examples) : Infinity;
  target.forEach((value, row) => {
    if (!allowsTarget(kind, value) || value >= known) {
      throw new InvalidExamples(`the target of row ${row} is ${value}; ${allowedTarget(kind)}`);
    }
  });
  const highest = target.reduce((most, value) => Math.max(most, value), -Infinity);
  if (classes && highest < 1 && known < 2) {
    throw new InvalidExamples('the target holds fewer than two classes');
  }
}

const mostClasses = 100_000;

function allowsTarget(kind: TargetKind, value: number): boolean {
  switch (kind) {
    case 'nonnegative':
      return value >= 0 && value < Infinity;
    case 'positive':
      return value > 0 && value < Infinity;
    case 'grades':
      return Number.isInteger(value) && value >= 0 && value <= 30;
    case 'classes':
      return Number.isInteger(value) && value >= 0 && value < mostClasses;
    case 'partial':
      return Number.isInteger(value) && value >= -1 && value < mostClasses;
    default:
      return Number.isFinite(value);
  }
}

function allowedTarget(kind: TargetKind): string {
  switch (kind) {
    case 'nonnegative':
      return 'numbers from 0 are allowed';
    case 'positive':
      return 'numbers above 0 are allowed';
    case 'grades':
      return 'whole numbers from 0 to 30 are allowed';
    case 'classes':
      return 'the indices of classes from 0 are allowed';
    case 'partial':
      return 'the indices of classes, or -1 where it is not known, are allowed';
    default:
      return 'finite numbers are allowed';
  }
}

function checkWeights(weights: Float64Array, rows: number): void {
  if (weights.length !== rows)
    throw new InvalidExamples(`${weights.length} weights for ${rows} rows`);
  let total = 0;
  weights.forEach((weight, row) => {
    if (!(weight >= 0 && weight < Infinity)) {
      throw new InvalidExamples(`the weight of row ${row} is ${weight}; from 0 is allowed`);
    }
    total += weight;
  });
  if (total === 0) throw new InvalidExamples('all weights are 0');
}

function checkGroups(groups: Int32Array, rows: number): void {
  const total = groups.reduce((sum, size) => sum + size, 0);
  if (total === rows && groups.every((size) => size > 0)) return;
  throw new InvalidExamples(`the groups hold ${total} of ${rows} rows, or one of them none`);
}
