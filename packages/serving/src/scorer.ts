import {
  decodeRecommender,
  type RecommendOneOptions,
  recommendOne,
  type Subject,
} from '@backlot/learn';
import type { RecommenderBundle } from './bundle.ts';
import { BundleRefused } from './error.ts';

/** Items by number with their scores, best first, equal scores by item number. */
export interface Ranking {
  readonly items: Int32Array;
  /** Single precision: what is served, logged and compared in replay. */
  readonly scores: Float32Array;
}

/**
 * A fitted model as serving asks it. The same question has the same answer, bit for bit; replay
 * rests on it.
 */
export interface Scorer {
  rank(subject: Subject, options: RecommendOneOptions): Ranking | Promise<Ranking>;
}

/** Makes the scorer of a bundle; it refuses model bytes that do not fit the bundle. */
export type OpenScorer = (bundle: RecommenderBundle) => Scorer | Promise<Scorer>;

/** The scorer of a model of `@backlot/learn`, whose own reader checks the embedded bytes. */
export function openFittedModel(bundle: RecommenderBundle): Scorer {
  const model = decodeRecommender(bundle.model);
  const { users, items } = model.signature;
  if (model.kind !== bundle.estimator) {
    throw new BundleRefused('the model', 'is of another kind than the header says');
  }
  if (users !== bundle.users.length || items !== bundle.items.length) {
    throw new BundleRefused('the model', 'has other numbers of users and items than the bundle');
  }
  return { rank: (subject, options) => recommendOne(model, subject, options) };
}
