import { throwIfCancelled } from '@backlot/core';
import { classesOf, type Examples, takeExamples } from '../examples.ts';
import { rowsOf } from '../features.ts';
import type { FitOptions } from '../fit-options.ts';
import type { Matrix } from '../matrix.ts';
import type { Specification } from '../specification.ts';
import type { Verbs } from '../tabular-kind.ts';
import { splits } from './splits.ts';

/** Probabilities of each row from a model of the folds that it is not in, classes stratified. */
export async function outOfFold(
  estimator: Specification,
  examples: Examples,
  options: FitOptions & { readonly folds: number },
  verbs: Verbs,
): Promise<Matrix> {
  const rows = rowsOf(examples.features);
  const columns = classesOf(examples);
  const classes = examples.classes ?? Array.from({ length: columns }, (_, label) => `${label}`);
  const named = { ...examples, classes };
  const folds = Math.min(options.folds, rows);
  const seed = options.seed ?? 0;
  const parts = splits({ kind: 'stratified', folds }, { rows, labels: examples.target!, seed });
  const values = new Float64Array(rows * columns);
  for (const [at, { train, test }] of parts.entries()) {
    throwIfCancelled(options.signal, 'the fit');
    options.onProgress?.({ step: 'folds', done: at, total: parts.length });
    const { onProgress: _, ...quiet } = options;
    const model = await verbs.fit(estimator, takeExamples(named, train), quiet);
    const { features } = takeExamples(named, test);
    const found = await verbs.predictProbabilities(model, features, quiet);
    test.forEach((row, place) => {
      values.set(found.values.subarray(place * columns, (place + 1) * columns), row * columns);
    });
  }
  return { rows, columns, values };
}
