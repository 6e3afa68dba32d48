import { minimise, randomStream } from '@backlot/compute';
import { type RecommenderModel, tensorOf } from '../../fitted-model.ts';
import { userScale } from './fit-ultra-gcn.ts';
import { pullsOf } from './item-constraints.ts';
import { checkHistory } from './score-subject.ts';
import type { UltraGCNValues } from './ultra-gcn.ts';

/** Items that a history is held against; drawn by the model's seed. */
const drawn = 1024;

/** A vector and what pairs with it count: towards it above 0, away from it below. */
type Weighted = readonly [row: Float32Array, weight: number];

/** The vector that minimises UltraGCN's loss of someone's history beside the model's items; 0 without one. */
export function foldInConstrained(model: RecommenderModel, history: Int32Array): Float32Array {
  checkHistory(model, history);
  const { data, shape } = tensorOf(model, 'itemVectors', 'float32');
  const width = shape[1]!;
  const met = [...new Set(history)];
  if (met.length === 0) return new Float32Array(width);
  const rowOf = (item: number): Float32Array => data.subarray(item * width, (item + 1) * width);
  const weighted = [...pulled(model, met), ...pushed(model, met)].map(
    ([item, weight]): Weighted => [rowOf(item), weight],
  );
  const { regularisation } = model.specification.parameters as UltraGCNValues;
  const decay = Math.max(met.length * regularisation, 1e-6);
  const { point } = minimise({
    start: new Float64Array(width),
    objective: (at, gradient) => weightedLoss(weighted, decay, at, gradient),
    maxIterations: 60,
    gradientTolerance: 1e-5,
  });
  return Float32Array.from(point);
}

/** Items that the person is pulled to, by interactions and by what constrains them. */
function pulled(model: RecommenderModel, met: readonly number[]): [number, number][] {
  const values = model.specification.parameters as UltraGCNValues;
  const scales = tensorOf(model, 'itemScales', 'float32').data;
  const { data: neighbours, shape } = tensorOf(model, 'neighbours', 'int32');
  const weights = tensorOf(model, 'neighbourWeights', 'float32').data;
  const own = userScale(met.length);
  const pulls = pullsOf(met, { width: shape[1]!, neighbours, weights });
  return [
    ...met.map((item): [number, number] => [
      item,
      values.positiveFlat + values.positiveScaled * own * scales[item]!,
    ]),
    ...Array.from(pulls, ([item, pull]): [number, number] => [item, values.itemWeight * pull]),
  ];
}

/** Drawn items, each with what all draws for the history would come to. */
function pushed(model: RecommenderModel, met: readonly number[]): [number, number][] {
  const values = model.specification.parameters as UltraGCNValues;
  const scales = tensorOf(model, 'itemScales', 'float32').data;
  const stream = randomStream(model.seed, 'fold-in');
  const own = userScale(met.length);
  const known = new Set(met);
  const share = (met.length * values.negativeWeight) / drawn;
  return Array.from({ length: drawn }, () => stream.below(model.signature.items))
    .filter((item) => !known.has(item))
    .map((item) => {
      const weight = values.negativeFlat + values.negativeScaled * own * scales[item]!;
      return [item, -share * weight];
    });
}

function weightedLoss(
  weighted: readonly Weighted[],
  decay: number,
  point: Float64Array,
  gradient: Float64Array,
): number {
  let loss = 0;
  for (let k = 0; k < point.length; k++) {
    loss += (decay / 2) * point[k]! ** 2;
    gradient[k] = decay * point[k]!;
  }
  for (const [row, weight] of weighted) {
    let score = 0;
    for (let k = 0; k < point.length; k++) score += point[k]! * row[k]!;
    const against = weight > 0 ? -score : score;
    const power = Math.exp(-Math.abs(against));
    loss += Math.abs(weight) * (Math.log1p(power) + Math.max(0, against));
    const slope = (-weight * (against >= 0 ? 1 : power)) / (1 + power);
    for (let k = 0; k < point.length; k++) gradient[k]! += slope * row[k]!;
  }
  return loss;
}
