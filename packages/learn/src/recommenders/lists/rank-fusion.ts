import { type ParametersOf, parseParameters, type SpecificationData } from '../../constraint.ts';
import { InvalidParameter } from '../../error.ts';
import type { FitOptions } from '../../fit-options.ts';
import { int32, type RecommenderModel } from '../../fitted-model.ts';
import { type Specification, specify } from '../../specification.ts';
import type { Interactions } from '../interactions.ts';
import type { RecommenderKind, RecommenderKinds } from '../recommender-kind.ts';
import { checkRankFusion, recommendFused, scoreFused } from './fused-model.ts';

const constraints = {
  estimators: {
    type: 'estimators',
    maxLength: 8,
    default: [
      { kind: 'slim', parameters: {} },
      { kind: 'implicitALS', parameters: {} },
    ],
    summary: 'The recommenders whose lists are joined, at least one.',
  },
  weights: {
    type: 'numbers',
    min: 0,
    above: true,
    max: 1e6,
    maxLength: 8,
    default: [],
    summary: 'What each of them counts, in their order; none is 1 each.',
  },
  constant: {
    type: 'number',
    min: 0,
    max: 1e6,
    default: 10,
    summary: 'Added to each rank: more of it makes the first places less special.',
  },
  depth: {
    type: 'integer',
    min: 1,
    max: 10_000,
    default: 100,
    summary: 'How many items of each list count.',
  },
} as const;

export type FusionValues = ParametersOf<typeof constraints>;
export type RankFusion = Specification<'rankFusion', FusionValues>;

/**
 * Several recommenders as one, by reciprocal ranks (Cormack, Clarke and Buettcher 2009): each ranks the items
 * that a person has not met, and an item's score is the sum of weight / (constant + its rank from 1) over the
 * lists of `depth` that hold it. Scores are 0 for items in no list, and for those that the person met: it
 * recommends nothing again. The models fitted are parts of this one.
 *
 * @example
 * const model = await fit(rankFusion({ estimators: [slim(), implicitALS()], weights: [1, 2] }), plays);
 */
export function rankFusion(
  parameters: Partial<Omit<FusionValues, 'estimators'>> & {
    readonly estimators?: readonly Specification<string, object>[];
  } = {},
): RankFusion {
  return specify('rankFusion', constraints, parameters as Partial<FusionValues>);
}

export const rankFusionKind: RecommenderKind<FusionValues> = {
  kind: 'rankFusion',
  summary: 'Several recommenders as one, by the ranks in their lists.',
  constraints,
  memory: (size, { estimators }, kinds) =>
    parsedParts(estimators, kinds).reduce(
      (sum, { kind, parameters }) => sum + kinds(kind).memory(size, parameters, kinds),
      8 * (size.users + size.interactions + 8),
    ),
  fit: fitRankFusion,
  tensors: ({ users, interactions }) => ({
    historyOffsets: { type: 'int32', shape: [users + 1] },
    historyItems: { type: 'int32', shape: [interactions] },
  }),
  checkModel: checkRankFusion,
  listedAbove: 0,
  recommend: recommendFused,
  scoreAll: scoreFused,
};

/** The specifications with the defaults of their own constraints; throws `InvalidParameter` for none. */
function parsedParts(
  estimators: readonly SpecificationData[],
  kinds: RecommenderKinds,
): readonly Specification[] {
  if (estimators.length === 0) {
    throw new InvalidParameter('rankFusion', 'estimators', 'are none; at least one is needed');
  }
  return estimators.map(({ kind, parameters }) =>
    Object.freeze({ kind, parameters: parseParameters(kind, kinds(kind).constraints, parameters) }),
  );
}

async function fitRankFusion(
  { kind, parameters }: Specification<string, FusionValues>,
  interactions: Interactions,
  options: FitOptions,
  kinds: RecommenderKinds,
): Promise<RecommenderModel> {
  const { users, items, offsets, indices } = interactions;
  const { weights } = parameters;
  const estimators = parsedParts(parameters.estimators, kinds);
  if (weights.length > 0 && weights.length !== estimators.length) {
    const reason = `are ${weights.length} for ${estimators.length} estimators`;
    throw new InvalidParameter(kind, 'weights', reason);
  }
  const parts: Record<string, RecommenderModel> = {};
  for (const [at, own] of estimators.entries()) {
    parts[`part${at}`] = await kinds(own.kind).fit(own, interactions, options, kinds);
  }
  return {
    kind,
    specification: Object.freeze({
      kind,
      parameters: Object.freeze({ ...parameters, estimators }),
    }) as unknown as Specification,
    seed: options.seed ?? 0,
    signature: { users, items, interactions: indices.length },
    parts,
    tensors: {
      historyOffsets: int32([users + 1], offsets.slice()),
      historyItems: int32([indices.length], indices.slice()),
    },
  };
}
