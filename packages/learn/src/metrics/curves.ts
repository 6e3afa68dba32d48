import { InvalidArgument } from '../error.ts';
import type { Matrix } from '../matrix.ts';
import { type Column, weightOf } from './weighted.ts';

/** A binary rule at falling thresholds; each entry is the rule `score >= threshold`. */
export interface ThresholdCurve {
  readonly thresholds: Float64Array;
  /** The weight of positives at or above the threshold. */
  readonly truePositives: Float64Array;
  /** The weight of negatives at or above the threshold. */
  readonly falsePositives: Float64Array;
}

/**
 * Counts at every distinct score, from the highest; target 1 is positive, 0 negative. `order` is the rows
 * by falling score, for whoever has it already.
 */
export function thresholdCurve(
  target: Column,
  scores: Column,
  weights?: Column,
  order: Uint32Array = orderByScore(scores),
): ThresholdCurve {
  const weight = weightOf(target, scores, weights);
  const thresholds: number[] = [];
  const truePositives: number[] = [];
  const falsePositives: number[] = [];
  let [positive, negative] = [0, 0];
  for (let at = 0; at < order.length; at++) {
    const row = order[at]!;
    if (target[row] === 1) positive += weight(row);
    else negative += weight(row);
    const next = order[at + 1];
    if (next !== undefined && scores[next] === scores[row]) continue;
    thresholds.push(scores[row]!);
    truePositives.push(positive);
    falsePositives.push(negative);
  }
  return {
    thresholds: Float64Array.from(thresholds),
    truePositives: Float64Array.from(truePositives),
    falsePositives: Float64Array.from(falsePositives),
  };
}

/** Rows from the highest score to the lowest. */
export function orderByScore(scores: Column): Uint32Array {
  const order = Uint32Array.from({ length: scores.length }, (_, row) => row);
  return order.sort((a, b) => scores[b]! - scores[a]! || a - b);
}

/**
 * The probability that a positive scores above a negative, ties counting half (the area under the ROC
 * curve). Throws `InvalidArgument` where one of the two is absent.
 */
export function rocAuc(
  target: Column,
  scores: Column,
  weights?: Column,
  order?: Uint32Array,
): number {
  const { truePositives, falsePositives } = thresholdCurve(target, scores, weights, order);
  const last = truePositives.length - 1;
  const [positives, negatives] = [truePositives[last]!, falsePositives[last]!];
  if (!(positives > 0 && negatives > 0)) {
    throw new InvalidArgument('target', 'holds only one class; the area needs both');
  }
  let [area, before, left] = [0, 0, 0];
  for (let at = 0; at <= last; at++) {
    area += ((falsePositives[at]! - left) * (truePositives[at]! + before)) / 2;
    before = truePositives[at]!;
    left = falsePositives[at]!;
  }
  return area / (positives * negatives);
}

/** The mean over classes of each class's area against the rest (Provost and Domingos 2000, unweighted). */
export function macroAuc(target: Column, probabilities: Matrix, weights?: Column): number {
  const { columns, rows, values } = probabilities;
  let [sum, counted] = [0, 0];
  for (let label = 0; label < columns; label++) {
    const own = Float64Array.from(target, (y) => (y === label ? 1 : 0));
    const share = own.reduce((total, one) => total + one, 0);
    if (share === 0 || share === rows) continue;
    const scores = Float64Array.from(own, (_, row) => values[row * columns + label]!);
    sum += rocAuc(own, scores, weights);
    counted++;
  }
  if (counted === 0)
    throw new InvalidArgument('target', 'holds only one class; the area needs two');
  return sum / counted;
}

/** The sum over thresholds of the rise in recall times precision. */
export function averagePrecision(
  target: Column,
  scores: Column,
  weights?: Column,
  order?: Uint32Array,
): number {
  const { truePositives, falsePositives } = thresholdCurve(target, scores, weights, order);
  const positives = truePositives.at(-1)!;
  if (!(positives > 0)) throw new InvalidArgument('target', 'holds no positive');
  let [area, before] = [0, 0];
  truePositives.forEach((found, at) => {
    area += ((found - before) / positives) * (found / (found + falsePositives[at]!));
    before = found;
  });
  return area;
}

/** How well probabilities of the positive class hold, by bins of equal width. */
export interface Reliability {
  /** Mean probability and share of positives in each bin that holds rows, with the weight of those. */
  readonly bins: readonly {
    readonly probability: number;
    readonly share: number;
    readonly weight: number;
  }[];
  /** The mean over rows of |share - probability| of their bin (Naeini et al. 2015). */
  readonly expectedError: number;
}

/** The reliability diagram of probabilities of class 1. */
export function reliability(
  target: Column,
  probabilities: Column,
  bins = 10,
  weights?: Column,
): Reliability {
  const weight = weightOf(target, probabilities, weights);
  const sums = Array.from({ length: bins }, () => ({ probability: 0, share: 0, weight: 0 }));
  for (let row = 0; row < target.length; row++) {
    const bin = sums[Math.min(bins - 1, Math.floor(probabilities[row]! * bins))]!;
    bin.probability += weight(row) * probabilities[row]!;
    bin.share += target[row] === 1 ? weight(row) : 0;
    bin.weight += weight(row);
  }
  const total = sums.reduce((sum, bin) => sum + bin.weight, 0);
  const filled = sums
    .filter((bin) => bin.weight > 0)
    .map((bin) => ({
      probability: bin.probability / bin.weight,
      share: bin.share / bin.weight,
      weight: bin.weight,
    }));
  const expectedError = filled.reduce(
    (sum, bin) => sum + (bin.weight / total) * Math.abs(bin.share - bin.probability),
    0,
  );
  return { bins: filled, expectedError };
}
