import { logGamma1p, stirlingCorrection } from './log-gamma.ts';

/**
 * Gamma(x), with a relative error below 2e-15; Infinity from 171.63 on, NaN at 0 and the negative
 * whole numbers. Negative arguments by the reflection formula (DLMF 5.5.3).
 */
export function gamma(x: number): number {
  if (Number.isNaN(x) || (x <= 0 && Number.isInteger(x))) return Number.NaN;
  if (x < -170) return reflectFar(x);
  if (x < 0) return Math.PI / (sinPi(x) * gamma(1 - x));
  if (x < 1) return Math.exp(logGamma1p(x)) / x;
  if (x >= 12) return stirling(x);
  let product = 1;
  let at = x;
  while (at > 2) {
    at -= 1;
    product *= at;
  }
  return product * Math.exp(logGamma1p(at - 1));
}

/** sin(pi x) from the exact distance to the nearest whole number. */
export function sinPi(x: number): number {
  const nearest = Math.round(x);
  const sine = Math.sin(Math.PI * (x - nearest));
  return nearest % 2 === 0 ? sine : -sine;
}

/** The power is taken in two halves, because x^x overflows before Gamma does. */
function stirling(x: number): number {
  if (x > 172) return Infinity;
  const half = x ** (0.5 * x - 0.25);
  return half * Math.exp(-x) * half * Math.sqrt(2 * Math.PI) * Math.exp(stirlingCorrection(x));
}

/** Gamma(1 - x) overflows here while the quotient is still above the smallest double. */
function reflectFar(x: number): number {
  const steps = Math.ceil(-x) - 160;
  let value = x < -400 ? 0 : gamma(x + steps);
  for (let k = steps - 1; k >= 0 && value !== 0; k--) value /= x + k;
  return value;
}
