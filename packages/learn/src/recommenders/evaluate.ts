import { InvalidArgument } from '../error.ts';
import type { RecommenderModel } from '../fitted-model.ts';
import { type Interactions, itemsOf } from './interactions.ts';
import { recommend } from './recommend.ts';
import type { Recommendations, RecommendOptions } from './recommender-kind.ts';

/** Measures of each test user's list, in the order of `users`. */
export interface UserMetrics {
  readonly k: number;
  /** The users who have test items, ascending. */
  readonly users: Int32Array;
  /** Hits over the number of the user's test items. */
  readonly recall: Float64Array;
  /** Discounted gain over the best that min(k, number of test items) hits could give. */
  readonly ndcg: Float64Array;
  /** Mean popularity (training interactions) of the recommended items. */
  readonly recommendedPopularity: Float64Array;
  /** Mean popularity of the user's training items; NaN for a user without any. */
  readonly consumedPopularity: Float64Array;
  /** Distinct items recommended to anyone, over all items. */
  readonly coverage: number;
}

export interface EvaluateOptions extends Omit<RecommendOptions, 'exclude'> {
  /** The interactions trained on: never recommended, and what popularity and activity are counted in. */
  readonly train: Interactions;
  readonly test: Interactions;
}

/**
 * Full-ranking evaluation: for each user with test items, all items but the training ones are ranked and the
 * first k held against the test items (Järvelin and Kekäläinen 2002 for the discounted gain).
 */
export async function evaluateUsers(
  model: RecommenderModel,
  { train, test, ...options }: EvaluateOptions,
): Promise<UserMetrics> {
  if (test.users !== train.users || test.items !== train.items) {
    throw new InvalidArgument('test', 'has other users or items than train');
  }
  const users = Int32Array.from(test.offsets.keys()).filter(
    (user) => user < test.users && test.offsets[user + 1]! > test.offsets[user]!,
  );
  const lists = await recommend(model, users, { ...options, exclude: train });
  return measureLists(lists, train, test);
}

/** The measures of lists that someone else made. */
export function measureLists(
  lists: Recommendations,
  train: Interactions,
  test: Interactions,
): UserMetrics {
  const { users, k } = lists;
  const popularity = new Float64Array(train.items);
  for (const item of train.indices) popularity[item]!++;
  const recall = new Float64Array(users.length);
  const ndcg = new Float64Array(users.length);
  const recommendedPopularity = new Float64Array(users.length);
  const seen = new Uint8Array(train.items);
  users.forEach((user, at) => {
    const list = lists.items.subarray(at * k, (at + 1) * k).filter((item) => item >= 0);
    const wanted = new Set(itemsOf(test, user));
    recall[at] = list.filter((item) => wanted.has(item)).length / wanted.size;
    ndcg[at] = gain(list, wanted) / idealGain(Math.min(k, wanted.size));
    recommendedPopularity[at] = meanOf(list, popularity);
    for (const item of list) seen[item] = 1;
  });
  const consumedPopularity = Float64Array.from(users, (user) =>
    meanOf(itemsOf(train, user), popularity),
  );
  const coverage = seen.reduce((sum, value) => sum + value, 0) / train.items;
  return { k, users, recall, ndcg, recommendedPopularity, consumedPopularity, coverage };
}

function gain(list: Int32Array, wanted: ReadonlySet<number>): number {
  return list.reduce((sum, item, at) => sum + (wanted.has(item) ? 1 / Math.log2(at + 2) : 0), 0);
}

function idealGain(count: number): number {
  let total = 0;
  for (let at = 0; at < count; at++) total += 1 / Math.log2(at + 2);
  return total;
}

function meanOf(items: Int32Array, values: Float64Array): number {
  return items.reduce((sum, item) => sum + values[item]!, 0) / items.length;
}
