import { OnnxFailed } from '../error.ts';
import type { OnnxRuntime } from './onnx-runtime.ts';

const page = globalThis as { ort?: Omit<OnnxRuntime, 'provider'> };

/** In a page ONNX Runtime Web is loaded by the page itself, as the global `ort`. */
export async function loadOnnxRuntime(): Promise<OnnxRuntime> {
  if (!page.ort) throw new OnnxFailed('the page has not loaded ONNX Runtime Web as `ort`');
  const { InferenceSession, Tensor } = page.ort;
  return { InferenceSession, Tensor, provider: 'wasm' };
}
