import { InvalidExamples, InvalidParameter } from '../error.ts';
import { classesOf, type Examples, takeExamples } from '../examples.ts';
import type { Specification } from '../specification.ts';
import type { Verbs } from '../tabular-kind.ts';

/** By row: its class, or -1; throws `InvalidExamples` where no row's class is known. */
export function knownClasses({ target }: Examples): Int32Array {
  const labels = Int32Array.from(target!);
  if (labels.some((label) => label >= 0)) return labels;
  throw new InvalidExamples('no class of a row is known; at least one is needed');
}

/** By class: its part of the rows whose class is known. */
export function knownShares(labels: Int32Array, classes: number): Float64Array {
  const shares = new Float64Array(classes);
  let known = 0;
  for (const label of labels) {
    if (label < 0) continue;
    shares[label]!++;
    known++;
  }
  return shares.map((count) => count / known);
}

/** The rows that have a label, as examples of all the classes, even where some have no row. */
export function labelledExamples(examples: Examples, labels: Int32Array): Examples {
  const places = Array.from(labels.keys()).filter((row) => labels[row]! >= 0);
  return {
    ...takeExamples(examples, places),
    target: Float64Array.from(places, (row) => labels[row]!),
    classes: namesOfClasses(examples),
  };
}

/** The names of the classes, or their indices. */
export function namesOfClasses(examples: Examples): readonly string[] {
  return examples.classes ?? Array.from({ length: classesOf(examples) }, (_, label) => `${label}`);
}

/** Throws `InvalidParameter` for a part that is no classifier. */
export function checkClassifier(
  kind: string,
  parameter: string,
  estimator: Specification,
  verbs: Verbs,
): void {
  if (verbs.rolesOf(estimator).includes('classifier')) return;
  throw new InvalidParameter(kind, parameter, 'is no classifier');
}
