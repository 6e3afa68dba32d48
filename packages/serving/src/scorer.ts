import type { RecommenderBundle } from './bundle.ts';

/**
 * A fitted model as serving asks it: scores of all items, in the order of the bundle's items. The
 * same question has the same scores, bit for bit; replay rests on it.
 */
export interface Scorer {
  /** Scores for a user the model was fitted on. */
  scoreUser(user: number): Float32Array | Promise<Float32Array>;
  /** Scores for someone the model does not know, from items they chose (ascending numbers). */
  scoreHistory(items: Int32Array): Float32Array | Promise<Float32Array>;
}

/** Makes the scorer of a bundle; it refuses model bytes that do not fit the bundle. */
export type OpenScorer = (bundle: RecommenderBundle) => Scorer | Promise<Scorer>;
