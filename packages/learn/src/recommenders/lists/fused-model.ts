import { InvalidModel } from '../../error.ts';
import {
  type FittedModel,
  isRecommender,
  type RecommenderModel,
  tensorOf,
} from '../../fitted-model.ts';
import { checkStructure, type Interactions, itemsOf } from '../interactions.ts';
import { bestOf } from '../rank-rows.ts';
import type {
  RankOptions,
  Recommendations,
  RecommenderKinds,
  Subject,
} from '../recommender-kind.ts';
import { fuseRanks } from './fuse-ranks.ts';
import type { FusionValues } from './rank-fusion.ts';

function valuesOf(model: RecommenderModel): FusionValues {
  return model.specification.parameters as unknown as FusionValues;
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

/** The parts must be recommenders of the same users and items, as many as their weights. */
export function checkRankFusion(model: RecommenderModel): void {
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
export async function recommendFused(
  model: RecommenderModel,
  users: Int32Array,
  query: RankOptions,
): Promise<Recommendations> {
  const { constant } = valuesOf(model);
  const depth = Math.min(valuesOf(model).depth, model.signature.items);
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

/** The same scores for one person: a user of the model, or what someone else met. */
export function scoreFused(
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
