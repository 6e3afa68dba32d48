import { usersByContent } from '../../deep/vector-recommender.ts';
import type { Interactions } from '../interactions.ts';

/** Users and pairs in an order that depends on what people met, not on their indices. */
interface ContentOrder {
  /** By user its place; those who met nothing come last. */
  readonly places: Int32Array;
  /** All pairs, user by user in the order of places. */
  readonly userIndices: Int32Array;
  readonly itemIndices: Int32Array;
}

/** The order in which a fit walks people, so that users who change places change nothing but their places. */
export function contentOrder({ users, ...rest }: Interactions): ContentOrder {
  const { offsets, indices } = rest;
  const order = usersByContent({ users, ...rest });
  const places = new Int32Array(users).fill(-1);
  order.forEach((user, place) => {
    places[user] = place;
  });
  let next = order.length;
  for (let user = 0; user < users; user++) if (places[user]! < 0) places[user] = next++;
  const userIndices = new Int32Array(indices.length);
  const itemIndices = new Int32Array(indices.length);
  let to = 0;
  for (const user of order) {
    const [begin, end] = [offsets[user]!, offsets[user + 1]!];
    userIndices.fill(user, to, to + end - begin);
    itemIndices.set(indices.subarray(begin, end), to);
    to += end - begin;
  }
  return { places, userIndices, itemIndices };
}
