import { type Column, weightedMean, weightedQuantile } from './weighted.ts';

/** The mean of (target - predicted)^2. */
export function meanSquaredError(target: Column, predicted: Column, weights?: Column): number {
  return weightedMean(target, predicted, weights, (y, p) => (y - p) ** 2);
}

/** The square root of the mean squared error, in the target's unit. */
export function rootMeanSquaredError(target: Column, predicted: Column, weights?: Column): number {
  return Math.sqrt(meanSquaredError(target, predicted, weights));
}

/** The mean of |target - predicted|. */
export function meanAbsoluteError(target: Column, predicted: Column, weights?: Column): number {
  return weightedMean(target, predicted, weights, (y, p) => Math.abs(y - p));
}

/** The (lower) median of |target - predicted|. */
export function medianAbsoluteError(target: Column, predicted: Column, weights?: Column): number {
  const errors = Float64Array.from(target, (y, row) => Math.abs(y - predicted[row]!));
  return weightedQuantile(errors, weights, 0.5);
}

/** The mean of |target - predicted| / |target|; a target of 0 counts as the smallest positive double. */
export function meanAbsolutePercentageError(
  target: Column,
  predicted: Column,
  weights?: Column,
): number {
  const least = Number.EPSILON;
  return weightedMean(target, predicted, weights, (y, p) => {
    return Math.abs(y - p) / Math.max(Math.abs(y), least);
  });
}

/** 1 less the squared error over that of the weighted mean; 1 at best, below 0 when the mean is better. */
export function r2(target: Column, predicted: Column, weights?: Column): number {
  const mean = weightedMean(target, target, weights, (y) => y);
  const error = meanSquaredError(target, predicted, weights);
  const spread = weightedMean(target, target, weights, (y) => (y - mean) ** 2);
  if (spread === 0) return error === 0 ? 1 : 0;
  return 1 - error / spread;
}

/** Twice the log-likelihood ratio of the saturated Poisson model; targets from 0, predictions above 0. */
export function poissonDeviance(target: Column, predicted: Column, weights?: Column): number {
  return weightedMean(target, predicted, weights, (y, p) => {
    return 2 * ((y === 0 ? 0 : y * Math.log(y / p)) - y + p);
  });
}

/** Twice the log-likelihood ratio of the saturated gamma model; both above 0. */
export function gammaDeviance(target: Column, predicted: Column, weights?: Column): number {
  return weightedMean(target, predicted, weights, (y, p) => 2 * (Math.log(p / y) + y / p - 1));
}

/** The loss whose minimiser is the quantile: share (y - p) above it, (1 - share) (p - y) below. */
export function pinballLoss(
  target: Column,
  predicted: Column,
  share: number,
  weights?: Column,
): number {
  return weightedMean(target, predicted, weights, (y, p) => {
    return y >= p ? share * (y - p) : (1 - share) * (p - y);
  });
}
