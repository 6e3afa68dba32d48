import { seededRandom } from '@backlot/core';
import { InvalidArgument } from '../error.ts';

/** Rows to learn from and rows to be tested on, ascending. */
export interface Split {
  readonly train: Int32Array;
  readonly test: Int32Array;
}

/** How to make splits: data, as pipelines and searches hold it. */
export type SplitPlan =
  | { readonly kind: 'folds'; readonly folds: number }
  /** Each fold has each class (the labels given) in its share. */
  | { readonly kind: 'stratified'; readonly folds: number }
  /** Rows of one group (the labels given) are never torn apart. */
  | { readonly kind: 'grouped'; readonly folds: number }
  /** Folds of later rows, each tested after training on all rows before it. */
  | TimePlan
  /** One split at random. */
  | { readonly kind: 'holdout'; readonly share: number };

interface TimePlan {
  readonly kind: 'time';
  readonly folds: number;
  /** Time between the last row trained on and the first tested, in the unit of the times; 0 when absent. */
  readonly gap?: number;
}

export interface SplitInputs {
  readonly rows: number;
  /** Classes for `stratified`, groups for `grouped`. */
  readonly labels?: ArrayLike<number>;
  /** By row, for `time`: any number that grows. */
  readonly times?: ArrayLike<number>;
  readonly seed?: number;
}

/**
 * The splits of a plan. Every row is tested exactly once by `folds`, `stratified` and `grouped`. Throws
 * `InvalidArgument` for folds that would be empty.
 *
 * @example
 * for (const { train, test } of splits({ kind: 'stratified', folds: 5 }, { rows, labels, seed: 1 })) {}
 */
export function splits(plan: SplitPlan, inputs: SplitInputs): readonly Split[] {
  switch (plan.kind) {
    case 'folds':
      return foldsOf(dealRows(allRows(inputs.rows), plan.folds, inputs.seed), inputs.rows);
    case 'stratified':
      return foldsOf(
        dealClasses(labelsOf(plan.kind, inputs), plan.folds, inputs.seed),
        inputs.rows,
      );
    case 'grouped':
      return foldsOf(dealGroups(labelsOf(plan.kind, inputs), plan.folds, inputs.seed), inputs.rows);
    case 'time':
      return timeSplits(plan, inputs);
    case 'holdout':
      return [holdout(plan.share, inputs)];
  }
}

function allRows(rows: number): number[] {
  return Array.from({ length: rows }, (_, row) => row);
}

function checkFolds(folds: number, most: number): void {
  if (Number.isInteger(folds) && folds >= 2 && folds <= most) return;
  throw new InvalidArgument('folds', `is ${folds}; a whole number from 2 to ${most} is allowed`);
}

function labelsOf(kind: string, { labels, rows }: SplitInputs): ArrayLike<number> {
  if (labels?.length === rows) return labels;
  const given = labels ? `${labels.length}` : 'none';
  throw new InvalidArgument(
    'labels',
    `are ${given}; ${kind} splits need one for each of ${rows} rows`,
  );
}

/** By row, its fold. */
function dealRows(rows: number[], folds: number, seed = 0): Int32Array {
  checkFolds(folds, rows.length);
  seededRandom(seed).shuffle(rows);
  const dealt = new Int32Array(rows.length);
  rows.forEach((row, at) => {
    dealt[row] = at % folds;
  });
  return dealt;
}

/** Each class is shuffled and dealt on from where the one before ended, so that folds are of one size. */
function dealClasses(labels: ArrayLike<number>, folds: number, seed = 0): Int32Array {
  checkFolds(folds, labels.length);
  const random = seededRandom(seed);
  const dealt = new Int32Array(labels.length);
  let next = 0;
  for (const rows of rowsByLabel(labels).values()) {
    random.shuffle(rows);
    for (const row of rows) dealt[row] = next++ % folds;
  }
  return dealt;
}

function rowsByLabel(labels: ArrayLike<number>): ReadonlyMap<number, number[]> {
  const found = new Map<number, number[]>();
  for (let row = 0; row < labels.length; row++) {
    const rows = found.get(labels[row]!);
    if (rows) rows.push(row);
    else found.set(labels[row]!, [row]);
  }
  return new Map([...found].sort(([a], [b]) => a - b));
}

/** Groups from the largest to the smallest, each to the fold that holds the fewest rows. */
function dealGroups(labels: ArrayLike<number>, folds: number, seed = 0): Int32Array {
  const groups = [...rowsByLabel(labels).values()];
  checkFolds(folds, groups.length);
  seededRandom(seed).shuffle(groups);
  groups.sort((a, b) => b.length - a.length);
  const sizes = new Array<number>(folds).fill(0);
  const dealt = new Int32Array(labels.length);
  for (const rows of groups) {
    const fold = sizes.indexOf(Math.min(...sizes));
    sizes[fold]! += rows.length;
    for (const row of rows) dealt[row] = fold;
  }
  return dealt;
}

function foldsOf(dealt: Int32Array, rows: number): readonly Split[] {
  const folds = dealt.reduce((most, fold) => Math.max(most, fold), 0) + 1;
  return Array.from({ length: folds }, (_, fold) => ({
    train: Int32Array.from(allRows(rows).filter((row) => dealt[row] !== fold)),
    test: Int32Array.from(allRows(rows).filter((row) => dealt[row] === fold)),
  }));
}

/** Rows of one time stay together; the first of folds + 1 blocks is only trained on. */
function timeSplits({ folds, gap = 0 }: TimePlan, { rows, times }: SplitInputs): readonly Split[] {
  if (times?.length !== rows) {
    throw new InvalidArgument(
      'times',
      `are ${times?.length ?? 'none'}; one for each of ${rows} rows`,
    );
  }
  if (!(gap >= 0)) throw new InvalidArgument('gap', `is ${gap}; from 0 is allowed`);
  const distinct = [...new Set(Array.from(times))].sort((a, b) => a - b);
  checkFolds(folds + 1, distinct.length);
  const bound = (block: number): number => {
    return distinct[Math.round((block * distinct.length) / (folds + 1))] ?? Infinity;
  };
  return Array.from({ length: folds }, (_, fold) => {
    const [begin, end] = [bound(fold + 1), bound(fold + 2)];
    const train = allRows(rows).filter((row) => times[row]! < begin - gap);
    const test = allRows(rows).filter((row) => times[row]! >= begin && times[row]! < end);
    if (train.length === 0)
      throw new InvalidArgument('gap', `is ${gap}; it leaves nothing to train on`);
    return { train: Int32Array.from(train), test: Int32Array.from(test) };
  });
}

function holdout(share: number, { rows, seed = 0 }: SplitInputs): Split {
  const tested = Math.round(share * rows);
  if (!(tested >= 1 && tested < rows)) {
    throw new InvalidArgument('share', `is ${share}; of ${rows} rows it leaves one side empty`);
  }
  const order = allRows(rows);
  seededRandom(seed).shuffle(order);
  return {
    test: Int32Array.from(order.slice(0, tested)).sort(),
    train: Int32Array.from(order.slice(tested)).sort(),
  };
}
