import type { InferenceSessionFactory, TensorConstructor } from 'onnxruntime-common';

/** The part of ONNX Runtime that we use, the same in Node and in a page. */
export interface OnnxRuntime {
  readonly InferenceSession: InferenceSessionFactory;
  readonly Tensor: TensorConstructor;
  /** The name of the execution provider. */
  readonly provider: 'cpu' | 'wasm';
}
