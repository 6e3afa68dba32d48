import { chebyshevSum } from './polynomial.ts';

/** The error function erf(x), with a relative error below 1e-15. */
export function errorFunction(x: number): number {
  if (Math.abs(x) > 1) return x > 0 ? 1 - erfc(x) : erfc(-x) - 1;
  // Kummer's form: every term has one sign (DLMF 7.6.2).
  const step = 2 * x * x;
  let term = 1;
  let sum = 1;
  for (let odd = 3; term > sum * 1e-17; odd += 2) {
    term *= step / odd;
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * x * Math.exp(-x * x) * sum;
}

/** 1 - erf(x), with a relative error below 2e-15 down to the smallest normal double (x = 26.5). */
export function erfc(x: number): number {
  if (x < 0.25) return 1 - errorFunction(x);
  return x > 28 ? 0 : expMinusSquare(x) * scaled(x);
}

/** exp(x^2) erfc(x), which decays only as 1 / x; overflows below -26.6. */
export function erfcx(x: number): number {
  if (x >= 0) return scaled(x);
  return x < -27 ? Infinity : 2 / expMinusSquare(x) - scaled(-x);
}

/** log erfc(x), also where erfc underflows. */
export function logErfc(x: number): number {
  if (x < 0.25) return Math.log1p(-errorFunction(x));
  return Math.log(scaled(x)) - x * x;
}

/** exp(-x^2) without the rounding of x^2, which the exponential would magnify. */
function expMinusSquare(x: number): number {
  if (Math.abs(x) > 28) return 0;
  const head = Math.fround(x);
  return Math.exp(-head * head) * Math.exp(-(x - head) * (x + head));
}

/** erfcx for x at least 0: (1 + 2 x) erfcx(x) in (x - K) / (x + K), after Shepherd and Laframboise (1981). */
function scaled(x: number): number {
  if (x === Infinity) return 0;
  if (!(x < 1e8)) return 1 / (Math.sqrt(Math.PI) * x);
  return chebyshevSum(SCALED, (x - 3.75) / (x + 3.75)) / (1 + 2 * x);
}

/** Made from erfcx at 60 digits. */
const SCALED: readonly number[] = [
  1.1775789345674017, -0.004590054580646478, -0.08424913336651792, 0.05920993999819189,
  -0.026658668435305753, 0.009074997670705265, -0.002413163540417608, 0.0004907758365258086,
  -6.916973302501207e-5, 4.13902798607301e-6, 7.74038306619849e-7, -2.1886401049234397e-7,
  1.076499946567091e-8, 4.521959811218287e-9, -7.754400208831351e-10, -6.318088340886684e-11,
  2.86879501093067e-11, 1.9455868545777347e-13, -9.65469674843344e-13, 3.25254814814874e-14,
  3.3478119482868056e-14, -1.864562880419313e-15, -1.2507950530688648e-15, 7.418235256624044e-17,
  5.068148904796111e-17, -2.2370566594359995e-18, -2.187342944303018e-18,
];
