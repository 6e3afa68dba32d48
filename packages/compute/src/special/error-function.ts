import { polynomial } from './polynomial.ts';

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

/**
 * erfcx for x at least 0: (1 + 2 x) erfcx(x) in (x - K) / (x + K), after Shepherd and Laframboise
 * (1981).
 */
function scaled(x: number): number {
  if (x === Infinity) return 0;
  if (!(x < 1e8)) return 1 / (Math.sqrt(Math.PI) * x);
  return polynomial(SCALED, (x - 3.75) / (x + 3.75)) / (1 + 2 * x);
}

/** Made from erfcx at 60 digits. */
const SCALED: readonly number[] = [
  1.2375126308378275, -0.14024059858554697, 0.0035854154854644293, 0.0822767384901452,
  -0.10880393014174886, 0.09230432116037748, -0.05869339858963677, 0.028362277418956406,
  -0.009746579558029276, 0.0017556258528952954, 0.0002937136655913448, -0.0002901540805408417,
  5.164909889268241e-5, 2.238423915508223e-5, -1.1444146237700524e-5, -9.73559896736775e-7,
  1.751637648849062e-6, -5.7218230603224086e-8, -2.5866850716155884e-7, 2.3263508708859124e-8,
  3.8675334242222354e-8, -3.744210080962018e-9, -5.1739902140113095e-9, 3.1114333809799254e-10,
  4.2514714447963895e-10,
];
