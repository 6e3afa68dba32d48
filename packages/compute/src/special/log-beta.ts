import { HALF_LOG_TWO_PI, logGamma, logGammaRise, stirlingCorrection } from './log-gamma.ts';

/**
 * log B(a, b) for a and b above 0, to a relative error of some 1e-15 (absolute where B is near 1),
 * also where log Gamma(a + b) would swallow the difference.
 */
export function logBeta(a: number, b: number): number {
  if (!(a > 0 && b > 0)) return Number.NaN;
  const small = Math.min(a, b);
  const large = Math.max(a, b);
  if (small < 10) return logGamma(small) - logGammaRise(large, small);
  const ratio = small / large;
  const main = (small - 0.5) * Math.log(ratio / (1 + ratio)) - large * Math.log1p(ratio);
  return main - 0.5 * Math.log(large) + HALF_LOG_TWO_PI + betaCorrection(a, b);
}

/** What Stirling's formula leaves out of log B(a, b). */
export function betaCorrection(a: number, b: number): number {
  return stirlingCorrection(a) + stirlingCorrection(b) - stirlingCorrection(a + b);
}
