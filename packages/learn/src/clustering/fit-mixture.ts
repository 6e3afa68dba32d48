import { cholesky, NotPositiveDefinite, solveLower } from '@backlot/compute';
import { throwIfCancelled } from '@backlot/core';
import { NotConverged } from '../error.ts';
import type { FitOptions } from '../fit-options.ts';
import type { Matrix } from '../matrix.ts';
import { fitLloyd } from './fit-lloyd.ts';
import { type Covariance, type Mixture, responsibilities } from './mixture-density.ts';
import { nearestCentres } from './nearest-centre.ts';

interface MixtureSettings {
  readonly components: number;
  readonly covariance: Covariance;
  readonly rounds: number;
  readonly tolerance: number;
  readonly regularisation: number;
}

interface FittedMixture {
  readonly mixture: Mixture;
  /** The weighted mean of the rows' log densities. */
  readonly logDensity: number;
  readonly rounds: number;
  readonly converged: boolean;
}

/** Expectation-maximisation from the clusters of k-means (Dempster, Laird and Rubin 1977). */
export async function fitMixture(
  matrix: Matrix,
  weights: Float64Array | undefined,
  settings: MixtureSettings,
  options: FitOptions,
): Promise<FittedMixture> {
  const shares = await startShares(matrix, weights, settings.components, options);
  let mixture = maximise(matrix, weights, shares, settings);
  let last = -Infinity;
  for (let round = 1; ; round++) {
    throwIfCancelled(options.signal, 'the fit');
    // A turn of the event loop, so that a signal is seen.
    await new Promise((resolve) => setTimeout(resolve, 0));
    const density = weightedMean(responsibilities(mixture, matrix, shares), weights);
    const total = settings.rounds;
    options.onProgress?.({ step: 'rounds', done: round, total, loss: -density });
    const converged = Math.abs(density - last) < settings.tolerance;
    if (converged || round >= settings.rounds) {
      return { mixture, logDensity: density, rounds: round, converged };
    }
    last = density;
    mixture = maximise(matrix, weights, shares, settings);
  }
}

async function startShares(
  matrix: Matrix,
  weights: Float64Array | undefined,
  components: number,
  options: FitOptions,
): Promise<Float64Array> {
  const quiet = { ...options, onProgress: undefined };
  const settings = { clusters: components, rounds: 100, tolerance: 1e-4, restarts: 1 };
  const { centres } = await fitLloyd(matrix, weights, settings, quiet);
  const shares = new Float64Array(matrix.rows * components);
  nearestCentres(matrix, centres).forEach((label, row) => {
    shares[row * components + label] = 1;
  });
  return shares;
}

function weightedMean(values: Float64Array, weights: Float64Array | undefined): number {
  let [sum, total] = [0, 0];
  values.forEach((value, row) => {
    const weight = weights?.[row] ?? 1;
    if (weight > 0) sum += weight * value;
    total += weight;
  });
  return sum / total;
}

function maximise(
  matrix: Matrix,
  weights: Float64Array | undefined,
  shares: Float64Array,
  { components, covariance, regularisation }: MixtureSettings,
): Mixture {
  const { rows, columns, values } = matrix;
  const totals = new Float64Array(components).fill(10 * Number.EPSILON);
  const means = new Float64Array(components * columns);
  for (let row = 0; row < rows; row++) {
    for (let j = 0; j < components; j++) {
      const own = shares[row * components + j]! * (weights?.[row] ?? 1);
      totals[j]! += own;
      for (let k = 0; k < columns; k++) means[j * columns + k]! += own * values[row * columns + k]!;
    }
  }
  for (let at = 0; at < means.length; at++) means[at]! /= totals[Math.floor(at / columns)]!;
  const all = totals.reduce((sum, one) => sum + one, 0);
  const spread = { matrix, weights, shares, means, totals };
  const factors =
    covariance === 'full' || covariance === 'tied'
      ? squareFactors(spread, covariance, regularisation)
      : lineFactors(spread, covariance, regularisation);
  return { covariance, columns, shares: totals.map((one) => one / all), means, factors };
}

