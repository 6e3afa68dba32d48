import { polynomial } from './polynomial.ts';

/**
 * log(1 + u) - u for u above -1, without the cancellation about 0 that log1p(u) - u has. Relative
 * error below 1e-15 from -1/2 on.
 */
export function log1pmx(u: number): number {
  if (!(Math.abs(u) < 0.5)) return Math.log1p(u) - u;
  // log(1 + u) = 2 atanh(r); its first term less u is -u r exactly.
  const r = u / (2 + u);
  const square = r * r;
  const series = square < 1e-3 ? polynomial(NEAR, square) : polynomial(FAR, square);
  return r * (2 * square * series - u);
}

/**
 * log(ratio) - u where ratio = 1 + u is known by itself: as u nears -1, 1 + u loses what ratio
 * still has.
 */
export function logRatioLess(ratio: number, u: number): number {
  return u < -0.5 ? Math.log(ratio) - u : log1pmx(u);
}

/** 1/3, 1/5, ... of atanh; square is at most 1/9 for FAR. */
const FAR: readonly number[] = Array.from({ length: 17 }, (_, k) => 1 / (2 * k + 3));
const NEAR: readonly number[] = FAR.slice(0, 6);
