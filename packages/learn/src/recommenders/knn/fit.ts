import { throwIfCancelled } from '@backlot/core';
import type { Parameters } from '../../constraint.ts';
import type { FitOptions } from '../../fit-options.ts';
import type { RecommenderModel } from '../../fitted-model.ts';
import type { Specification } from '../../specification.ts';
import { type Interactions, transpose } from '../interactions.ts';
import type { ItemKnnName } from '../item-knn.ts';
import { sparseWeightTensors } from '../linear-items/item-weights.ts';
import { insert, turn } from '../rank-rows.ts';

type KnnSpecification = Specification<string, Parameters<ItemKnnName>>;

/** Items between two looks at the signal. */
const batchItems = 256;

/** Fits item by item: who met it, what else they met, the most similar of those. */
export async function fitItemKnn(
  specification: KnnSpecification,
  interactions: Interactions,
  options: FitOptions,
): Promise<RecommenderModel> {
  const neighbours = await findNeighbours(specification, interactions, options);
  const { users, items, indices } = interactions;
  return {
    kind: specification.kind,
    specification,
    seed: options.seed ?? 0,
    signature: { users, items, interactions: indices.length },
    tensors: sparseWeightTensors(interactions, neighbours),
  };
}

async function findNeighbours(
  { parameters }: KnnSpecification,
  interactions: Interactions,
  options: FitOptions,
) {
  const byItem = transpose(interactions);
  const { items } = interactions;
  const offsets = new Int32Array(items + 1);
  const kept: Int32Array[] = [];
  const similarities: Float32Array[] = [];
  const findRow = rowFinder(interactions, byItem, parameters);
  for (let item = 0; item < items; item++) {
    if (item % batchItems === 0) {
      throwIfCancelled(options.signal, 'the fit');
      options.onProgress?.({ step: 'items', done: item, total: items });
      await turn();
    }
    const row = findRow(item);
    kept.push(row.items);
    similarities.push(row.scores);
    offsets[item + 1] = offsets[item]! + row.items.length;
  }
  const total = offsets[items]!;
  return { offsets, indices: joinInt32(kept, total), weights: joinFloat32(similarities, total) };
}

function rowFinder(
  byUser: Interactions,
  byItem: Interactions,
  { neighbours, damping, shrinkage }: KnnSpecification['parameters'],
): (item: number) => { readonly items: Int32Array; readonly scores: Float32Array } {
  const together = new Float64Array(byUser.items);
  const size = Float64Array.from({ length: byUser.items }, (_, item) =>
    Math.sqrt(byItem.offsets[item + 1]! - byItem.offsets[item]!),
  );
  const share = Float64Array.from(
    { length: byUser.users },
    (_, user) => (byUser.offsets[user + 1]! - byUser.offsets[user]!) ** -damping,
  );
  const touched: number[] = [];
  return (item) => {
    countTogether(byUser, byItem, share, item, together, touched);
    const items = new Int32Array(Math.min(neighbours, touched.length));
    const scores = new Float32Array(items.length).fill(-Infinity);
    for (const other of touched) {
      const similarity = together[other]! / (size[item]! * size[other]! + shrinkage);
      insert(items, scores, other, Math.fround(similarity));
      together[other] = 0;
    }
    touched.length = 0;
    return { items, scores };
  };
}

function countTogether(
  byUser: Interactions,
  byItem: Interactions,
  share: Float64Array,
  item: number,
  together: Float64Array,
  touched: number[],
): void {
  for (let at = byItem.offsets[item]!; at < byItem.offsets[item + 1]!; at++) {
    const user = byItem.indices[at]!;
    for (let place = byUser.offsets[user]!; place < byUser.offsets[user + 1]!; place++) {
      const other = byUser.indices[place]!;
      if (other === item) continue;
      if (together[other] === 0) touched.push(other);
      together[other]! += share[user]!;
    }
  }
}

function joinInt32(parts: readonly Int32Array[], length: number): Int32Array {
  const joined = new Int32Array(length);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

function joinFloat32(parts: readonly Float32Array[], length: number): Float32Array {
  const joined = new Float32Array(length);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
