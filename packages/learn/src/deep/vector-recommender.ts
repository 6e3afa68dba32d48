import {
  type Expression,
  type Feeds,
  type OnnxTensor,
  openGraph,
  printGraph,
} from '@backlot/compute';
import { throwIfCancelled } from '@backlot/core';
import { InvalidArgument } from '../error.ts';
import type { FitOptions } from '../fit-options.ts';
import { float32, type RecommenderModel, type Tensor, tensorOf } from '../fitted-model.ts';
import { rankFactors } from '../recommenders/als/rank-factors.ts';
import { type Interactions, itemsOf, sequenceOf } from '../recommenders/interactions.ts';
import type { RankOptions, Recommendations, Subject } from '../recommenders/recommender-kind.ts';
import type { Specification } from '../specification.ts';
import { inBatches } from './network-tensors.ts';
import { evaluatePlain } from './plain-network.ts';

/** How people become vectors whose products with the items' are their scores. */
export interface UserTower {
  /** [n, width], from the inputs that `feeds` gives. */
  readonly vector: Expression;
  readonly values: ReadonlyMap<string, OnnxTensor>;
  /** For what each of some people met, in order. */
  feeds(histories: readonly Int32Array[]): Feeds;
}

/**
 * The users with interactions in an order that depends on what they met, not on their index: users who
 * change places change nothing but their places.
 */
export function usersByContent(interactions: Interactions): Int32Array {
  const { users, offsets } = interactions;
  const hashes = new Uint32Array(users);
  for (let user = 0; user < users; user++) {
    let hash = 0x811c9dc5;
    for (const item of historyOf(interactions, user)) {
      hash = Math.imul(hash ^ item, 0x01000193);
      hash ^= hash >>> 15;
    }
    hashes[user] = hash >>> 0;
  }
  const known = Int32Array.from(offsets.keys()).filter(
    (user) => user < users && offsets[user + 1]! > offsets[user]!,
  );
  return known.sort((a, b) => hashes[a]! - hashes[b]! || compare(interactions, a, b));
}

function compare(interactions: Interactions, a: number, b: number): number {
  const [left, right] = [historyOf(interactions, a), historyOf(interactions, b)];
  for (let at = 0; at < Math.min(left.length, right.length); at++) {
    if (left[at] !== right[at]) return left[at]! - right[at]!;
  }
  return left.length - right.length;
}

/** What a user met, in the order of time where it is known, else by item. */
export function historyOf(interactions: Interactions, user: number): Int32Array {
  return interactions.positions ? sequenceOf(interactions, user) : itemsOf(interactions, user);
}

/** The vectors of all users, by ONNX Runtime in batches; those who met nothing have zeros. */
export async function userVectors(
  tower: UserTower,
  interactions: Interactions,
  options: FitOptions,
): Promise<Tensor<'float32'>> {
  const { vector, values } = tower;
  const width = vector.shape[1] as number;
  const { users } = interactions;
  const data = new Float32Array(users * width);
  await using session = await openGraph(printGraph({ name: 'users', outputs: { vector }, values }));
  await inBatches(users, async (places, count) => {
    throwIfCancelled(options.signal, 'the fit');
    const histories = Array.from(places, (user) => historyOf(interactions, user));
    const found = await session.run(tower.feeds(histories));
    const rows = (found.vector!.data as Float32Array).subarray(0, count * width);
    data.set(rows, places[0]! * width);
    for (let at = 0; at < count; at++) {
      if (histories[at]!.length > 0) continue;
      data.fill(0, (places[0]! + at) * width, (places[0]! + at + 1) * width);
    }
  });
  return float32([users, width], data);
}

/** A model of vectors. */
export function vectorModel(
  specification: Specification<string, object>,
  interactions: Interactions,
  options: FitOptions,
  tensors: Readonly<Record<string, Tensor>>,
): RecommenderModel {
  const { users, items, indices } = interactions;
  return {
    kind: specification.kind,
    specification: specification as Specification,
    seed: options.seed ?? 0,
    signature: { users, items, interactions: indices.length },
    tensors,
  };
}

/** The best items of users of the model. */
export async function recommendVectors(
  model: RecommenderModel,
  users: Int32Array,
  query: RankOptions,
  items = 'itemVectors',
): Promise<Recommendations> {
  const { data, shape } = tensorOf(model, 'userVectors', 'float32');
  const width = shape[1]!;
  const gathered = new Float32Array(users.length * width);
  users.forEach((user, at) => {
    gathered.set(data.subarray(user * width, (user + 1) * width), at * width);
  });
  return rankFactors(gathered, tensorOf(model, items, 'float32'), query);
}

/** The scores of all items for a user of the model, or by what someone else met, in order. */
export function scoreVectors(
  model: RecommenderModel,
  subject: Subject,
  tower: () => UserTower,
  items = 'itemVectors',
): Float32Array {
  const { data, shape } = tensorOf(model, items, 'float32');
  const width = shape[1]!;
  const vector =
    'user' in subject
      ? tensorOf(model, 'userVectors', 'float32').data.subarray(
          subject.user * width,
          (subject.user + 1) * width,
        )
      : vectorOf(model, subject.history, width, tower);
  return new Float32Array(shape[0]!).map((_, item) => {
    let sum = 0;
    for (let k = 0; k < width; k++) sum += vector[k]! * data[item * width + k]!;
    return sum;
  });
}

/** The vector of someone by what they met, in order: the products with the items' are their scores. */
export function foldInVectors(
  model: RecommenderModel,
  history: Int32Array,
  tower: () => UserTower,
): Float32Array {
  const width = tensorOf(model, 'userVectors', 'float32').shape[1]!;
  // The plain evaluation may have rows beyond that of the one person.
  return Float32Array.from(vectorOf(model, history, width, tower).subarray(0, width));
}

function vectorOf(
  model: RecommenderModel,
  history: Int32Array,
  width: number,
  tower: () => UserTower,
): Float32Array {
  const { items } = model.signature;
  for (const item of history) {
    if (item >= 0 && item < items) continue;
    throw new InvalidArgument('history', `holds item ${item}; 0 to ${items - 1} are allowed`);
  }
  if (history.length === 0) return new Float32Array(width);
  const { vector, values, feeds } = tower();
  return evaluatePlain(vector, feeds([history]), values);
}

/**
 * Items of each row side by side, and what each counts; rows are filled up to the longest by item 0 that
 * counts 0.
 */
export function bags(
  histories: readonly Int32Array[],
  share: (history: Int32Array, at: number) => number,
): Feeds {
  const longest = histories.reduce((most, { length }) => Math.max(most, length), 1);
  const shape = [histories.length, longest];
  const ids = new BigInt64Array(histories.length * longest);
  const shares = new Float32Array(ids.length);
  histories.forEach((history, row) => {
    history.forEach((item, at) => {
      ids[row * longest + at] = BigInt(item);
      shares[row * longest + at] = share(history, at);
    });
  });
  return {
    items: { type: 'int64', shape, data: ids },
    shares: { type: 'float', shape, data: shares },
  };
}
