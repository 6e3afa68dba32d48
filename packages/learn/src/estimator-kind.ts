import type { Constraint, Parameters } from './constraint.ts';
import type { FittedModel, TensorType } from './fitted-model.ts';
import type { Interactions } from './interactions.ts';
import type { Specification } from './specification.ts';

export interface FitOptions {
  /** Stops the work at its next step with `Cancelled`. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** Worker threads; the result does not depend on it. */
  readonly threads?: number | undefined;
  /** A whole number from 0 to 2^53 - 1; 0 by default. */
  readonly seed?: number | undefined;
}

/** How far the work is, for people; done and total count the same unit. */
export interface Progress {
  readonly step: string;
  readonly done: number;
  readonly total: number;
}

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
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  readonly threads?: number | undefined;
}

/** One person to recommend to: a user of the model, or the items that someone else met. */
export type Subject = { readonly user: number } | { readonly history: Int32Array };

export interface TensorShape {
  readonly type: TensorType;
  /** -1 where any length is allowed. */
  readonly shape: readonly number[];
}

/**
 * What each estimator declares. The verbs of the package check arguments and call it; they never ask which
 * kind they hold.
 */
export interface EstimatorKind<Names extends string = string> {
  readonly kind: string;
  /** One sentence for people. */
  readonly summary: string;
  readonly constraints: Readonly<Record<Names, Constraint>>;
  fit(
    specification: Specification<string, Names>,
    interactions: Interactions,
    options: FitOptions,
  ): Promise<FittedModel>;
  /** The tensors of a model, by which untrusted ones are checked. */
  tensors(
    signature: FittedModel['signature'],
    parameters: Parameters<Names>,
  ): Readonly<Record<string, TensorShape>>;
  /** What shapes cannot say of a model from outside, such as indices in range; throws `InvalidModel`. */
  checkTensors?(model: FittedModel): void;
  recommend(model: FittedModel, users: Int32Array, query: RankOptions): Promise<Recommendations>;
  /** The scores of all items, in item order. */
  scoreAll(model: FittedModel, subject: Subject): Float32Array;
}
