import { encodeOnnx, type OnnxGraph } from '@backlot/compute';
import { InvalidModel, UnsupportedVerb } from './error.ts';
import { tabularKindOf } from './estimators.ts';
import { isRecommender, type TabularModel } from './fitted-model.ts';

/** The model as an ONNX file. Throws `UnsupportedVerb` where ONNX cannot say it. */
export function toOnnx(model: TabularModel): Uint8Array {
  if (isRecommender(model)) throw new InvalidModel(`${model.kind} is a recommender, not of rows`);
  return encodeOnnx(graphOf(model));
}

function graphOf(model: TabularModel): OnnxGraph {
  const kind = tabularKindOf(model.kind);
  if (!kind.onnx) throw new UnsupportedVerb(kind.kind, 'be written as ONNX');
  return kind.onnx(model, graphOf);
}
