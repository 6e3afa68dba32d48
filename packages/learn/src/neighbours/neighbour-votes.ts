import type { ParametersOf } from '../constraint.ts';
import { InvalidModel, InvalidParameter } from '../error.ts';
import { type Examples, takeExamples } from '../examples.ts';
import { featuresAs } from '../features.ts';
import type { FitOptions } from '../fit-options.ts';
import { float64, type TabularModel, tensorOf } from '../fitted-model.ts';
import type { Matrix } from '../matrix.ts';
import type { ApplyOptions, Learned } from '../tabular-kind.ts';
import { checkIndex, indexOf, learnedIndex } from './index-model.ts';
import { buildIndex, findRows } from './row-index.ts';
import { type SearchParameters, searchConstraints } from './search-parameters.ts';

const own = {
  k: {
    type: 'integer',
    min: 1,
    max: 10_000,
    default: 5,
    scale: 'log',
    summary: 'How many of the nearest rows vote; all where there are fewer.',
  },
  weights: {
    type: 'choice',
    options: ['uniform', 'distance'],
    default: 'uniform',
    summary: 'Whether a nearer row counts more, by one over its distance.',
  },
} as const;

/** Hyper-parameters of estimators whose nearest rows vote. */
export const voteConstraints: typeof own & typeof searchConstraints = {
  ...own,
  ...searchConstraints,
};

export type VoteParameters = ParametersOf<typeof own> & SearchParameters;

/** An index of the examples that have a weight, with their targets and weights. */
export async function fitVotes(
  kind: string,
  parameters: VoteParameters,
  examples: Examples,
  options: FitOptions,
): Promise<Learned> {
  if (parameters.weights === 'distance' && parameters.metric === 'dot') {
    const reason =
      'is distance, but one over a negative product is no weight; use cosine or uniform';
    throw new InvalidParameter(kind, 'weights', reason);
  }
  const used = withWeight(examples);
  const index = await buildIndex(featuresAs(used.features, 'dense'), parameters, options);
  const { tensors, facts } = learnedIndex(index);
  const { rows } = index.rows;
  const weights = used.weights?.slice() ?? new Float64Array(rows).fill(1);
  const votes = {
    target: float64([rows], used.target!.slice()),
    weights: float64([rows], weights),
  };
  return { tensors: { ...tensors, ...votes }, facts };
}

function withWeight(examples: Examples): Examples {
  const { weights } = examples;
  if (!weights?.includes(0)) return examples;
  const places = Array.from(weights.keys()).filter((row) => weights[row]! > 0);
  return takeExamples(examples, places);
}

/** What a query's neighbours vote: rows and the weights of their votes, by queries. */
interface Votes {
  readonly k: number;
  readonly indices: Int32Array;
  readonly weights: Float64Array;
}

/**
 * The votes for each row. By distance the weights are those over the nearest's, which changes no share:
 * where some are at distance 0 only they have a vote, as one over 0 outweighs all.
 */
export async function votesFor(
  model: TabularModel,
  features: Matrix,
  options: ApplyOptions,
): Promise<Votes> {
  const { k, weights, width } = model.specification.parameters as unknown as VoteParameters;
  const found = await findRows(indexOf(model), features, { k, width }, options);
  const own = tensorOf(model, 'weights', 'float64').data;
  const cast = Float64Array.from(found.indices, (row) => own[row] ?? 0);
  if (weights === 'uniform') return { k: found.k, indices: found.indices, weights: cast };
  for (let at = 0; at < cast.length; at++) {
    const least = found.distances[at - (at % found.k)]!;
    const distance = found.distances[at]!;
    if (distance !== least) cast[at]! *= least / distance;
  }
  return { k: found.k, indices: found.indices, weights: cast };
}

/** Throws `InvalidModel` unless there are as many targets and weights as rows, none below 0. */
export function checkVotes(model: TabularModel): void {
  checkIndex(model);
  const { rows } = indexOf(model).rows;
  const weights = tensorOf(model, 'weights', 'float64').data;
  const sized =
    weights.length === rows && tensorOf(model, 'target', 'float64').data.length === rows;
  if (sized && weights.every((weight) => weight > 0)) return;
  throw new InvalidModel('its rows, targets and weights do not match');
}
