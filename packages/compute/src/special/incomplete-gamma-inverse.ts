import { gammaTail, logGammaPrefix } from './incomplete-gamma.ts';
import { log1mExp } from './log-exp.ts';
import { logGamma1p } from './log-gamma.ts';
import { normalQuantileLog } from './normal-quantile.ts';
import { tailLog } from './tail.ts';

/**
 * The x with P(a, x) = p: Newton's method on the logarithm of the smaller tail in log x, where
 * that is concave, so that it converges from anywhere. The relative error is what the last digit
 * of p moves x by, and some 1e-15. NaN outside of 0 < a < Infinity, 0 <= p <= 1.
 */
export function gammaPInverse(a: number, p: number): number {
  if (!(p >= 0 && p <= 1)) return Number.NaN;
  return p <= 0.5 ? solve(a, Math.log(p), true) : solve(a, Math.log1p(-p), false);
}

/** The x with Q(a, x) = q. */
export function gammaQInverse(a: number, q: number): number {
  if (!(q >= 0 && q <= 1)) return Number.NaN;
  return q <= 0.5 ? solve(a, Math.log(q), false) : solve(a, Math.log1p(-q), true);
}

/** The x with log P(a, x) = logP, for probabilities below the smallest double too. */
export function logGammaPInverse(a: number, logP: number): number {
  return logP > -Math.LN2 ? solve(a, log1mExp(logP), false) : solve(a, logP, true);
}

/** The x with log Q(a, x) = logQ. */
export function logGammaQInverse(a: number, logQ: number): number {
  return logQ > -Math.LN2 ? solve(a, log1mExp(logQ), true) : solve(a, logQ, false);
}

function solve(a: number, logTail: number, lower: boolean): number {
  if (!(a > 0 && a < Infinity && logTail < 0)) return Number.NaN;
  if (logTail === -Infinity) return lower ? 0 : Infinity;
  const power = lowerPower(a, lower ? logTail : log1mExp(logTail));
  // Where x is this small P is its first term, to the last digit.
  if (power < -650) return Math.exp(power);
  let x = start(a, logTail, lower, power);
  for (let i = 0; i < 200; i++) {
    const log = tailLog(gammaTail(a, x), lower);
    const slope = a * Math.exp(logGammaPrefix(a, x) - log);
    const step = ((logTail - log) / slope) * (lower ? 1 : -1);
    // A shallow slope may point beyond all doubles; from any nearer point it converges as well.
    x *= Math.exp(Math.max(-2, Math.min(2, step)));
    if (!(Math.abs(step) > 1e-9)) break;
  }
  return x;
}

/** log x where P were its first term, x^a / Gamma(a + 1): below the solution. */
function lowerPower(a: number, logP: number): number {
  return (logP + logGamma1p(a)) / a;
}

/**
 * Wilson and Hilferty's normal form of the cube root, or the ends of the tails for small shapes.
 */
function start(a: number, logTail: number, lower: boolean, power: number): number {
  const z = normalQuantileLog(logTail) * (lower ? 1 : -1);
  const root = 1 - 1 / (9 * a) + z / (3 * Math.sqrt(a));
  if (a > 0.5 && root > 0.3) return a * root ** 3;
  if (lower || power < -1) return Math.exp(power);
  return Math.max(0.3, -logTail + Math.min(0, Math.log(a)));
}
