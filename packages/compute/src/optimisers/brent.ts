import { assert } from '@backlot/core';
import { NotBracketed, NotFinite } from '../error.ts';

export interface BrentOptions {
  /** A function of one number, finite between the ends. */
  readonly function: (x: number) => number;
  readonly lower: number;
  /** Above lower. */
  readonly upper: number;
  /** How exactly x is wanted, beside rounding; 0 by default for roots, 1e-8 for minima. */
  readonly tolerance?: number;
  /** 200 by default. */
  readonly maxEvaluations?: number;
}

/** Where a function of one number is 0 or least. */
export interface BrentSolution {
  readonly x: number;
  readonly value: number;
  readonly evaluations: number;
  /** Whether x is as exact as was asked; not where the evaluations were spent. */
  readonly converged: boolean;
}

function evaluator(name: string, options: BrentOptions): (x: number) => number {
  const { lower, upper } = options;
  assert(lower < upper && Number.isFinite(upper - lower), 'the ends are finite and in order');
  return (x) => {
    const value = options.function(x);
    if (!Number.isFinite(value)) throw new NotFinite(name, x);
    return value;
  };
}

/**
 * A root between two ends of opposite signs (Brent 1973, chapter 4, zeroin): inverse quadratic and linear
 * interpolation, with bisection where they do not shrink the bracket. The function changes its sign within
 * 4 ulp |x| + tolerance of the answer. Throws `NotBracketed` where the signs are the same, `NotFinite`.
 *
 * @example
 * const { x } = brentRoot({ function: (x) => x * x - 2, lower: 0, upper: 2 }); // the root of 2
 */
export function brentRoot(options: BrentOptions): BrentSolution {
  const { tolerance = 0, maxEvaluations = 200, lower, upper } = options;
  const f = evaluator('brentRoot', options);
  let [a, b] = [lower, upper];
  let [fa, fb] = [f(a), f(b)];
  if (Math.sign(fa) * Math.sign(fb) > 0) throw new NotBracketed(a, b, fa, fb);
  let [c, fc] = [a, fa];
  let last = b - a;
  let beforeLast = last;
  for (let evaluations = 2; ; evaluations++) {
    if (Math.sign(fb) === Math.sign(fc) && fb !== 0) {
      [c, fc] = [a, fa];
      last = b - a;
      beforeLast = last;
    }
    if (Math.abs(fc) < Math.abs(fb)) {
      [a, b, c] = [b, c, b];
      [fa, fb, fc] = [fb, fc, fb];
    }
    const near = 2 * Number.EPSILON * Math.abs(b) + 0.5 * tolerance;
    const middle = 0.5 * (c - b);
    const converged = Math.abs(middle) <= near || fb === 0;
    if (converged || evaluations >= maxEvaluations) {
      return { x: b, value: fb, evaluations, converged };
    }
    let step = middle;
    const trusted = Math.abs(beforeLast) >= near && Math.abs(fa) > Math.abs(fb);
    const wanted = trusted ? interpolate(a, b, c, fa, fb, fc) : Number.NaN;
    const limit = Math.min(Math.abs(1.5 * middle) - 0.5 * near, 0.5 * Math.abs(beforeLast));
    const inside = wanted * middle > 0 && Math.abs(wanted) < limit;
    if (inside) step = wanted;
    beforeLast = inside ? last : middle;
    last = step;
    [a, fa] = [b, fb];
    b += Math.abs(step) > near ? step : middle > 0 ? near : -near;
    fb = f(b);
  }
}

/** The step from b to where the inverse parabola, or the line, through the points is 0. */
function interpolate(a: number, b: number, c: number, fa: number, fb: number, fc: number): number {
  const s = fb / fa;
  if (a === c) return ((c - b) * s) / (s - 1);
  const [q, r] = [fa / fc, fb / fc];
  const p = s * ((c - b) * q * (q - r) - (b - a) * (r - 1));
  return -p / ((q - 1) * (r - 1) * (s - 1));
}

const golden = 0.5 * (3 - Math.sqrt(5));

/**
 * A minimum between two ends (Brent 1973, chapter 5, localmin): parabolas through the best points, golden
 * sections where they do not help. Of several minima it finds one, of a monotone function an end. A
 * tolerance below 1.5e-8 |x| is of no use, since the values differ by less than rounding there.
 *
 * @example
 * const { x } = brentMinimum({ function: (x) => (x - 1) ** 2, lower: -3, upper: 4 }); // 1
 */
export function brentMinimum(options: BrentOptions): BrentSolution {
  const { tolerance = 1e-8, maxEvaluations = 200 } = options;
  const f = evaluator('brentMinimum', options);
  let { lower, upper } = options;
  let x = lower + golden * (upper - lower);
  let [w, v] = [x, x];
  let fx = f(x);
  let [fw, fv] = [fx, fx];
  let [step, beforeLast] = [0, 0];
  for (let evaluations = 1; ; evaluations++) {
    const middle = 0.5 * (lower + upper);
    const near = Math.sqrt(Number.EPSILON) * Math.abs(x) + tolerance / 3;
    const converged = Math.abs(x - middle) <= 2 * near - 0.5 * (upper - lower);
    if (converged || evaluations >= maxEvaluations) return { x, value: fx, evaluations, converged };
    const r = (x - w) * (fx - fv);
    const q = (x - v) * (fx - fw);
    const p = (x - v) * q - (x - w) * r;
    const parabola = -p / (2 * (q - r));
    const fits = Math.abs(parabola) < Math.abs(0.5 * beforeLast);
    if (fits && x + parabola > lower && x + parabola < upper) {
      beforeLast = step;
      step = parabola;
      const close = x + step - lower < 2 * near || upper - x - step < 2 * near;
      if (close) step = x < middle ? near : -near;
    } else {
      beforeLast = x < middle ? upper - x : lower - x;
      step = golden * beforeLast;
    }
    const next = x + (Math.abs(step) >= near ? step : step > 0 ? near : -near);
    const value = f(next);
    if (value <= fx) {
      if (next < x) upper = x;
      else lower = x;
      [v, w, x] = [w, x, next];
      [fv, fw, fx] = [fw, fx, value];
      continue;
    }
    if (next < x) lower = next;
    else upper = next;
    if (value <= fw || w === x) {
      [v, w] = [w, next];
      [fv, fw] = [fw, value];
    } else if (value <= fv || v === x || v === w) [v, fv] = [next, value];
  }
}
