import type { RandomStream } from './random-stream.ts';

/**
 * Gamma with the given shape (above 0) and scale 1: Marsaglia and Tsang (2000). Shapes below 1 are
 * boosted by U^(1/shape), which underflows to 0 for shapes below about 0.001.
 */
export function drawGamma(stream: RandomStream, shape: number): number {
  return shape > 0 ? Math.exp(logGamma(stream, shape)) : Number.NaN;
}

/** The logarithm of a gamma draw, which stays finite where the draw itself underflows. */
function logGamma(stream: RandomStream, shape: number): number {
  if (shape < 1) return logGamma(stream, shape + 1) + Math.log(stream.openUniform()) / shape;
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = stream.normal();
    const root = 1 + c * x;
    if (root <= 0) continue;
    const v = root * root * root;
    if (Math.log(stream.openUniform()) < 0.5 * x * x + d * (1 - v + Math.log(v)))
      return Math.log(d * v);
  }
}

/** Beta with shapes a and b above 0, as a ratio of gammas taken in logarithms. */
export function drawBeta(stream: RandomStream, a: number, b: number): number {
  if (!(a > 0 && b > 0)) return Number.NaN;
  return 1 / (1 + Math.exp(logGamma(stream, b) - logGamma(stream, a)));
}

/**
 * Poisson with a mean of 0 to 2^50: by multiplication below 10, above it the transformed rejection
 * PTRS of Hoermann (1993).
 */
export function drawPoisson(stream: RandomStream, mean: number): number {
  if (!(mean >= 0 && mean < 2 ** 50)) return Number.NaN;
  if (mean < 10) return smallPoisson(stream, mean);
  const b = 0.931 + 2.53 * Math.sqrt(mean);
  const a = -0.059 + 0.02483 * b;
  const inverse = 1.1239 + 1.1328 / (b - 3.4);
  const logMean = Math.log(mean);
  for (;;) {
    const u = stream.uniform() - 0.5;
    const v = stream.openUniform();
    const us = 0.5 - Math.abs(u);
    const k = Math.floor(((2 * a) / us + b) * u + mean + 0.43);
    if (us >= 0.07 && v <= 0.9277 - 3.6224 / (b - 2)) return k;
    if (k < 0 || (us < 0.013 && v > us)) continue;
    const hat = Math.log((v * inverse) / (a / (us * us) + b));
    if (hat <= k * logMean - mean - logFactorial(k)) return k;
  }
}

function smallPoisson(stream: RandomStream, mean: number): number {
  const limit = Math.exp(-mean);
  let count = 0;
  for (let product = stream.uniform(); product > limit; product *= stream.uniform()) count++;
  return count;
}

/**
 * The number of successes in `trials` (a whole number below 2^50) of probability p: by inversion below a
 * mean of 10, above it the transformed rejection BTRS of Hoermann (1993).
 */
export function drawBinomial(stream: RandomStream, trials: number, p: number): number {
  if (!(Number.isInteger(trials) && trials >= 0 && trials < 2 ** 50 && p >= 0 && p <= 1))
    return Number.NaN;
  if (p > 0.5) return trials - drawBinomial(stream, trials, 1 - p);
  return trials * p < 10 ? invertBinomial(stream, trials, p) : rejectBinomial(stream, trials, p);
}

function invertBinomial(stream: RandomStream, trials: number, p: number): number {
  const odds = p / (1 - p);
  const none = Math.exp(trials * Math.log1p(-p));
  for (;;) {
    let left = stream.uniform();
    let mass = none;
    // Past 110 the mass left is below rounding; a draw that gets there is drawn again.
    for (let k = 0; k <= Math.min(trials, 110); k++) {
      if (left < mass) return k;
      left -= mass;
      mass *= (odds * (trials - k)) / (k + 1);
    }
  }
}

function rejectBinomial(stream: RandomStream, trials: number, p: number): number {
  const spread = Math.sqrt(trials * p * (1 - p));
  const b = 1.15 + 2.53 * spread;
  const a = -0.0873 + 0.0248 * b + 0.01 * p;
  const centre = trials * p + 0.5;
  const alpha = (2.83 + 5.1 / b) * spread;
  const mode = Math.floor((trials + 1) * p);
  const logOdds = Math.log(p / (1 - p));
  const peak = logFactorial(mode) + logFactorial(trials - mode);
  for (;;) {
    const u = stream.uniform() - 0.5;
    const v = stream.openUniform();
    const us = 0.5 - Math.abs(u);
    const k = Math.floor(((2 * a) / us + b) * u + centre);
    if (k < 0 || k > trials) continue;
    if (us >= 0.07 && v <= 0.92 - 4.2 / b) return k;
    const hat = Math.log((v * alpha) / (a / (us * us) + b));
    const rest = logFactorial(k) + logFactorial(trials - k);
    if (hat <= peak - rest + (k - mode) * logOdds) return k;
  }
}

/** Stirling's series above 9, where three terms leave 1e-11: far below what a rejection can show. */
function logFactorial(k: number): number {
  if (k < 10) return Math.log(FACTORIALS[k]!);
  const n = k + 1;
  const correction = (1 / 12 - (1 / 360 - 1 / (1260 * n * n)) / (n * n)) / n;
  return (n - 0.5) * Math.log(n) - n + 0.9189385332046727 + correction;
}

const FACTORIALS = [1, 1, 2, 6, 24, 120, 720, 5040, 40320, 362880];
