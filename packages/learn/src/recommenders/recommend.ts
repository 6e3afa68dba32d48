import { InvalidArgument, UnsupportedVerb } from '../error.ts';
import { recommenderKindOf } from '../estimators.ts';
import type { RecommenderModel } from '../fitted-model.ts';
import { bestOf } from './rank-rows.ts';
import type {
  RankOptions,
  Recommendations,
  RecommendOptions,
  Subject,
} from './recommender-kind.ts';

/**
 * The k best items for users of the model, all items ranked but those excluded. Throws `InvalidArgument`.
 */
export async function recommend(
  model: RecommenderModel,
  users: Int32Array,
  options: RecommendOptions,
): Promise<Recommendations> {
  checkK(options.k);
  for (const user of users) checkIndex('users', user, model.signature.users);
  return recommenderKindOf(model.kind).recommend(
    model,
    users,
    alignExclusions(model, users, options),
  );
}

function alignExclusions(
  model: RecommenderModel,
  users: Int32Array,
  { exclude, k, signal, onProgress, threads }: RecommendOptions,
): RankOptions {
  const { users: rows, items } = model.signature;
  if (exclude && (exclude.users !== rows || exclude.items !== items)) {
    const given = `${exclude.users} users and ${exclude.items} items`;
    throw new InvalidArgument('exclude', `has ${given}; the model has ${rows} and ${items}`);
  }
  const excludedOffsets = new Int32Array(users.length + 1);
  users.forEach((user, at) => {
    const length = exclude ? exclude.offsets[user + 1]! - exclude.offsets[user]! : 0;
    excludedOffsets[at + 1] = excludedOffsets[at]! + length;
  });
  const excluded = new Int32Array(excludedOffsets[users.length]!);
  users.forEach((user, at) => {
    if (!exclude) return;
    const row = exclude.indices.subarray(exclude.offsets[user], exclude.offsets[user + 1]);
    excluded.set(row, excludedOffsets[at]);
  });
  const kinds = recommenderKindOf;
  return { k, users, excludedOffsets, excluded, kinds, signal, onProgress, threads };
}

/** The scores of pairs of a user and an item, in the order given. */
export function score(model: RecommenderModel, users: Int32Array, items: Int32Array): Float32Array {
  if (users.length !== items.length) {
    throw new InvalidArgument('items', `are ${items.length} for ${users.length} users`);
  }
  const kind = recommenderKindOf(model.kind);
  const rows = new Map<number, Float32Array>();
  return Float32Array.from(users, (user, at) => {
    checkIndex('users', user, model.signature.users);
    checkIndex('items', items[at]!, model.signature.items);
    const row = rows.get(user) ?? kind.scoreAll(model, { user }, recommenderKindOf);
    // Only the last user's row is kept: pairs mostly come by user, and a row is as long as the catalogue.
    rows.clear();
    rows.set(user, row);
    return row[items[at]!]!;
  });
}

export interface RecommendOneOptions {
  readonly k: number;
  /** Items that are left out. */
  readonly exclude?: Iterable<number>;
  /** By item, 1 where it may be recommended; all may when absent. */
  readonly candidates?: Uint8Array;
}

/**
 * The best items for one person: a user of the model, or someone new by the items they met. At once, on
 * this thread; fewer than k where fewer are allowed.
 */
export function recommendOne(
  model: RecommenderModel,
  subject: Subject,
  options: RecommendOneOptions,
): { readonly items: Int32Array; readonly scores: Float32Array } {
  checkK(options.k);
  if ('user' in subject) checkIndex('user', subject.user, model.signature.users);
  const scores = recommenderKindOf(model.kind).scoreAll(model, subject, recommenderKindOf);
  for (const item of options.exclude ?? []) scores[item] = -Infinity;
  const { candidates } = options;
  if (candidates && candidates.length !== scores.length) {
    throw new InvalidArgument(
      'candidates',
      `has length ${candidates.length}, not ${scores.length}`,
    );
  }
  candidates?.forEach((allowed, item) => {
    if (!allowed) scores[item] = -Infinity;
  });
  return bestOf(scores, Math.min(options.k, scores.length));
}

/**
 * What stands for someone whom the model has not seen, from the items they met, in the order of time where
 * that counts: for models of factors their vector, whose products with the items' are scores; for
 * `itemKnn`, `slim`, `ease` and `popularity` the scores of all items. Weights are the items' own, 1 each
 * when absent; popularity and the deep models do not use them. A user's own history and weights give what
 * the model has of that user, as near as it was solved. Throws `InvalidArgument`, or `UnsupportedVerb`
 * where nothing follows from a history.
 */
export function foldIn(
  model: RecommenderModel,
  history: Int32Array,
  weights?: Float32Array,
): Float32Array {
  const kind = recommenderKindOf(model.kind);
  if (!kind.foldIn) throw new UnsupportedVerb(kind.kind, 'fold in');
  if (weights && weights.length !== history.length) {
    throw new InvalidArgument('weights', `are ${weights.length} for ${history.length} items`);
  }
  return kind.foldIn(model, history, weights);
}

function checkK(k: number): void {
  if (Number.isInteger(k) && k >= 1 && k <= 10000) return;
  throw new InvalidArgument('k', `is ${k}; a whole number from 1 to 10000 is allowed`);
}

function checkIndex(name: string, value: number, size: number): void {
  if (Number.isInteger(value) && value >= 0 && value < size) return;
  throw new InvalidArgument(name, `holds ${value}; 0 to ${size - 1} are allowed`);
}
