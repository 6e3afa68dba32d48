import { erfcx, logErfc } from './error-function.ts';

/** The standard normal distribution function, with a relative error below 1e-14 down to -38. */
export function normalCdf(z: number): number {
  return z < 0 ? lowerTail(-z) : 1 - lowerTail(z);
}

/** log of the standard normal distribution function, also where that underflows. */
export function logNormalCdf(z: number): number {
  return z < 0 ? logErfc(-z * Math.SQRT1_2) - Math.LN2 : Math.log1p(-lowerTail(z));
}

/**
 * The tail beyond size z. Halving z^2 in the exponent is exact, which scaling z by a root is not.
 */
function lowerTail(z: number): number {
  if (Number.isNaN(z)) return z;
  return z > 39 ? 0 : 0.5 * expMinusHalfSquare(z) * erfcx(z * Math.SQRT1_2);
}

/** exp(-z^2 / 2) without the rounding of z^2. */
export function expMinusHalfSquare(z: number): number {
  if (Math.abs(z) > 39) return 0;
  const head = Math.fround(z);
  return Math.exp(-0.5 * head * head) * Math.exp(-0.5 * (z - head) * (z + head));
}
