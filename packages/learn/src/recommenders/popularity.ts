import { throwIfCancelled } from '@backlot/core';
import { parseParameters } from '../constraint.ts';
import type { FitOptions } from '../fit-options.ts';
import { float32, type RecommenderModel, tensorOf } from '../fitted-model.ts';
import type { Specification } from '../specification.ts';
import type { Interactions } from './interactions.ts';
import { bestOf, rankRows } from './rank-rows.ts';
import type { RankOptions, Recommendations, RecommenderKind } from './recommender-kind.ts';

/** The floor that every recommender must beat: what most people met, for all the same. */
export function popularity(): Specification<'popularity', Readonly<Record<never, number>>> {
  return Object.freeze({ kind: 'popularity', parameters: parseParameters('popularity', {}, {}) });
}

export const popularityKind: RecommenderKind<Readonly<Record<never, number>>> = {
  kind: 'popularity',
  summary: 'The items that most people met, the same for everyone.',
  constraints: {},
  memory: ({ items }) => 8 * items,
  fit: fitPopularity,
  tensors: ({ items }) => ({ popularity: { type: 'float32', shape: [items] } }),
  recommend: recommendPopular,
  foldIn: (model) => tensorOf(model, 'popularity', 'float32').data.slice(),
  scoreAll: (model) => tensorOf(model, 'popularity', 'float32').data.slice(),
};

async function fitPopularity(
  specification: Specification,
  interactions: Interactions,
  options: FitOptions,
): Promise<RecommenderModel> {
  throwIfCancelled(options.signal, 'the fit');
  const counts = new Float32Array(interactions.items);
  for (const item of interactions.indices) counts[item]!++;
  options.onProgress?.({ step: 'count', done: 1, total: 1 });
  return {
    kind: specification.kind,
    specification,
    seed: options.seed ?? 0,
    signature: {
      users: interactions.users,
      items: interactions.items,
      interactions: interactions.indices.length,
    },
    tensors: { popularity: float32([interactions.items], counts) },
  };
}

/** The longest list that anyone can need is sorted once; each user takes the first that are left. */
async function recommendPopular(
  model: RecommenderModel,
  _users: Int32Array,
  query: RankOptions,
): Promise<Recommendations> {
  const scores = tensorOf(model, 'popularity', 'float32').data;
  let longest = 0;
  for (let at = 0; at < query.users.length; at++) {
    longest = Math.max(longest, query.excludedOffsets[at + 1]! - query.excludedOffsets[at]!);
  }
  const top = bestOf(scores, Math.min(scores.length, query.k + longest));
  return rankRows(query, (_, excluded, items, found) => {
    const out = new Set(excluded);
    let to = 0;
    for (let at = 0; to < query.k && at < top.items.length; at++) {
      if (out.has(top.items[at]!)) continue;
      items[to] = top.items[at]!;
      found[to++] = top.scores[at]!;
    }
  });
}
