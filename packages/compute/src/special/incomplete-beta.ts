import { betaExpansion } from './beta-expansion.ts';
import { type BetaPoint, betaPoint, mirror } from './beta-point.ts';
import { betaCorrection } from './log-beta.ts';
import { HALF_LOG_TWO_PI, logGamma1p, logGammaRise } from './log-gamma.ts';
import { logRatioLess } from './log1pmx.ts';
import { remember } from './remember.ts';
import { flipTail, type Tail, tailLog, tailValue } from './tail.ts';

/**
 * The regularised incomplete beta function I_x(a, b), for a and b above 0 and x in [0, 1]; NaN
 * elsewhere. Power series, the continued fraction and the large-shape expansion of Didonato and
 * Morris (1992). The relative error of both tails and of their logs, for shapes from 1e-10 to 1e8,
 * is some 1e-14; values near 1e-300 carry the rounding of their exponent, 1e-13.
 */
export function betaI(a: number, b: number, x: number): number {
  return tailValue(betaTail(betaPoint(a, b, x)), true);
}

/** 1 - I_x(a, b), with its own relative accuracy. */
export function betaIComplement(a: number, b: number, x: number): number {
  return tailValue(betaTail(betaPoint(a, b, x)), false);
}

/** log I_x(a, b), also where I underflows. */
export function logBetaI(a: number, b: number, x: number): number {
  return tailLog(betaTail(betaPoint(a, b, x)), true);
}

/** log(1 - I_x(a, b)), also where that underflows. */
export function logBetaIComplement(a: number, b: number, x: number): number {
  return tailLog(betaTail(betaPoint(a, b, x)), false);
}

/**
 * The smaller tail, or one of moderate size, of the beta distribution, by the method that fits.
 */
export function betaTail(point: BetaPoint): Tail {
  const { a, b, x, y, lambda } = point;
  if (!(a > 0 && b > 0 && a < Infinity && b < Infinity && x >= 0 && y >= 0))
    return { lower: true, log: Number.NaN, factor: Number.NaN };
  if (x === 0 || y === 0) return { lower: x === 0, log: -Infinity, factor: 1 };
  if (a > 1 && b > 1) return lambda < 0 ? flipTail(largeShapes(mirror(point))) : largeShapes(point);
  if (a > b) return flipTail(smallShape(mirror(point)));
  return smallShape(point);
}

/** log of x^a y^b / B(a, b), by the distance from its peak so that nothing large cancels. */
export function logBetaPrefix({ a, b, x, y, lambda }: BetaPoint): number {
  const first = a * logRatioLess(x * (1 + b / a), -lambda / a);
  const second = b * logRatioLess(y * (1 + a / b), lambda / b);
  return first + second + logPeak(a, b);
}

/** The prefix at its peak. */
const logPeak: (a: number, b: number) => number = remember((a, b) => {
  const small = Math.min(a, b);
  const harmonic = small / (1 + small / Math.max(a, b));
  return 0.5 * Math.log(harmonic) - HALF_LOG_TWO_PI - betaCorrection(a, b);
});

/** a is at most 1 and not above b. */
function smallShape(point: BetaPoint): Tail {
  if (point.x > 0.5) return flipTail(series(mirror(point)));
  return point.b * point.x <= 1.5 ? series(point) : flipTail(fraction(mirror(point)));
}

/** Both shapes are above 1 and x is at most the mean. */
function largeShapes(point: BetaPoint): Tail {
  const { a, b, x, lambda } = point;
  if (b * x <= 0.7) return series(point);
  const small = Math.min(a, b);
  return small > 100 && lambda <= 0.03 * small ? betaExpansion(point) : fraction(point);
}

/**
 * x^a / (a B) (1 + a sum (1 - b) ... (n - b) / n! x^n / (a + n)), or its complement where that is
 * less.
 */
function series(point: BetaPoint): Tail {
  const { a, b, x } = point;
  let coefficient = 1;
  let sum = 0;
  for (let n = 1; ; n++) {
    coefficient *= ((n - b) / n) * x;
    const term = coefficient / (a + n);
    sum += term;
    if (!(Math.abs(term) > 1e-18 * Math.min(1, 1 / a)) || n > 1000) break;
  }
  const log = seriesLog(point);
  if (log + Math.log1p(a * sum) < -0.7) return { lower: true, log, factor: 1 + a * sum };
  const factor = -Math.expm1(log) - a * Math.exp(log) * sum;
  return { lower: false, log: 0, factor };
}

/** log of x^a / (a B(a, b)); for small a it is near 0, and must keep its relative accuracy. */
function seriesLog(point: BetaPoint): number {
  const { a, b, x } = point;
  if (a <= 1) return a * Math.log(x) + seriesScale(a, b);
  return logBetaPrefix(point) - b * Math.log1p(-x) - Math.log(a);
}

const seriesScale: (a: number, b: number) => number = remember(
  (a, b) => logGammaRise(b, a) - logGamma1p(a),
);

/** The continued fraction of Didonato and Morris, for a above 1 and x at most the mean. */
function fraction(point: BetaPoint): Tail {
  const { a, b, x, y, lambda } = point;
  const c = 1 + lambda;
  const ratio = b / a;
  const c1 = 1 + 1 / a;
  let p = 1;
  let s = a + 1;
  let an = 0;
  let bn = 1;
  let anNext = 1;
  let bnNext = c / c1;
  let value = c1 / c;
  for (let n = 1; n < 100_000; n++) {
    const t = n / a;
    const w = n * (b - n) * x;
    const e = a / s;
    const alpha = p * (p + ratio) * e * e * (w * x);
    const beta = n + w / s + ((1 + t) / (c1 + 2 * t)) * (c + n * (1 + y));
    p = 1 + t;
    s += 2;
    const above = alpha * an + beta * anNext;
    const below = alpha * bn + beta * bnNext;
    const before = value;
    value = above / below;
    if (!(Math.abs(value - before) > 1e-16 * value)) break;
    an = anNext / below;
    bn = bnNext / below;
    anNext = value;
    bnNext = 1;
  }
  return { lower: true, log: logBetaPrefix(point), factor: value };
}
