import { HALF_LOG_TWO_PI, logGammaRise, stirlingCorrection } from '../special/log-gamma.ts';
import { log1pmx } from '../special/log1pmx.ts';

/**
 * The mean of exp(weight(s)) over s, the root of a chi-square over its degrees of freedom, as exp(log) times
 * factor: by the trapezoidal rule in log s, which converges exponentially. `rate(s)` is how steeply the
 * weight may change there by log s; steps are in proportion to it.
 */
export function scaleIntegral(
  weight: (s: number) => number,
  df: number,
  rate: (s: number) => number,
): { readonly log: number; readonly factor: number } {
  const height = (u: number): number => 0.5 * df * chiLog(u) + weight(Math.exp(u));
  const peak = highest(height, 1e-3 / Math.sqrt(Math.max(1, df)));
  const top = height(peak);
  const scale = rate(Math.exp(peak));
  const step = Math.min(0.1, 0.4 / Math.sqrt(2 * df + scale * scale));
  let sum = 1;
  for (const direction of [-step, step])
    for (let i = 1; ; i++) {
      const term = Math.exp(height(peak + i * direction) - top);
      if (!(term > 1e-17 * sum * Math.min(1, df))) break;
      sum += term;
    }
  const peakMass = Math.LN2 + 0.5 * Math.log(0.5 * df) - HALF_LOG_TWO_PI;
  return { log: top + peakMass - stirlingCorrection(0.5 * df), factor: sum * step };
}

/**
 * log(s^2) + 1 - s^2 for s = exp(u), which log1pmx of a rounded s^2 - 1 would lose far below 0.
 */
function chiLog(u: number): number {
  const less = Math.expm1(2 * u);
  return u < -0.3 ? 2 * u - less : log1pmx(less);
}

/** Where a function of one peak is highest, to a part of that: growing steps, then golden section. */
function highest(height: (u: number) => number, part: number): number {
  let low = -1;
  let high = 1;
  while (height(low) > height(low + 0.1)) low *= 2;
  while (height(high) > height(high - 0.1)) high *= 2;
  const golden = 0.6180339887498949;
  let left = high - golden * (high - low);
  let right = low + golden * (high - low);
  let atLeft = height(left);
  let atRight = height(right);
  while (high - low > part * (1 + Math.abs(low))) {
    if (atLeft > atRight) {
      high = right;
      right = left;
      atRight = atLeft;
      left = high - golden * (high - low);
      atLeft = height(left);
    } else {
      low = left;
      left = right;
      atLeft = atRight;
      right = low + golden * (high - low);
      atRight = height(right);
    }
  }
  return 0.5 * (low + high);
}

/** The mean of 1 / s, df above 1: sqrt(df / 2) Gamma((df - 1) / 2) / Gamma(df / 2). */
export function inverseScaleMean(df: number): number {
  return Math.exp(0.5 * Math.log(0.5 * df) - logGammaRise(0.5 * (df - 1), 0.5));
}
