import { polynomial } from './polynomial.ts';

/**
 * The digamma function, the derivative of log Gamma, with a relative error of some 1e-15 also
 * beside its root at 1.46; NaN at 0 and the negative whole numbers, where negative arguments are
 * reflected (near the roots between those the error is absolute).
 */
export function digamma(x: number): number {
  if (Number.isNaN(x) || (x <= 0 && Number.isInteger(x))) return Number.NaN;
  if (x < 0) {
    const turn = Math.PI * (x - Math.round(x));
    return digamma(1 - x) - Math.PI / Math.tan(turn);
  }
  if (x >= 10) return Math.log(x) - 0.5 / x - polynomial(TAIL, 1 / (x * x)) / (x * x);
  let shift = 0;
  let at = x;
  for (; at < 1; at++) shift -= 1 / at;
  for (; at > 2; shift += 1 / at) at -= 1;
  return shift + (at - ROOT - ROOT_REST) * polynomial(BETWEEN, 2 * at - 3);
}

/** The root in two doubles, so that the distance to it keeps its digits. */
const ROOT = 1.4616321449683622;
const ROOT_REST = 9.549995429965697e-17;

/** Bernoulli numbers over 2k (DLMF 5.11.2). */
const TAIL: readonly number[] = [
  1 / 12,
  -1 / 120,
  1 / 252,
  -1 / 240,
  1 / 132,
  -691 / 32760,
  1 / 12,
  -3617 / 8160,
];

/** digamma(x) / (x - root) over 2 x - 3, from its Chebyshev series at 60 digits. */
const BETWEEN: readonly number[] = [
  0.9510558760318328, -0.21181371064073024, 0.06013562106019684, -0.01855061538173984,
  0.005936795278301761, -0.001935066664735652, 0.0006368880303865817, -0.00021074841288961643,
  6.995018825112794e-5, -2.3258232466707952e-5, 7.741234508636364e-6, -2.578134894751126e-6,
  8.589060721930695e-7, -2.8620904099739414e-7, 9.543298288278275e-8, -3.181266980138485e-8,
  1.0527692435026686e-8, -3.5032218996509724e-9, 1.2469984616707403e-9, -4.197772636734229e-10,
  8.734528429142953e-11, -2.7468150389464952e-11, 2.918622732168261e-11, -1.0015117602062808e-11,
];