interface Spread {
  readonly matrix: Matrix;
  readonly weights: Float64Array | undefined;
  readonly shares: Float64Array;
  readonly means: Float64Array;
  readonly totals: Float64Array;
}

function squareFactors(
  { matrix, weights, shares, means, totals }: Spread,
  covariance: 'full' | 'tied',
  regularisation: number,
): Float64Array {
  const { rows, columns, values } = matrix;
  const [components, size] = [totals.length, columns * columns];
  const tied = covariance === 'tied';
  const sums = new Float64Array((tied ? 1 : components) * size);
  const difference = new Float64Array(columns);
  for (let row = 0; row < rows; row++) {
    for (let j = 0; j < components; j++) {
      const own = shares[row * components + j]! * (weights?.[row] ?? 1);
      if (own === 0) continue;
      for (let k = 0; k < columns; k++) {
        difference[k] = values[row * columns + k]! - means[j * columns + k]!;
      }
      const start = tied ? 0 : j * size;
      for (let i = 0; i < columns; i++) {
        const scaled = own * difference[i]!;
        for (let k = 0; k <= i; k++) sums[start + i * columns + k]! += scaled * difference[k]!;
      }
    }
  }
  const all = totals.reduce((sum, one) => sum + one, 0);
  for (let start = 0, j = 0; start < sums.length; start += size, j++) {
    const part = sums.subarray(start, start + size);
    for (let at = 0; at < size; at++) part[at]! /= tied ? all : totals[j]!;
    for (let k = 0; k < columns; k++) part[k * columns + k]! += regularisation;
    part.set(inverseFactor(part, columns));
  }
  return sums;
}

/** L^-1, a lower triangle, of L L'. */
function inverseFactor(covariance: Float64Array, n: number): Float64Array {
  const { lower } = factored(covariance, n);
  const out = new Float64Array(n * n);
  for (let column = 0; column < n; column++) {
    const unit = new Float64Array(n);
    unit[column] = 1;
    solveLower(lower, n, unit);
    for (let row = column; row < n; row++) out[row * n + column] = unit[row]!;
  }
  return out;
}

function factored(covariance: Float64Array, n: number): ReturnType<typeof cholesky> {
  try {
    return cholesky(covariance, n);
  } catch (error) {
    if (!(error instanceof NotPositiveDefinite)) throw error;
    throw collapsed();
  }
}

function collapsed(): NotConverged {
  return new NotConverged(
    'gaussianMixture',
    'a covariance is not positive definite',
    'use fewer components or a larger regularisation',
  );
}

function lineFactors(
  { matrix, weights, shares, means, totals }: Spread,
  covariance: 'diagonal' | 'spherical',
  regularisation: number,
): Float64Array {
  const { rows, columns, values } = matrix;
  const components = totals.length;
  const sums = new Float64Array(components * columns);
  for (let row = 0; row < rows; row++) {
    for (let j = 0; j < components; j++) {
      const own = shares[row * components + j]! * (weights?.[row] ?? 1);
      for (let k = 0; k < columns; k++) {
        const difference = values[row * columns + k]! - means[j * columns + k]!;
        sums[j * columns + k]! += own * difference * difference;
      }
    }
  }
  const variances = sums.map((sum, at) => {
    return sum / totals[Math.floor(at / columns)]! + regularisation;
  });
  const kept =
    covariance === 'diagonal'
      ? variances
      : totals.map((_, j) => {
          const own = variances.subarray(j * columns, (j + 1) * columns);
          return own.reduce((sum, one) => sum + one, 0) / columns;
        });
  if (!kept.every((variance) => variance > 0)) throw collapsed();
  return kept.map((variance) => 1 / Math.sqrt(variance));
}
