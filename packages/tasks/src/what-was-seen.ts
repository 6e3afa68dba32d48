import { type Interactions, interactionsFromPairs } from '@backlot/learn';
import type { InteractionSet } from './interaction-set.ts';

/** The entries of both matrices, each once, without weights. */
export function unionOf(one: Interactions, two: Interactions): Interactions {
  const { users, items } = one;
  const userIndices = new Int32Array(one.indices.length + two.indices.length);
  userIndices.set(rowsOf(one));
  userIndices.set(rowsOf(two), one.indices.length);
  const itemIndices = new Int32Array(userIndices.length);
  itemIndices.set(one.indices);
  itemIndices.set(two.indices, one.indices.length);
  return interactionsFromPairs({ users, items, userIndices, itemIndices });
}

/** How many users met each item. */
export function popularityOf({ items, indices }: Interactions): Float32Array {
  const counts = new Float32Array(items);
  for (const item of indices) counts[item]!++;
  return counts;
}

/** How many users of each storefront met each item: a row for each storefront. */
export function storefrontPopularity(
  { matrix, attributes }: InteractionSet,
  storefronts: readonly string[],
): Interactions {
  const places = attributes.storefront ?? [];
  const numbers = new Map(storefronts.map((code, number) => [code, number]));
  const userIndices = rowsOf(matrix).map((user) => numbers.get(places[user]!)!);
  return interactionsFromPairs({
    ...{ users: storefronts.length, items: matrix.items, userIndices },
    itemIndices: matrix.indices,
    weights: new Float32Array(matrix.indices.length).fill(1),
  });
}

/** The row of each entry. */
function rowsOf({ users, offsets, indices }: Interactions): Int32Array {
  const rows = new Int32Array(indices.length);
  for (let user = 0; user < users; user++) rows.fill(user, offsets[user], offsets[user + 1]);
  return rows;
}
