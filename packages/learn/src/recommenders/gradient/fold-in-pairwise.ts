import { minimise, randomStream } from '@backlot/compute';
import { type RecommenderModel, tensorOf } from '../../fitted-model.ts';
import type { BprValues } from './bpr.ts';
import { checkHistory } from './score-subject.ts';

/** Items that a history is held against; drawn by the model's seed. */
const negatives = 256;

/**
 * The vector that minimises the mean over items i of the history and j of the drawn ones of
 * ln(1 + e^-x), x = u (v_i - v_j) + b_i - b_j, plus regularisation / 2 |u|^2. The last number is 1, for the
 * items' biases: who met nothing gets the items in the order of those.
 */
export function foldInPairwise(model: RecommenderModel, history: Int32Array): Float32Array {
  checkHistory(model, history);
  const { data, shape } = tensorOf(model, 'itemVectors', 'float32');
  const width = shape[1]!;
  const rowsOf = (items: readonly number[]): readonly Float32Array[] =>
    items.map((item) => data.subarray(item * width, (item + 1) * width));
  const met = new Set(history);
  const others = drawOthers(model, met);
  const found = new Float32Array(width);
  found[width - 1] = 1;
  if (met.size === 0 || others.length === 0) return found;
  const { regularisation } = model.specification.parameters as BprValues;
  const { point } = minimise({
    start: new Float64Array(width - 1),
    objective: pairLoss(rowsOf([...met]), rowsOf(others), Math.max(regularisation, 1e-4)),
    maxIterations: 60,
    gradientTolerance: 1e-5,
  });
  found.set(point);
  return found;
}

function drawOthers({ seed, signature }: RecommenderModel, met: ReadonlySet<number>): number[] {
  const stream = randomStream(seed, 'fold-in');
  const drawn = Array.from({ length: negatives }, () => stream.below(signature.items));
  return drawn.filter((item) => !met.has(item));
}

/** Writes the gradient for a vector without its last number and returns the loss. */
function pairLoss(
  met: readonly Float32Array[],
  others: readonly Float32Array[],
  decay: number,
): (point: Float64Array, gradient: Float64Array) => number {
  const share = 1 / (met.length * others.length);
  return (point, gradient) => {
    const ups = met.map((row) => scoreOf(point, row));
    const downs = others.map((row) => scoreOf(point, row));
    const [up, down] = [new Float64Array(met.length), new Float64Array(others.length)];
    let loss = 0;
    for (let i = 0; i < ups.length; i++) {
      for (let j = 0; j < downs.length; j++) {
        const margin = ups[i]! - downs[j]!;
        const power = Math.exp(-Math.abs(margin));
        loss += share * (Math.log1p(power) + Math.max(0, -margin));
        const slope = (share * (margin >= 0 ? power : 1)) / (1 + power);
        up[i]! -= slope;
        down[j]! += slope;
      }
    }
    for (let k = 0; k < point.length; k++) {
      loss += (decay / 2) * point[k]! ** 2;
      gradient[k] = decay * point[k]!;
    }
    met.forEach((row, i) => {
      for (let k = 0; k < point.length; k++) gradient[k]! += up[i]! * row[k]!;
    });
    others.forEach((row, j) => {
      for (let k = 0; k < point.length; k++) gradient[k]! += down[j]! * row[k]!;
    });
    return loss;
  };
}

function scoreOf(point: Float64Array, row: Float32Array): number {
  let sum = row[point.length]!;
  for (let k = 0; k < point.length; k++) sum += point[k]! * row[k]!;
  return sum;
}
