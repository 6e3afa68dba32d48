import { encodeOnnx } from '@backlot/compute';
import { InvalidModel, UnsupportedVerb } from './error.ts';
import { tabularKindOf } from './estimators.ts';
import { isRecommender, type TabularModel } from './fitted-model.ts';

/** The model as an ONNX file. Throws `UnsupportedVerb` where ONNX cannot say it. */
export function toOnnx(model: TabularModel): Uint8Array {
  if (isRecommender(model)) throw new InvalidModel(`${model.kind} is a recommender, not of rows`);
  const kind = tabularKindOf(model.kind);
  if (!kind.onnx) throw new UnsupportedVerb(kind.kind, 'be written as ONNX');
  return encodeOnnx(kind.onnx(model));
}
