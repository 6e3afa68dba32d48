import { type ParametersOf, parseParameters, type SpecificationData } from '../../constraint.ts';
import { InvalidModel, InvalidParameter } from '../../error.ts';
import type { FitOptions } from '../../fit-options.ts';
import {
  type FittedModel,
  int32,
  isRecommender,
  type RecommenderModel,
  tensorOf,
} from '../../fitted-model.ts';
import { type Specification, specify } from '../../specification.ts';
import { checkStructure, type Interactions, itemsOf } from '../interactions.ts';
import { bestOf } from '../rank-rows.ts';
import type {
  RankOptions,
  Recommendations,
  RecommenderKind,
  RecommenderKinds,
  Subject,
} from '../recommender-kind.ts';
import { fuseRanks } from './fuse-ranks.ts';

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

type Values = ParametersOf<typeof constraints>;
export type RankFusion = Specification<'rankFusion', Values>;

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
  parameters: Partial<Omit<Values, 'estimators'>> & {
    readonly estimators?: readonly Specification<string, object>[];
  } = {},
): RankFusion {
  return specify('rankFusion', constraints, parameters as Partial<Values>);
}

export const rankFusionKind: RecommenderKind<Values> = {
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
  { kind, parameters }: Specification<string, Values>,
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

function valuesOf(model: RecommenderModel): Values {
  return model.specification.parameters as unknown as Values;
}

function partsOf(model: RecommenderModel): readonly RecommenderModel[] {
  const { parts = {} } = model;
  return valuesOf(model).estimators.map((_, at) => {
    const part: FittedModel | undefined = parts[`part${at}`];
    if (!part || !isRecommender(part)) throw new InvalidModel(`it has no recommender part${at}`);
    return part;
  });
}

function weightsOf(model: RecommenderModel): readonly number[] {
  const { weights, estimators } = valuesOf(model);
  return weights.length > 0 ? weights : estimators.map(() => 1);
}

function checkRankFusion(model: RecommenderModel): void {
  const { users, items } = model.signature;
  const parts = partsOf(model);
  if (parts.length === 0 || weightsOf(model).length !== parts.length) {
    throw new InvalidModel('its parts and their weights are not as many, or none');
  }
  for (const { signature } of parts) {
    if (signature.users === users && signature.items === items) continue;
    throw new InvalidModel('its parts know other users or items');
  }
  try {
    checkStructure(historiesOf(model));
  } catch (error) {
    throw new InvalidModel('its lists of items break their rules', error);
  }
}

function historiesOf(model: RecommenderModel): Interactions {
  const { users, items } = model.signature;
  return {
    ...{ users, items },
    offsets: tensorOf(model, 'historyOffsets', 'int32').data,
    indices: tensorOf(model, 'historyItems', 'int32').data,
  };
}

/** Ranks leave out what each user met; what the query leaves out beyond that has its rank all the same. */
async function recommendFused(
  model: RecommenderModel,
  users: Int32Array,
  query: RankOptions,
): Promise<Recommendations> {
  const { depth, constant } = valuesOf(model);
  const own = { ...query, ...metBy(historiesOf(model), users), k: depth };
  const all: Recommendations[] = [];
  for (const part of partsOf(model)) {
    all.push(await query.kinds(part.kind).recommend(part, users, own));
  }
  const fused = fuseRanks(all, { k: depth * all.length, constant, weights: weightsOf(model) });
  return withoutExcluded(fused, query);
}

function metBy(histories: Interactions, users: Int32Array) {
  const excludedOffsets = new Int32Array(users.length + 1);
  users.forEach((user, at) => {
    excludedOffsets[at + 1] = excludedOffsets[at]! + itemsOf(histories, user).length;
  });
  const excluded = new Int32Array(excludedOffsets[users.length]!);
  users.forEach((user, at) => {
    excluded.set(itemsOf(histories, user), excludedOffsets[at]);
  });
  return { excludedOffsets, excluded };
}

function withoutExcluded(fused: Recommendations, query: RankOptions): Recommendations {
  const { users, k } = query;
  const items = new Int32Array(users.length * k).fill(-1);
  const scores = new Float32Array(users.length * k).fill(-Infinity);
  users.forEach((_, at) => {
    const [from, end] = [query.excludedOffsets[at]!, query.excludedOffsets[at + 1]!];
    const out = new Set(query.excluded.subarray(from, end));
    let to = at * k;
    for (let place = at * fused.k; place < (at + 1) * fused.k && to < (at + 1) * k; place++) {
      const item = fused.items[place]!;
      if (item < 0) break;
      if (out.has(item)) continue;
      items[to] = item;
      scores[to++] = fused.scores[place]!;
    }
  });
  return { users, k, items, scores };
}

function scoreFused(
  model: RecommenderModel,
  subject: Subject,
  kinds: RecommenderKinds,
): Float32Array {
  const { depth, constant } = valuesOf(model);
  const { items } = model.signature;
  const met = 'user' in subject ? itemsOf(historiesOf(model), subject.user) : subject.history;
  const weights = weightsOf(model);
  const sums = new Float64Array(items);
  partsOf(model).forEach((part, at) => {
    const { listedAbove = -Infinity, scoreAll } = kinds(part.kind);
    const scores = scoreAll(part, subject, kinds);
    for (const item of met) scores[item] = -Infinity;
    const best = bestOf(scores, Math.min(depth, items));
    best.items.forEach((item, rank) => {
      if (best.scores[rank]! > listedAbove) sums[item]! += weights[at]! / (constant + rank + 1);
    });
  });
  return Float32Array.from(sums);
}
