import { InvalidArgument, InvalidModel } from '../../error.ts';
import type { TensorShape } from '../../fit-options.ts';
import {
  float32,
  int32,
  type RecommenderModel,
  type Tensor,
  tensorOf,
} from '../../fitted-model.ts';
import { checkStructure, type Interactions, transpose } from '../interactions.ts';
import { insert, rankRows } from '../rank-rows.ts';
import type { RankOptions, Recommendations, Subject } from '../recommender-kind.ts';

/**
 * Models in which a person's score for an item is the sum of that item's weights for those that the person
 * met. They hold what each user met, and for each item met the items that it speaks for: those of the
 * lists `neighbourItems` with their `similarities`, or, where `similarities` are items x items, all.
 */
export function itemWeightShapes(
  { users, items, interactions }: RecommenderModel['signature'],
  dense = false,
): Readonly<Record<string, TensorShape>> {
  const history: Readonly<Record<string, TensorShape>> = {
    historyOffsets: { type: 'int32', shape: [users + 1] },
    historyItems: { type: 'int32', shape: [interactions] },
  };
  if (dense) return { ...history, similarities: { type: 'float32', shape: [items, items] } };
  return {
    ...history,
    neighbourOffsets: { type: 'int32', shape: [items + 1] },
    neighbourItems: { type: 'int32', shape: [-1] },
    similarities: { type: 'float32', shape: [-1] },
  };
}

/** What each user met, as tensors. */
function historyTensors({ users, offsets, indices }: Interactions) {
  return {
    historyOffsets: int32([users + 1], offsets.slice()),
    historyItems: int32([indices.length], indices.slice()),
  };
}

/** Lists by item that is scored, as columns; they are turned around, for scoring begins with those met. */
interface Columns {
  readonly offsets: Int32Array;
  readonly indices: Int32Array;
  readonly weights: Float32Array;
}

/** The tensors of a model of lists: for each item those that it is scored by. */
export function sparseWeightTensors(
  interactions: Interactions,
  columns: Columns,
): Readonly<Record<string, Tensor>> {
  const { items } = interactions;
  const turned = transpose({ users: items, items, ...columns });
  return {
    ...historyTensors(interactions),
    neighbourOffsets: int32([items + 1], turned.offsets),
    neighbourItems: int32([turned.indices.length], turned.indices),
    similarities: float32([turned.indices.length], turned.weights!),
  };
}

/** The tensors of a model of all weights (items x items): row i holds those of item i met for all items. */
export function denseWeightTensors(
  interactions: Interactions,
  weights: Float32Array,
): Readonly<Record<string, Tensor>> {
  const { items } = interactions;
  return { ...historyTensors(interactions), similarities: float32([items, items], weights) };
}

/** The lists must be matrices whose offsets rise and whose indices are items. */
export function checkItemWeights(model: RecommenderModel): void {
  const { users, items } = model.signature;
  const data = (name: string): Int32Array => tensorOf(model, name, 'int32').data;
  const matrix = { items, offsets: data('historyOffsets'), indices: data('historyItems') };
  try {
    checkStructure({ ...matrix, users });
    if (isDense(model)) return;
    const similar = { items, offsets: data('neighbourOffsets'), indices: data('neighbourItems') };
    checkStructure({ ...similar, users: items });
  } catch (error) {
    throw new InvalidModel('its lists of items break their rules', error);
  }
  const { length } = tensorOf(model, 'similarities', 'float32').data;
  if (length !== data('neighbourItems').length) {
    throw new InvalidModel('it has not as many similarities as neighbours');
  }
}

const isDense = (model: RecommenderModel): boolean => !('neighbourOffsets' in model.tensors);

function historyOf(model: RecommenderModel, subject: Subject): Int32Array {
  if ('history' in subject) return checkHistory(model, subject.history);
  const offsets = tensorOf(model, 'historyOffsets', 'int32').data;
  const items = tensorOf(model, 'historyItems', 'int32').data;
  return items.subarray(offsets[subject.user], offsets[subject.user + 1]);
}

