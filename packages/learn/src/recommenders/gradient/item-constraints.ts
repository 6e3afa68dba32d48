import { throwIfCancelled } from '@backlot/core';
import { type Interactions, transpose } from '../interactions.ts';
import { insert, turn } from '../rank-rows.ts';

/** For each item those that it is most constrained to, and how much: items x width each. */
export interface ItemConstraints {
  readonly width: number;
  /** 0 where there are fewer, with a weight of 0. */
  readonly neighbours: Int32Array;
  readonly weights: Float32Array;
}

/** Items between two looks at the signal. */
const batchItems = 256;

/**
 * The items j of largest omega_ij = G_ij / (g_i - G_ii) sqrt(g_i / g_j), G_ij the people who met both and g the
 * sums of its rows (Mao et al. 2021, equation 13). An item that nobody met with another has none.
 */
export async function itemConstraints(
  interactions: Interactions,
  most: number,
  signal: AbortSignal | undefined,
): Promise<ItemConstraints> {
  const { items, users, offsets, indices } = interactions;
  const width = Math.max(1, Math.min(most, items - 1));
  const found = { width, neighbours: new Int32Array(items * width) };
  const weights = new Float32Array(items * width);
  const byItem = transpose(interactions);
  const sums = new Float64Array(items);
  for (let user = 0; user < users; user++) {
    const length = offsets[user + 1]! - offsets[user]!;
    for (let at = offsets[user]!; at < offsets[user + 1]!; at++) sums[indices[at]!]! += length;
  }
  const together = new Float64Array(items);
  const best = { items: new Int32Array(width), scores: new Float32Array(width) };
  for (let item = 0; item < items; item++) {
    if (item % batchItems === 0) {
      throwIfCancelled(signal, 'the fit');
      await turn();
    }
    const touched = countTogether(interactions, byItem, item, together);
    const own = byItem.offsets[item + 1]! - byItem.offsets[item]!;
    best.items.fill(-1);
    best.scores.fill(-Infinity);
    for (const other of touched) {
      const share = together[other]! / (sums[item]! - own);
      // As a float, so that equal ones are known to be equal beside those already kept.
      const omega = Math.fround(share * Math.sqrt(sums[item]! / sums[other]!));
      insert(best.items, best.scores, other, omega);
      together[other] = 0;
    }
    for (let place = 0; place < width && best.items[place]! >= 0; place++) {
      found.neighbours[item * width + place] = best.items[place]!;
      weights[item * width + place] = best.scores[place]!;
    }
  }
  return { ...found, weights };
}

/** Adds up in `together` how many met the item and each other one; returns those others. */
function countTogether(
  byUser: Interactions,
  byItem: Interactions,
  item: number,
  together: Float64Array,
): readonly number[] {
  const touched: number[] = [];
  for (let at = byItem.offsets[item]!; at < byItem.offsets[item + 1]!; at++) {
    const user = byItem.indices[at]!;
    for (let place = byUser.offsets[user]!; place < byUser.offsets[user + 1]!; place++) {
      const other = byUser.indices[place]!;
      if (other === item) continue;
      if (together[other] === 0) touched.push(other);
      together[other]! += 1;
    }
  }
  return touched;
}

/** What the constraints of what someone met add up to by item: positive sums, in the order first met. */
export function pullsOf(
  history: ArrayLike<number>,
  { width, neighbours, weights }: ItemConstraints,
): ReadonlyMap<number, number> {
  const pulls = new Map<number, number>();
  for (let at = 0; at < history.length; at++) {
    const from = history[at]! * width;
    for (let place = from; place < from + width && weights[place]! > 0; place++) {
      const other = neighbours[place]!;
      pulls.set(other, (pulls.get(other) ?? 0) + weights[place]!);
    }
  }
  return pulls;
}
