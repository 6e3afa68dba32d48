import type { OnnxRuntime } from './onnx-runtime.ts';

let loaded: Promise<OnnxRuntime> | undefined;

/** Loads the native library the first time it is needed: it takes a few hundred milliseconds. */
export function loadOnnxRuntime(): Promise<OnnxRuntime> {
  loaded ??= import('onnxruntime-node').then(({ InferenceSession, Tensor }) => ({
    ...{ InferenceSession, Tensor },
    provider: 'cpu',
  }));
  return loaded;
}
