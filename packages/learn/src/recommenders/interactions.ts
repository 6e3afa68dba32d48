import { EmptyInput, InvalidInteractions } from '../error.ts';

/**
 * Who met what: a sparse matrix of users by items, rows by user. Row u's items are
 * `indices[offsets[u] .. offsets[u + 1] - 1]`, ascending and without repeats; weights, where there are
 * any, are positive and finite.
 */
export interface Interactions {
  readonly users: number;
  readonly items: number;
  /** users + 1 places, from 0. */
  readonly offsets: Int32Array;
  readonly indices: Int32Array;
  readonly weights?: Float32Array;
  /** The place of each entry in its user's time: within a user every number from 0 once, the first 0. */
  readonly positions?: Int32Array;
}

/**
 * Pairs in any order; a repeated pair counts once, with the sum of its weights and the latest of its times.
 */
export interface Pairs {
  readonly users: number;
  readonly items: number;
  readonly userIndices: ArrayLike<number>;
  readonly itemIndices: ArrayLike<number>;
  readonly weights?: ArrayLike<number>;
  /** When each pair met, in any unit; they become `positions`, those of equal times by item index. */
  readonly times?: ArrayLike<number>;
}

/** The most users, items or entries: what an Int32Array can point at. */
const limit = 2 ** 31 - 1;

/**
 * Builds the matrix from pairs. Throws `InvalidInteractions` for a length, an index or a weight that breaks
 * the rules.
 *
 * @example
 * interactionsFromPairs({ users: 2, items: 3, userIndices: [1, 0], itemIndices: [2, 0] });
 */
export function interactionsFromPairs(pairs: Pairs): Interactions {
  checkPairs(pairs);
  // Sorting by item and then, stably, by user leaves every row ascending.
  const byItem = bucket(pairs.itemIndices, pairs.items, undefined);
  const byUser = bucket(pairs.userIndices, pairs.users, byItem.order);
  const indices = Int32Array.from(byUser.order, (at) => pairs.itemIndices[at]!);
  const weights = pairs.weights && Float32Array.from(byUser.order, (at) => pairs.weights![at]!);
  const times = pairs.times && Float64Array.from(byUser.order, (at) => pairs.times![at]!);
  const { users, items } = pairs;
  const { offsets } = byUser;
  return mergeRepeats({ users, items, offsets, indices, ...(weights && { weights }) }, times);
}

function checkPairs({ users, items, userIndices, itemIndices, weights, times }: Pairs): void {
  checkSize('users', users);
  checkSize('items', items);
  if (userIndices.length !== itemIndices.length) {
    const lengths = `${userIndices.length} user indices and ${itemIndices.length} item indices`;
    throw new InvalidInteractions(`${lengths}; as many of each are allowed`);
  }
  if (weights && weights.length !== userIndices.length) {
    throw new InvalidInteractions(`${weights.length} weights for ${userIndices.length} pairs`);
  }
  if (times && times.length !== userIndices.length) {
    throw new InvalidInteractions(`${times.length} times for ${userIndices.length} pairs`);
  }
  checkRange('user', userIndices, users);
  checkRange('item', itemIndices, items);
  if (weights) checkWeights(weights);
  if (times) checkTimes(times);
}

function checkSize(name: string, size: number): void {
  if (!Number.isInteger(size) || size < 0 || size > limit) {
    throw new InvalidInteractions(
      `${name} is ${size}; a whole number from 0 to ${limit} is allowed`,
    );
  }
}

function checkRange(name: string, values: ArrayLike<number>, size: number): void {
  for (let at = 0; at < values.length; at++) {
    const value = values[at]!;
    if (Number.isInteger(value) && value >= 0 && value < size) continue;
    const allowed = `a whole number from 0 to ${size - 1} is allowed`;
    throw new InvalidInteractions(`a ${name} index is ${value}; ${allowed}`, `${name}[${at}]`);
  }
}

function checkWeights(weights: ArrayLike<number>): void {
  for (let at = 0; at < weights.length; at++) {
    const weight = weights[at]!;
    if (weight > 0 && Number.isFinite(Math.fround(weight))) continue;
    const allowed = 'a positive finite number is allowed';
    throw new InvalidInteractions(`a weight is ${weight}; ${allowed}`, `weights[${at}]`);
  }
}

function checkTimes(times: ArrayLike<number>): void {
  for (let at = 0; at < times.length; at++) {
    if (Number.isFinite(times[at])) continue;
    throw new InvalidInteractions(
      `a time is ${times[at]}; a finite number is allowed`,
      `times[${at}]`,
    );
  }
}

/** Counting sort by key, stable in the order given. */
function bucket(
  keys: ArrayLike<number>,
  size: number,
  order: Int32Array | undefined,
): { readonly offsets: Int32Array; readonly order: Int32Array } {
  const offsets = new Int32Array(size + 1);
  for (let at = 0; at < keys.length; at++) offsets[keys[at]! + 1]!++;
  for (let key = 0; key < size; key++) offsets[key + 1]! += offsets[key]!;
  const next = offsets.slice();
  const sorted = new Int32Array(keys.length);
  for (let at = 0; at < keys.length; at++) {
    const from = order ? order[at]! : at;
    sorted[next[keys[from]!]!++] = from;
  }
  return { offsets, order: sorted };
}