function checkHistory(model: RecommenderModel, history: Int32Array): Int32Array {
  const { items } = model.signature;
  for (const item of history) {
    if (item >= 0 && item < items) continue;
    throw new InvalidArgument('history', `holds item ${item}; 0 to ${items - 1} are allowed`);
  }
  return history;
}

/** Adds up weights by item, for one person after another. */
interface Accumulator {
  readonly scores: Float32Array;
  /** The items that anything was added to, each once; all are where weights are dense. */
  readonly touched: Int32Array;
  /** Gives the number of items touched. */
  add(history: Int32Array, weights?: Float32Array): number;
  clear(): void;
}

function accumulator(model: RecommenderModel): Accumulator {
  return isDense(model) ? denseAccumulator(model) : sparseAccumulator(model);
}

function sparseAccumulator(model: RecommenderModel): Accumulator {
  const offsets = tensorOf(model, 'neighbourOffsets', 'int32').data;
  const items = tensorOf(model, 'neighbourItems', 'int32').data;
  const similarities = tensorOf(model, 'similarities', 'float32').data;
  const scores = new Float32Array(model.signature.items);
  const touched = new Int32Array(scores.length);
  // Weights of either sign may add up to zero, so that a score does not tell whether it was touched.
  const marks = new Uint8Array(scores.length);
  let count = 0;
  const add = (history: Int32Array, weights?: Float32Array): number => {
    for (let place = 0; place < history.length; place++) {
      const [item, weight] = [history[place]!, weights?.[place] ?? 1];
      const end = offsets[item + 1]!;
      for (let at = offsets[item]!; at < end; at++) {
        const neighbour = items[at]!;
        if (marks[neighbour] === 0) {
          marks[neighbour] = 1;
          touched[count++] = neighbour;
        }
        scores[neighbour]! += weight * similarities[at]!;
      }
    }
    return count;
  };
  const clear = (): void => {
    for (let at = 0; at < count; at++) {
      scores[touched[at]!] = 0;
      marks[touched[at]!] = 0;
    }
    count = 0;
  };
  return { scores, touched, add, clear };
}

function denseAccumulator(model: RecommenderModel): Accumulator {
  const { data } = tensorOf(model, 'similarities', 'float32');
  const { items } = model.signature;
  const scores = new Float32Array(items);
  const touched = Int32Array.from(scores.keys());
  const add = (history: Int32Array, weights?: Float32Array): number => {
    for (let place = 0; place < history.length; place++) {
      const [from, weight] = [history[place]! * items, weights?.[place] ?? 1];
      for (let item = 0; item < items; item++) scores[item]! += weight * data[from + item]!;
    }
    return items;
  };
  return { scores, touched, add, clear: () => scores.fill(0) };
}

/** The scores of all items, for a user of the model or by what someone else met. */
export function scoreItemWeights(model: RecommenderModel, subject: Subject): Float32Array {
  const { scores, add } = accumulator(model);
  add(historyOf(model, subject));
  return scores;
}

/** The scores of all items by what someone met, each item as often as its weight says. */
export function foldInItemWeights(
  model: RecommenderModel,
  history: Int32Array,
  weights?: Float32Array,
): Float32Array {
  const { scores, add } = accumulator(model);
  add(checkHistory(model, history), weights);
  return scores;
}

/** Only items that those met speak for, on the whole, are listed. */
export const listedAbove = 0;

/** The best items above that. */
export function recommendItemWeights(
  model: RecommenderModel,
  _users: Int32Array,
  query: RankOptions,
): Promise<Recommendations> {
  const { scores, touched, add, clear } = accumulator(model);
  return rankRows(query, (user, excluded, items, best) => {
    const count = add(historyOf(model, { user }));
    for (const item of excluded) scores[item] = -Infinity;
    for (let at = 0; at < count; at++) {
      const item = touched[at]!;
      if (scores[item]! > listedAbove) insert(items, best, item, scores[item]!);
    }
    for (const item of excluded) scores[item] = 0;
    clear();
  });
}
