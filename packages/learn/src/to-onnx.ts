import { encodeOnnx, type OnnxGraph } from '@backlot/compute';
import { UnsupportedVerb } from './error.ts';
import { recommenderKindOf, tabularKindOf } from './estimators.ts';
import { type FittedModel, isRecommender, type TabularModel } from './fitted-model.ts';

/**
 * The model as an ONNX file: of rows from their features, of a recommender from its users' numbers. Throws
 * `UnsupportedVerb` where ONNX cannot say it.
 */
export function toOnnx(model: FittedModel): Uint8Array {
  if (!isRecommender(model)) return encodeOnnx(graphOf(model as TabularModel));
  const kind = recommenderKindOf(model.kind);
  if (!kind.onnx) throw new UnsupportedVerb(kind.kind, 'be written as ONNX');
  return encodeOnnx(kind.onnx(model));
}

function graphOf(model: TabularModel): OnnxGraph {
  const kind = tabularKindOf(model.kind);
  if (!kind.onnx) throw new UnsupportedVerb(kind.kind, 'be written as ONNX');
  return kind.onnx(model, graphOf);
}
