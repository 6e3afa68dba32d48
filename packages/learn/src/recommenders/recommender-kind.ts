import type { OnnxGraph } from '@backlot/compute';
import type { Constraints, ParameterValue } from '../constraint.ts';
import type { FitOptions, Progress, TensorShape } from '../fit-options.ts';
import type { Fact, RecommenderModel } from '../fitted-model.ts';
import type { Specification } from '../specification.ts';
import type { Interactions } from './interactions.ts';

export interface RecommendOptions {
  /** How many items for each user, at least 1. */
  readonly k: number;
  /** Interactions of the model's users whose items are left out. */
  readonly exclude?: Interactions | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  readonly threads?: number | undefined;
}

/** Lists of equal length, best first, equal scores by item index. A place left empty holds -1. */
export interface Recommendations {
  readonly users: Int32Array;
  readonly k: number;
  /** users x k. */
  readonly items: Int32Array;
  /** users x k, -Infinity where the place is empty. */
  readonly scores: Float32Array;
}

/** What a ranking leaves out, aligned with the asked users rather than the model's. */
export interface RankOptions {
  readonly k: number;
  readonly users: Int32Array;
  readonly excludedOffsets: Int32Array;
  /** Ascending within a user. */
  readonly excluded: Int32Array;
  /** For recommenders that are made of others. */
  readonly kinds: RecommenderKinds;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  readonly threads?: number | undefined;
}

/** One person to recommend to: a user of the model, or the items that someone else met. */
export type Subject = { readonly user: number } | { readonly history: Int32Array };

/** The recommender of a kind, for those that are made of others; throws `UnknownEstimator`. */
export type RecommenderKinds = (kind: string) => RecommenderKind;

/**
 * What each estimator declares. The verbs of the package check arguments and call it; they never ask which
 * kind they hold.
 */
export interface RecommenderKind<P extends object = Readonly<Record<string, ParameterValue>>> {
  readonly kind: string;
  /** One sentence for people. */
  readonly summary: string;
  readonly constraints: Constraints;
  /** The most bytes that a fit holds beside the interactions, a bound rather than a guess. */
  memory(size: RecommenderModel['signature'], parameters: P, kinds: RecommenderKinds): number;
  fit(
    specification: Specification<string, P>,
    interactions: Interactions,
    options: FitOptions,
    kinds: RecommenderKinds,
  ): Promise<RecommenderModel>;
  /** The tensors of a model, by which untrusted ones are checked. */
  tensors(
    signature: RecommenderModel['signature'],
    parameters: P,
    facts: Readonly<Record<string, Fact>>,
  ): Readonly<Record<string, TensorShape>>;
  /** What shapes cannot say of a model from outside, such as indices in range; throws `InvalidModel`. */
  checkModel?(model: RecommenderModel): void;
  recommend(
    model: RecommenderModel,
    users: Int32Array,
    query: RankOptions,
  ): Promise<Recommendations>;
  /**
   * What stands for someone in the model, from the items they met: a vector of factors, or, where scores
   * follow from the history alone, the scores of all items. Weights are those of the items, 1 each when
   * absent; a kind says whether it uses them.
   */
  foldIn?(model: RecommenderModel, history: Int32Array, weights?: Float32Array): Float32Array;
  /** Where its lists end: they hold only items that score above this; all when absent. */
  readonly listedAbove?: number;
  /** The scores of all items, in item order. */
  scoreAll(model: RecommenderModel, subject: Subject, kinds: RecommenderKinds): Float32Array;
  /** The model as ONNX: input `users` (int64 [rows]), output `scores` (float [rows, items]). */
  onnx?(model: RecommenderModel): OnnxGraph;
}
