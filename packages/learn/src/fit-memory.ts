import { parseParameters } from './constraint.ts';
import { kindOf, recommenderKindOf } from './estimators.ts';
import type { Examples } from './examples.ts';
import type { RecommenderModel } from './fitted-model.ts';
import type { Interactions } from './recommenders/interactions.ts';
import type { Specification } from './specification.ts';
import type { ExamplesSize } from './tabular-kind.ts';
import { examplesMemory, sizedMemory } from './tabular-verbs.ts';

/** How much data a fit would get: of rows, or of who met what. */
export type FitSize = ExamplesSize | RecommenderModel['signature'];

/**
 * The most bytes that fitting holds beside the data, a bound that the estimator states rather than a
 * measurement. A part of a composition that gets more columns than its chain (after an encoder) is
 * bounded by what the chain got; a `memoryLimit` is held against each part as it is fitted. Throws
 * `UnknownEstimator`, `InvalidParameter`.
 *
 * @example
 * fitMemory(kMeans({ clusters: 20 }), { rows: 1e6, columns: 50, stored: 5e7, classes: 0 });
 */
export function fitMemory(
  specification: Specification,
  data: Examples | Interactions | FitSize,
): number {
  if ('features' in data) return examplesMemory(specification, data);
  if ('columns' in data) return sizedMemory(specification, data);
  return interactionsMemory(specification, data);
}

function interactionsMemory(
  { kind, parameters }: Specification,
  data: Interactions | RecommenderModel['signature'],
): number {
  const found = kindOf(kind);
  const { users, items } = data;
  const interactions = 'indices' in data ? data.indices.length : data.interactions;
  const parsed = parseParameters(kind, found.constraints, parameters);
  if (!('recommend' in found)) {
    return sizedMemory(
      { kind, parameters },
      { rows: users, columns: items, stored: interactions, classes: 0 },
    );
  }
  return found.memory({ users, items, interactions }, parsed, recommenderKindOf);
}
