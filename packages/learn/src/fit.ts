import { parseParameters } from './constraint.ts';
import { InvalidArgument, MemoryExceeded } from './error.ts';
import { kindOf, recommenderKindOf } from './estimators.ts';
import type { Examples } from './examples.ts';
import type { FitOptions } from './fit-options.ts';
import type { FittedModel, RecommenderModel, TabularModel } from './fitted-model.ts';
import { checkInteractions, type Interactions } from './recommenders/interactions.ts';
import type { RecommenderKind } from './recommenders/recommender-kind.ts';
import type { Specification } from './specification.ts';
import { fitExamples } from './tabular-verbs.ts';

/**
 * Fits what the specification says and returns a new model. Neither argument is changed; the same
 * arguments and seed give the same model, whatever the number of threads. Recommenders take interactions,
 * all other estimators examples. Throws `UnknownEstimator`, `InvalidParameter`, `EmptyInput`,
 * `InvalidInteractions` or `InvalidExamples`, `MemoryExceeded`, `Cancelled`.
 *
 * @example
 * const model = await fit(implicitALS({ factors: 64 }), plays, { seed: 1, signal });
 * const price = await fit(ridge({ penalty: 0.1 }), { features, target });
 */
export async function fit(
  specification: Specification,
  data: Interactions,
  options?: FitOptions,
): Promise<RecommenderModel>;
export async function fit(
  specification: Specification,
  data: Examples,
  options?: FitOptions,
): Promise<TabularModel>;
export async function fit(
  specification: Specification,
  data: Interactions | Examples,
  options: FitOptions = {},
): Promise<FittedModel> {
  checkSeed(options.seed ?? 0);
  const kind = kindOf(specification.kind);
  const recommends = 'recommend' in kind;
  if (recommends !== !('features' in data)) {
    const needed = recommends ? 'interactions' : 'examples';
    throw new InvalidArgument('data', `is not what ${kind.kind} is fitted to: ${needed}`);
  }
  if ('features' in data) return fitExamples(specification, data, options);
  return fitInteractions(kind as RecommenderKind, specification, data, options);
}

async function fitInteractions(
  kind: RecommenderKind,
  specification: Specification,
  interactions: Interactions,
  options: FitOptions,
): Promise<RecommenderModel> {
  const parameters = parseParameters(kind.kind, kind.constraints, specification.parameters);
  const { users, items, indices } = interactions;
  checkInteractions(interactions);
  const { memoryLimit = Infinity } = options;
  const needed = kind.memory(
    { users, items, interactions: indices.length },
    parameters,
    recommenderKindOf,
  );
  if (needed > memoryLimit) throw new MemoryExceeded(kind.kind, needed, memoryLimit);
  return kind.fit(
    Object.freeze({ kind: kind.kind, parameters }),
    interactions,
    options,
    recommenderKindOf,
  );
}

function checkSeed(seed: number): void {
  if (Number.isSafeInteger(seed) && seed >= 0) return;
  throw new InvalidArgument('seed', `is ${seed}; a whole number from 0 to 2^53 - 1 is allowed`);
}
