import { throwIfCancelled } from '@backlot/core';
import { InvalidExamples } from '../error.ts';
import { classesOf, type Examples, takeExamples, takeGroups } from '../examples.ts';
import { rowsOf } from '../features.ts';
import type { FitOptions } from '../fit-options.ts';
import { answersOf } from '../metrics/evaluate-rows.ts';
import { type MeasureName, measureOf } from '../metrics/measure.ts';
import type { Specification } from '../specification.ts';
import { fitExamples } from '../tabular-verbs.ts';
import { type Split, type SplitPlan, splits } from './splits.ts';

export interface CrossValidateOptions extends FitOptions {
  /** Five folds when absent: of groups where there are some, stratified where classes are learned. */
  readonly plan?: SplitPlan | undefined;
  readonly measure: MeasureName;
  /** Groups for a `grouped` plan; classes are taken from the target. */
  readonly labels?: ArrayLike<number> | undefined;
  readonly times?: ArrayLike<number> | undefined;
}

/** The measure on the test rows of each split, and on the rows trained on when asked for. */
export interface CrossValidation {
  readonly scores: readonly number[];
  readonly mean: number;
  /** Of the mean, from the spread of the splits; they share rows, so that it is only a guide. */
  readonly standardError: number;
}

/** Fits on each split's train rows and measures on its test rows. */
export async function crossValidate(
  specification: Specification,
  examples: Examples,
  options: CrossValidateOptions,
): Promise<CrossValidation> {
  const parts = splitExamples(examples, options);
  const measure = measureOf(options.measure);
  const scores: number[] = [];
  for (const { train, test } of parts) {
    throwIfCancelled(options.signal, 'the cross-validation');
    const { onProgress: _, ...quiet } = options;
    const model = await fitExamples(specification, train, quiet);
    scores.push(measure.of(await answersOf(model, test, quiet)));
    options.onProgress?.({ step: 'splits', done: scores.length, total: parts.length });
  }
  return summaryOf(scores);
}

function summaryOf(scores: readonly number[]): CrossValidation {
  const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
  const squares = scores.reduce((sum, score) => sum + (score - mean) ** 2, 0);
  const variance = scores.length > 1 ? squares / (scores.length - 1) : 0;
  return { scores, mean, standardError: Math.sqrt(variance / scores.length) };
}

/** The examples of each split; where there are groups, whole groups are dealt. */
export function splitExamples(
  examples: Examples,
  options: Pick<CrossValidateOptions, 'plan' | 'labels' | 'times' | 'seed'>,
): readonly { readonly train: Examples; readonly test: Examples }[] {
  const { groups, target } = examples;
  const rows = rowsOf(examples.features);
  const seed = options.seed ?? 0;
  if (groups) {
    const plan = options.plan ?? { kind: 'folds', folds: Math.min(5, groups.length) };
    if (plan.kind !== 'folds' && plan.kind !== 'holdout') {
      throw new InvalidExamples(
        `rows in groups are split by folds or holdout, not by ${plan.kind}`,
      );
    }
    const parts = splits(plan, { rows: groups.length, seed });
    return parts.map(({ train, test }) => ({
      train: takeGroups(examples, train),
      test: takeGroups(examples, test),
    }));
  }
  const plan = options.plan ?? usualPlan(examples, rows);
  const labels = plan.kind === 'grouped' ? options.labels : target;
  const { times } = options;
  const parts = splits(plan, { rows, seed, ...(labels && { labels }), ...(times && { times }) });
  return parts.map((split) => takeSplit(examples, split));
}

function usualPlan(examples: Examples, rows: number): SplitPlan {
  const folds = Math.min(5, rows);
  return { kind: isClasses(examples) ? 'stratified' : 'folds', folds };
}

/** Classes get names where they have none, so that a class that a fold lacks keeps its place. */
function takeSplit(given: Examples, { train, test }: Split) {
  const named = given.classes || !isClasses(given);
  const names = (): string[] => Array.from({ length: classesOf(given) }, (_, label) => `${label}`);
  const examples = named ? given : { ...given, classes: names() };
  return { train: takeExamples(examples, train), test: takeExamples(examples, test) };
}

/** Whether the target may be classes: whole numbers, few of them. */
export function isClasses(examples: Examples): boolean {
  const { target } = examples;
  if (!target?.every((value) => Number.isInteger(value) && value >= -1)) return false;
  return classesOf(examples) <= Math.min(1000, target.length);
}