function mergeRepeats(sorted: Interactions, times: Float64Array | undefined): Interactions {
  const { users, items, weights } = sorted;
  const offsets = new Int32Array(users + 1);
  // The entries that stay, each by the first of its repeats, close ranks in copies of the arrays.
  const indices = sorted.indices.slice();
  const sums = weights?.slice();
  const latest = times?.slice();
  let to = 0;
  for (let user = 0; user < users; user++) {
    for (let at = sorted.offsets[user]!; at < sorted.offsets[user + 1]!; at++) {
      const repeats = to > offsets[user]! && indices[to - 1] === sorted.indices[at];
      if (!repeats) indices[to] = sorted.indices[at]!;
      const place = repeats ? to - 1 : to++;
      if (sums) sums[place] = weights![at]! + (repeats ? sums[place]! : 0);
      if (latest) latest[place] = repeats ? Math.max(latest[place]!, times![at]!) : times![at]!;
    }
    offsets[user + 1] = to;
  }
  return Object.freeze({
    users,
    items,
    offsets,
    indices: indices.slice(0, to),
    ...(sums && { weights: sums.slice(0, to) }),
    ...(latest && { positions: positionsOf(offsets, latest) }),
  });
}

/** The rank of each time within its row, equal ones in their order. */
function positionsOf(offsets: Int32Array, times: Float64Array): Int32Array {
  const positions = new Int32Array(offsets.at(-1)!);
  for (let user = 0; user + 1 < offsets.length; user++) {
    const begin = offsets[user]!;
    const order = Array.from({ length: offsets[user + 1]! - begin }, (_, at) => begin + at);
    order.sort((a, b) => times[a]! - times[b]! || a - b);
    order.forEach((entry, position) => {
      positions[entry] = position;
    });
  }
  return positions;
}

/** Throws `EmptyInput` or `InvalidInteractions` unless every rule of `Interactions` holds. */
export function checkInteractions(interactions: Interactions): void {
  const { indices, weights } = interactions;
  checkStructure(interactions);
  if (weights && weights.length !== indices.length) {
    throw new InvalidInteractions(`${weights.length} weights for ${indices.length} entries`);
  }
  if (weights) checkWeights(weights);
  checkPositions(interactions);
  if (indices.length === 0) throw new EmptyInput('the interactions');
}

function checkPositions({ users, offsets, indices, positions }: Interactions): void {
  if (!positions) return;
  if (positions.length !== indices.length) {
    throw new InvalidInteractions(`${positions.length} positions for ${indices.length} entries`);
  }
  const taken = new Uint8Array(indices.length);
  for (let row = 0; row < users; row++) {
    const begin = offsets[row]!;
    const count = offsets[row + 1]! - begin;
    for (let at = begin; at < begin + count; at++) {
      const position = positions[at]!;
      if (position >= 0 && position < count && taken[begin + position] === 0) {
        taken[begin + position] = 1;
        continue;
      }
      const rule = `each of 0 to ${count - 1} is needed once`;
      throw new InvalidInteractions(`a position is ${position}; ${rule}`, `user ${row}`);
    }
  }
}

/** Throws `InvalidInteractions` unless offsets and indices are those of a matrix, be it an empty one. */
export function checkStructure(interactions: Interactions): void {
  const { users, items, offsets, indices } = interactions;
  checkSize('users', users);
  checkSize('items', items);
  if (offsets.length !== users + 1 || offsets[0] !== 0 || offsets[users] !== indices.length) {
    throw new InvalidInteractions('the offsets do not run from 0 to the number of entries');
  }
  checkRange('item', indices, items);
  for (let user = 0; user < users; user++) checkRow(interactions, user);
}

function checkRow({ offsets, indices }: Interactions, user: number): void {
  const begin = offsets[user]!;
  const end = offsets[user + 1]!;
  const place = `user ${user}`;
  if (begin > end || end > indices.length) {
    throw new InvalidInteractions('the offsets fall', place);
  }
  for (let at = begin + 1; at < end; at++) {
    if (indices[at - 1]! < indices[at]!) continue;
    throw new InvalidInteractions('the items of a row are not ascending and distinct', place);
  }
}

/** The same entries with items as rows; positions, which only users have, are left out. */
export function transpose(interactions: Interactions): Interactions {
  const { users, items, offsets, indices, weights } = interactions;
  const { offsets: columnOffsets, order } = bucket(indices, items, undefined);
  const rowOf = new Int32Array(indices.length);
  for (let user = 0; user < users; user++) rowOf.fill(user, offsets[user], offsets[user + 1]);
  const turned = {
    users: items,
    items: users,
    offsets: columnOffsets,
    indices: Int32Array.from(order, (at) => rowOf[at]!),
  };
  return weights ? { ...turned, weights: Float32Array.from(order, (at) => weights[at]!) } : turned;
}

/** The items of a user in the order of time; throws `InvalidInteractions` without positions. */
export function sequenceOf(
  { offsets, indices, positions }: Interactions,
  user: number,
): Int32Array {
  if (!positions)
    throw new InvalidInteractions('there are no positions, which tell the order in time');
  const sequence = new Int32Array(offsets[user + 1]! - offsets[user]!);
  for (let at = offsets[user]!; at < offsets[user + 1]!; at++)
    sequence[positions[at]!] = indices[at]!;
  return sequence;
}

/** The items of a user, ascending: a view, not a copy. */
export function itemsOf({ offsets, indices }: Interactions, user: number): Int32Array {
  return indices.subarray(offsets[user], offsets[user + 1]);
}
