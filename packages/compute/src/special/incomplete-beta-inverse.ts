import { betaPoint } from './beta-point.ts';
import { betaTail, logBetaPrefix } from './incomplete-beta.ts';
import { logGammaPInverse, logGammaQInverse } from './incomplete-gamma-inverse.ts';
import { logBeta } from './log-beta.ts';
import { log1mExp } from './log-exp.ts';
import { normalQuantileLog } from './normal-quantile.ts';
import { remember } from './remember.ts';
import { tailLog } from './tail.ts';

/** A solution and what it leaves to one, each with its own digits. */
interface BetaSolution {
  readonly x: number;
  readonly y: number;
}

/**
 * The x with I_x(a, b) = p: Newton's method on the logarithm of the smaller tail in log(x / y),
 * where that is concave, so that it converges from anywhere. NaN outside of the ranges of `betaI`.
 */
export function betaIInverse(a: number, b: number, p: number): number {
  if (!(p >= 0 && p <= 1)) return Number.NaN;
  if (p <= 0.5) return solveLower(a, b, Math.log(p)).x;
  return solveLower(b, a, Math.log1p(-p)).y;
}

/** The x with 1 - I_x(a, b) = q. */
export function betaIComplementInverse(a: number, b: number, q: number): number {
  if (!(q >= 0 && q <= 1)) return Number.NaN;
  if (q <= 0.5) return solveLower(b, a, Math.log(q)).y;
  return solveLower(a, b, Math.log1p(-q)).x;
}

/** The x with log I_x(a, b) = logP, for probabilities below the smallest double too. */
export function logBetaIInverse(a: number, b: number, logP: number): number {
  return betaSolution(a, b, logP).x;
}

/** The x with log(1 - I_x(a, b)) = logQ. */
export function logBetaIComplementInverse(a: number, b: number, logQ: number): number {
  return betaSolution(b, a, logQ).y;
}

/** x and y with log I_x(a, b) = logP. */
export function betaSolution(a: number, b: number, logP: number): BetaSolution {
  if (!(logP > -Math.LN2)) return solveLower(a, b, logP);
  const { x, y } = solveLower(b, a, log1mExp(logP));
  return { x: y, y: x };
}

/** Solves for a lower tail, which is at most one half. */
function solveLower(a: number, b: number, logP: number): BetaSolution {
  if (!(a > 0 && b > 0 && a < Infinity && b < Infinity && logP <= 0))
    return { x: Number.NaN, y: Number.NaN };
  if (logP === -Infinity) return { x: 0, y: 1 };
  const logB = keptLogBeta(a, b);
  // Where x or y is this small, its tail is its first term to the last digit.
  const logX = (logP + Math.log(a) + logB) / a;
  if (logX < -650) return { x: Math.exp(logX), y: 1 };
  const logY = (log1mExp(logP) + Math.log(b) + logB) / b;
  if (logY < -650) return { x: 1, y: Math.exp(logY) };
  return polish(a, b, logP, start(a, b, logP, logX, logY));
}

const keptLogBeta: (a: number, b: number) => number = remember(logBeta);

function polish(a: number, b: number, logP: number, from: BetaSolution): BetaSolution {
  let { x, y } = from;
  for (let i = 0; i < 200; i++) {
    const point = betaPoint(a, b, x, y);
    const log = tailLog(betaTail(point), true);
    const step = (logP - log) / Math.exp(logBetaPrefix(point) - log);
    const growth = Math.exp(Math.max(-3, Math.min(3, step)));
    const total = y + x * growth;
    x = (x * growth) / total;
    y /= total;
    if (!(Math.abs(step) > 1e-9)) break;
  }
  return { x, y };
}

function start(a: number, b: number, logP: number, logX: number, logY: number): BetaSolution {
  if (a > 1 && b > 1) return normalStart(a, b, -normalQuantileLog(logP));
  if (a > 1) return ofSmall(logGammaQInverse(b, logP) / (a + 0.5 * (b - 1)), true);
  if (b > 1) return ofSmall(logGammaPInverse(a, logP) / (b + 0.5 * (a - 1)), false);
  if (logY < -1) return { x: -Math.expm1(logY), y: Math.exp(logY) };
  const x = Math.exp(Math.min(logX, -0.5));
  return { x, y: 1 - x };
}

/** Abramowitz and Stegun 26.5.22. */
function normalStart(a: number, b: number, z: number): BetaSolution {
  const first = 1 / (2 * a - 1);
  const second = 1 / (2 * b - 1);
  const spread = (z * z - 3) / 6;
  const h = 2 / (first + second);
  const skew = (second - first) * (spread + 5 / 6 - 2 / (3 * h));
  const w = (z * Math.sqrt(h + spread)) / h - skew;
  const odds = (b / a) * Math.exp(2 * Math.max(-300, Math.min(300, w)));
  return { x: 1 / (1 + odds), y: odds / (1 + odds) };
}

/** From a gamma variable over the large shape: minus the log of x, or of y. */
function ofSmall(minusLog: number, isOfX: boolean): BetaSolution {
  // Beyond this the true solution is still a double.
  const power = Math.max(1e-300, Math.min(650, minusLog));
  const near = Math.exp(-power);
  const rest = -Math.expm1(-power);
  return isOfX ? { x: near, y: rest } : { x: rest, y: near };
}
