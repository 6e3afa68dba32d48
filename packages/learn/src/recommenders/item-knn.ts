import { type NumberConstraint, type Parameters, parseParameters } from '../constraint.ts';
import { InvalidArgument, InvalidModel } from '../error.ts';
import { type RecommenderModel, tensorOf } from '../fitted-model.ts';
import type { Specification } from '../specification.ts';
import { checkStructure } from './interactions.ts';
import { fitItemKnn } from './knn/fit.ts';
import { insert, rankRows } from './rank-rows.ts';
import type { RankOptions, Recommendations, RecommenderKind, Subject } from './recommender-kind.ts';

export type ItemKnnName = 'neighbours' | 'damping' | 'shrinkage';

const constraints: Readonly<Record<ItemKnnName, NumberConstraint>> = {
  neighbours: {
    type: 'integer',
    min: 1,
    max: 10000,
    default: 100,
    summary: 'How many of its most similar items each item keeps.',
  },
  damping: {
    type: 'number',
    min: 0,
    max: 1,
    default: 0.25,
    summary:
      'How much less a person counts who met n items: n to this negative power; 0 is not at all.',
  },
  shrinkage: {
    type: 'number',
    min: 0,
    max: 1e6,
    default: 0,
    summary: 'Added to the denominator, so that similarities from few people count less.',
  },
};

export type ItemKnn = Specification<'itemKnn', Parameters<ItemKnnName>>;

/**
 * Item-based neighbours (Deshpande and Karypis 2004): the similarity of items i and j is the sum over people
 * who met both of (number of items they met)^-damping, over sqrt(n_i n_j) + shrinkage. Each item keeps its
 * most similar ones; a person's score for an item is the sum of its similarities to those of them that the
 * person met. Weights are not used. The model holds what each user met.
 */
export function itemKnn(parameters: Partial<Parameters<ItemKnnName>> = {}): ItemKnn {
  const parsed = parseParameters('itemKnn', constraints, parameters);
  return Object.freeze({ kind: 'itemKnn', parameters: parsed });
}

export const itemKnnKind: RecommenderKind<Parameters<ItemKnnName>> = {
  kind: 'itemKnn',
  summary: 'Items similar to those a person met, by how many people met both.',
  constraints,
  memory: ({ users, items, interactions }, { neighbours }) =>
    8 * (users + 4 * items + 4 * interactions) + 16 * items * Math.min(neighbours, items),
  fit: fitItemKnn,
  tensors: ({ users, items, interactions }) => ({
    historyOffsets: { type: 'int32', shape: [users + 1] },
    historyItems: { type: 'int32', shape: [interactions] },
    neighbourOffsets: { type: 'int32', shape: [items + 1] },
    neighbourItems: { type: 'int32', shape: [-1] },
    similarities: { type: 'float32', shape: [-1] },
  }),
  checkModel: checkNeighbours,
  recommend: recommendNeighbours,
  scoreAll: (model, subject) => {
    const scores = new Float32Array(model.signature.items);
    const accumulate = accumulator(model, scores, []);
    accumulate(historyOf(model, subject));
    return scores;
  },
};

/** Both lists must be matrices whose offsets rise and whose indices are items. */
function checkNeighbours(model: RecommenderModel): void {
  const { users, items } = model.signature;
  const data = (name: string): Int32Array => tensorOf(model, name, 'int32').data;
  const matrix = { items, offsets: data('historyOffsets'), indices: data('historyItems') };
  const similar = { items, offsets: data('neighbourOffsets'), indices: data('neighbourItems') };
  const similarities = tensorOf(model, 'similarities', 'float32').data;
  try {
    checkStructure({ ...matrix, users });
    checkStructure({ ...similar, users: items });
  } catch (error) {
    throw new InvalidModel('its lists of items break their rules', error);
  }
  if (similarities.length !== similar.indices.length) {
    throw new InvalidModel('it has not as many similarities as neighbours');
  }
}

function historyOf(model: RecommenderModel, subject: Subject): Int32Array {
  if ('user' in subject) {
    const offsets = tensorOf(model, 'historyOffsets', 'int32').data;
    const items = tensorOf(model, 'historyItems', 'int32').data;
    return items.subarray(offsets[subject.user], offsets[subject.user + 1]);
  }
  const { items } = model.signature;
  for (const item of subject.history) {
    if (item >= 0 && item < items) continue;
    throw new InvalidArgument('history', `holds item ${item}; 0 to ${items - 1} are allowed`);
  }
  return subject.history;
}

/** Adds up similarities in `scores`; `touched` collects the items that then are not zero. */
function accumulator(
  model: RecommenderModel,
  scores: Float32Array,
  touched: number[],
): (history: Int32Array) => void {
  const offsets = tensorOf(model, 'neighbourOffsets', 'int32').data;
  const items = tensorOf(model, 'neighbourItems', 'int32').data;
  const similarities = tensorOf(model, 'similarities', 'float32').data;
  return (history) => {
    for (const item of history) {
      for (let at = offsets[item]!; at < offsets[item + 1]!; at++) {
        const neighbour = items[at]!;
        if (scores[neighbour] === 0) touched.push(neighbour);
        scores[neighbour]! += similarities[at]!;
      }
    }
  };
}

function recommendNeighbours(
  model: RecommenderModel,
  _users: Int32Array,
  query: RankOptions,
): Promise<Recommendations> {
  const scores = new Float32Array(model.signature.items);
  const touched: number[] = [];
  const accumulate = accumulator(model, scores, touched);
  return rankRows(query, (user, excluded, items, best) => {
    accumulate(historyOf(model, { user }));
    const out = new Set(excluded);
    for (const item of touched) if (!out.has(item)) insert(items, best, item, scores[item]!);
    for (const item of touched) scores[item] = 0;
    touched.length = 0;
  });
}
