import { InvalidModel } from './error.ts';
import type { Specification } from './specification.ts';

/** The types of number that a model's tensors hold. */
export const tensorTypes: Readonly<{
  float32: typeof Float32Array;
  float64: typeof Float64Array;
  int32: typeof Int32Array;
  uint8: typeof Uint8Array;
}> = { float32: Float32Array, float64: Float64Array, int32: Int32Array, uint8: Uint8Array };

export type TensorType = keyof typeof tensorTypes;

interface TensorData {
  readonly float32: Float32Array;
  readonly float64: Float64Array;
  readonly int32: Int32Array;
  readonly uint8: Uint8Array;
}

export interface Tensor<Type extends TensorType = TensorType> {
  readonly type: Type;
  readonly shape: readonly number[];
  /** Row-major, as many values as the shape says. */
  readonly data: TensorData[Type];
}

/** Facts beside the tensors: words, counts, choices made while fitting. */
export type Fact =
  | number
  | string
  | boolean
  | null
  | readonly Fact[]
  | { readonly [name: string]: Fact };

/** What a recommender was fitted on, and so which indices it knows. */
export interface InteractionsSignature {
  readonly users: number;
  readonly items: number;
  readonly interactions: number;
}

/** What an estimator of rows was fitted on, and what it gives back. */
export interface TabularSignature {
  readonly form: 'matrix' | 'texts' | 'frame';
  /** Rows it was fitted on. */
  readonly rows: number;
  /** Columns that a row must have; 1 for texts. */
  readonly columns: number;
  /** The columns' names, where the examples had some. */
  readonly names: readonly string[] | null;
  /** Numbers that `transform` gives a row, or 1. */
  readonly outputs: number;
  /** How many classes it tells apart; 0 when its target is no class. */
  readonly classes: number;
  /** The names of the classes, where the examples had some. */
  readonly classNames: readonly string[] | null;
}

export type Signature = InteractionsSignature | TabularSignature;

/**
 * What was learned: plain data, the same for the same specification, examples and seed, whatever the
 * number of threads. It holds no time, run or host.
 */
export interface FittedModel<S extends Signature = Signature> {
  readonly kind: string;
  readonly specification: Specification;
  readonly seed: number;
  readonly signature: S;
  /** Facts that are no tensors. */
  readonly facts?: Readonly<Record<string, Fact>>;
  /** The fitted models that this one is made of, by name. */
  readonly parts?: Readonly<Record<string, FittedModel>>;
  readonly tensors: Readonly<Record<string, Tensor>>;
}

/** A model of who meets what. */
export type RecommenderModel = FittedModel<InteractionsSignature>;

/** A model of rows. */
export type TabularModel = FittedModel<TabularSignature>;

/** Whether it is a model of who meets what. */
export function isRecommender(model: FittedModel): model is RecommenderModel {
  return 'users' in model.signature;
}

/** The named tensor, or `InvalidModel` when it is absent or of another type. */
export function tensorOf<Type extends TensorType>(
  model: FittedModel,
  name: string,
  type: Type,
): Tensor<Type> {
  const tensor = Object.hasOwn(model.tensors, name) ? model.tensors[name] : undefined;
  if (tensor?.type !== type) throw new InvalidModel(`it has no ${type} tensor ${name}`);
  return tensor as Tensor<Type>;
}

/** The named fact, or `InvalidModel` when it is absent. What it must be, `checkModel` of its kind checks. */
export function factOf<F extends Fact>(model: FittedModel, name: string): F {
  const { facts } = model;
  if (!facts || !Object.hasOwn(facts, name)) throw new InvalidModel(`it has no fact ${name}`);
  return facts[name] as F;
}

/** The named part, a model of rows, or `InvalidModel` when it is absent. */
export function partOf(model: FittedModel, name: string): TabularModel {
  const part = model.parts && Object.hasOwn(model.parts, name) ? model.parts[name] : undefined;
  if (!part || isRecommender(part)) throw new InvalidModel(`it has no part ${name}`);
  return part as TabularModel;
}

export function float32(shape: readonly number[], data: Float32Array): Tensor<'float32'> {
  return { type: 'float32', shape, data };
}

export function float64(shape: readonly number[], data: Float64Array): Tensor<'float64'> {
  return { type: 'float64', shape, data };
}

export function int32(shape: readonly number[], data: Int32Array): Tensor<'int32'> {
  return { type: 'int32', shape, data };
}

export function uint8(shape: readonly number[], data: Uint8Array): Tensor<'uint8'> {
  return { type: 'uint8', shape, data };
}
