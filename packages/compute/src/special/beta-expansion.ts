import type { BetaPoint } from './beta-point.ts';
import { erfcx } from './error-function.ts';
import { betaCorrection } from './log-beta.ts';
import { log1pmx } from './log1pmx.ts';
import type { Tail } from './tail.ts';

/**
 * The lower tail of a beta distribution of large shapes (both above 100), for 0 <= lambda <= 0.03
 * of the smaller: the asymptotic expansion of Didonato and Morris (1992, section 5), whose cost
 * does not grow with the shapes.
 */
export function betaExpansion({ a, b, lambda }: BetaPoint): Tail {
  const exponent = -(a * log1pmx(-lambda / a) + b * log1pmx(lambda / b));
  const small = Math.min(a, b);
  const ratio = small / Math.max(a, b);
  const coefficients = lastCoefficients(ratio, (b - a) / Math.max(a, b));
  const width = 1 / Math.sqrt(small * (1 + ratio));
  const sum = momentSum(coefficients, Math.sqrt(exponent), width);
  return { lower: true, log: -exponent - betaCorrection(a, b), factor: TWO_OVER_ROOT_PI * sum };
}

const TERMS = 20;
const TWO_OVER_ROOT_PI = 2 / Math.sqrt(Math.PI);
const MOMENT_ONE = 2 ** -1.5;

/**
 * The sum of the coefficients times repeated integrals of the normal tail, scaled by exp(z0^2).
 */
function momentSum(expand: Expansion, z0: number, width: number): number {
  const twice = 2 * z0 * z0;
  let even = (0.5 / TWO_OVER_ROOT_PI) * erfcx(z0);
  let odd = MOMENT_ONE;
  let evenPower = Math.SQRT2 * z0;
  let oddPower = twice;
  let scale = width;
  let sum = even + expand(0) * scale * odd;
  for (let n = 2; n <= TERMS; n += 2) {
    even = MOMENT_ONE * evenPower + (n - 1) * even;
    odd = MOMENT_ONE * oddPower + n * odd;
    evenPower *= twice;
    oddPower *= twice;
    scale *= width;
    const first = expand(n - 1) * scale * even;
    scale *= width;
    const second = expand(n) * scale * odd;
    sum += first + second;
    if (Math.abs(first) + Math.abs(second) <= 1e-17 * sum) break;
  }
  return sum;
}

type Expansion = (index: number) => number;

let last: { ratio: number; skew: number; expand: Expansion } | undefined;

/**
 * Those of the last shapes are kept: solvers and distributions ask for the same ones again and
 * again.
 */
function lastCoefficients(ratio: number, skew: number): Expansion {
  if (last?.ratio !== ratio || last.skew !== skew)
    last = { ratio, skew, expand: expansionCoefficients(ratio, skew) };
  return last.expand;
}

/**
 * The coefficients d of the expansion, by index, each made from those before when first asked for.
 */
function expansionCoefficients(ratio: number, skew: number): Expansion {
  const taylor = new Float64Array(TERMS + 2);
  const inverse = new Float64Array(TERMS + 2);
  const made = new Float64Array(TERMS + 2);
  taylor[0] = (2 / 3) * skew;
  inverse[0] = -0.5 * taylor[0];
  made[0] = -inverse[0];
  let known = 0;
  let power = 1;
  let powers = 1;
  return (index) => {
    for (; known < index; known += 2) {
      const n = known + 2;
      power *= ratio * ratio;
      taylor[n - 1] = (2 / (1 + ratio)) * ((1 + ratio * power) / (n + 2));
      powers += power;
      taylor[n] = (2 * skew * powers) / (n + 3);
      for (let i = n; i <= n + 1; i++) {
        inverse[i - 1] = powerCoefficient(taylor, i) / (i + 1);
        let sum = inverse[i - 1]!;
        for (let j = 1; j < i; j++) sum += made[i - j - 1]! * inverse[j - 1]!;
        made[i - 1] = -sum;
      }
    }
    return made[index]!;
  };
}

/**
 * Coefficient i - 1 of the Taylor series raised to -(i + 1) / 2, by J. C. P. Miller's recurrence.
 */
function powerCoefficient(taylor: Float64Array, i: number): number {
  const exponent = -0.5 * (i + 1);
  const power = new Float64Array(i);
  power[0] = exponent * taylor[0]!;
  for (let m = 2; m <= i; m++) {
    let sum = 0;
    for (let j = 1; j < m; j++)
      sum += (j * exponent - (m - j)) * taylor[j - 1]! * power[m - j - 1]!;
    power[m - 1] = exponent * taylor[m - 1]! + sum / m;
  }
  return power[i - 1]!;
}
