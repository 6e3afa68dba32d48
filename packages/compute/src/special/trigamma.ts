import { sinPi } from './gamma.ts';
import { polynomial } from './polynomial.ts';

/**
 * The trigamma function, the second derivative of log Gamma, with a relative error of some 1e-15;
 * NaN at 0 and the negative whole numbers.
 */
export function trigamma(x: number): number {
  if (Number.isNaN(x) || (x <= 0 && Number.isInteger(x))) return Number.NaN;
  if (x < 0) return (Math.PI / sinPi(x)) ** 2 - trigamma(1 - x);
  let shift = 0;
  let at = x;
  for (; at < 10; at++) shift += 1 / (at * at);
  const inverse = 1 / at;
  const square = inverse * inverse;
  return shift + inverse + 0.5 * square + inverse * square * polynomial(BERNOULLI, square);
}

/** DLMF 5.15.8. */
const BERNOULLI: readonly number[] = [
  1 / 6,
  -1 / 30,
  1 / 42,
  -1 / 30,
  5 / 66,
  -691 / 2730,
  7 / 6,
  -3617 / 510,
];
