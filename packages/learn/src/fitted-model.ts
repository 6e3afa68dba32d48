import { InvalidModel } from './error.ts';
import type { Specification } from './specification.ts';

/** The types of number that a model's tensors hold. */
export const tensorTypes: Readonly<{
  float32: typeof Float32Array;
  float64: typeof Float64Array;
  int32: typeof Int32Array;
}> = { float32: Float32Array, float64: Float64Array, int32: Int32Array };

export type TensorType = keyof typeof tensorTypes;

interface TensorData {
  readonly float32: Float32Array;
  readonly float64: Float64Array;
  readonly int32: Int32Array;
}

export interface Tensor<Type extends TensorType = TensorType> {
  readonly type: Type;
  readonly shape: readonly number[];
  /** Row-major, as many values as the shape says. */
  readonly data: TensorData[Type];
}

/**
 * What was learned: plain data, the same for the same specification, interactions and seed, whatever the
 * number of threads. It holds no time, run or host.
 */
export interface FittedModel {
  readonly kind: string;
  readonly specification: Specification;
  readonly seed: number;
  /** What it was fitted on, and so which indices it knows. */
  readonly signature: {
    readonly users: number;
    readonly items: number;
    readonly interactions: number;
  };
  readonly tensors: Readonly<Record<string, Tensor>>;
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

export function float32(shape: readonly number[], data: Float32Array): Tensor<'float32'> {
  return { type: 'float32', shape, data };
}

export function float64(shape: readonly number[], data: Float64Array): Tensor<'float64'> {
  return { type: 'float64', shape, data };
}

export function int32(shape: readonly number[], data: Int32Array): Tensor<'int32'> {
  return { type: 'int32', shape, data };
}
