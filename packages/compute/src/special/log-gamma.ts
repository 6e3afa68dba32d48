import { log1pmx } from './log1pmx.ts';
import { polynomial } from './polynomial.ts';

/**
 * log Gamma(x) for x above 0 (NaN elsewhere), with a relative error below 2e-15, also beside its
 * zeros at 1 and 2: a polynomial on [1, 2], the recurrence up to 10, Stirling's series above.
 */
export function logGamma(x: number): number {
  if (!(x > 0)) return Number.NaN;
  if (x >= 10) {
    const stirling = (x - 0.5) * (Math.log(x) - 1) + (HALF_LOG_TWO_PI - 0.5);
    return stirling + stirlingSeries(x);
  }
  if (x < 0.5) return logGamma1p(x) - Math.log(x);
  if (x <= 2) return logGamma1p(x - 1);
  let product = 1;
  let at = x;
  while (at > 2) {
    at -= 1;
    product *= at;
  }
  return logGamma1p(at - 1) + Math.log(product);
}

/** log Gamma(1 + a) for a above -1, which keeps the digits of a small a that 1 + a would lose. */
export function logGamma1p(a: number): number {
  if (a > 1) return logGamma(a + 1);
  if (a < -0.5) return logGamma(1 + a);
  if (a >= 0) return a * (a - 1) * polynomial(BETWEEN, 2 * a - 1);
  return a * (1 + a) * polynomial(BETWEEN, 2 * a + 1) - Math.log1p(a);
}

/** log Gamma(x) less (x - 1/2) log x - x + log(2 pi) / 2: the correction of Stirling's formula. */
export function stirlingCorrection(x: number): number {
  if (x >= 10) return stirlingSeries(x);
  return logGamma(x) - ((x - 0.5) * Math.log(x) - x + HALF_LOG_TWO_PI);
}

/**
 * log Gamma(b + a) - log Gamma(b) for a and b above 0, to a relative error of some 1e-15 however
 * small a is beside b (except beside b = 1.46, where it crosses 0 for small a).
 */
export function logGammaRise(b: number, a: number): number {
  if (a > b && a > 10) return logGamma(b + a) - logGamma(b);
  let base = b;
  let shift = 0;
  for (; base < 10; base++) shift -= Math.log1p(a / base);
  const ratio = a / base;
  const top = base + a;
  const main = base * log1pmx(ratio) - 0.5 * Math.log1p(ratio) + a * Math.log(top);
  return shift + main - (a / (base * top)) * correctionSlope(1 / base, 1 / top);
}

export const HALF_LOG_TWO_PI = 0.9189385332046727;

/**
 * The difference of two Stirling corrections over that of the inverses u and v of their arguments.
 */
function correctionSlope(u: number, v: number): number {
  let sum = 0;
  for (let k = STIRLING.length - 1; k >= 0; k--) {
    let powers = 0;
    const degree = 2 * k;
    for (let i = 0; i <= degree; i++) powers = powers * u + v ** i;
    sum += STIRLING[k]! * powers;
  }
  return sum;
}

/** Bernoulli numbers over 2k (2k - 1); eight terms leave less than 2e-17 from 10 on. */
const STIRLING: readonly number[] = [
  1 / 12,
  -1 / 360,
  1 / 1260,
  -1 / 1680,
  1 / 1188,
  -691 / 360360,
  1 / 156,
  -3617 / 122400,
];

function stirlingSeries(x: number): number {
  return polynomial(STIRLING, 1 / (x * x)) / x;
}

/** log Gamma(1 + a) / (a (a - 1)) over 2 a - 1, from its Chebyshev series at 60 digits. */
const BETWEEN: readonly number[] = [
  0.4831289505409809, -0.07297994795715304, 0.015727850268641094, -0.003913560937626182,
  0.0010498186644547402, -0.0002945507015196472, 8.510090373499432e-5, -2.5094328668947195e-5,
  7.511391855641883e-6, -2.2742474102383936e-6, 6.948428064186312e-7, -2.1386323384115519e-7,
  6.623878077265301e-8, -2.0621027431854287e-8, 6.430260727636965e-9, -2.016947955623982e-9,
  6.566403819263112e-10, -2.0874620693971093e-10, 5.0258222095609345e-11, -1.5395748006420787e-11,
  1.1586115295157278e-11, -3.803618166622364e-12,
];
