import { HALF_LOG_TWO_PI } from '../special/log-gamma.ts';
import { logNormalCdf } from '../special/normal-cdf.ts';

/**
 * log of the probability that the range of so many standard normals is below w, w above 0: over the least, z,
 * all others lie between z and z + w.
 */
export function logRangeBelow(w: number, groups: number): number {
  const others = groups - 1;
  const height = (z: number): number => -0.5 * z * z + others * logBetween(z, w);
  return Math.log(groups) - HALF_LOG_TWO_PI + logIntegral(height, leastPlace(w, groups));
}

/** log of the probability that it is beyond w: all others lie above the least, not all below z + w. */
export function logRangeBeyond(w: number, groups: number): number {
  const others = groups - 1;
  // Between z and z + w lies no more than the density at 0 times w.
  if (Math.log(groups) + others * (Math.log(w) - HALF_LOG_TWO_PI) < -40) return 0;
  if (w > FAR) return Math.log(groups) + Math.log(others) + logNormalCdf(-w * Math.SQRT1_2);
  const height = (z: number): number => {
    const above = logNormalCdf(-z);
    // Rounding must not make the farther tail the larger one.
    const far = Math.min(0, logNormalCdf(-z - w) - above);
    return -0.5 * z * z + others * above + logNotAll(far, others);
  };
  return Math.log(groups) - HALF_LOG_TWO_PI + logIntegral(height, leastPlace(w, groups));
}

/** log(1 - (1 - exp(far))^others), also where exp(far) is below the smallest double. */
function logNotAll(far: number, others: number): number {
  if (far < -50) return Math.log(others) + far;
  return Math.log(-Math.expm1(others * Math.log1p(-Math.exp(far))));
}

/** log of the range's density at w above 0: two lie at its ends, all others between them. */
export function logRangeDensity(w: number, groups: number): number {
  const others = groups - 2;
  const height = (x: number): number => -x * x + others * logBetween(x - 0.5 * w, w);
  const ends = Math.log(groups) + Math.log(groups - 1) - 2 * HALF_LOG_TWO_PI - 0.25 * w * w;
  return ends + (w > FAR ? 0.5 * Math.log(Math.PI) : logIntegral(height, [0, 0]));
}

/** Beyond it no two pairs lie so far apart at once, but for exp(-w^2 / 12) of the time. */
const FAR = 25;

/** Mean and mean square of the range, over log w. */
export function rangeMoments(groups: number): { readonly mean: number; readonly square: number } {
  const step = 0.27 / (4 * Math.log(Math.max(groups, 4)));
  let [mean, square] = [0, 0];
  // The density is below w to the groups less 2 and, far out, below exp(-w^2 / 4) times the pairs: what is
  // left out on either side is less than the last digit.
  for (let v = -37 / groups; v < Math.log(18); v += step) {
    const w = Math.exp(v);
    const part = step * w * w * Math.exp(logRangeDensity(w, groups));
    mean += part;
    square += part * w;
  }
  return { mean, square };
}

/** Between which the least is likeliest to lie, given the range. */
function leastPlace(w: number, groups: number): readonly [number, number] {
  return [-0.5 * w - Math.sqrt(2 * Math.log(groups)) - 1, 0.5];
}

/**
 * log of the probability that a standard normal lies between a and a + w. Where both are in one tail and
 * apart, from their logarithms; where they are near, by quadrature about their middle, since the difference
 * would lose what they share.
 */
function logBetween(a: number, w: number): number {
  // The mirror image lies below 0.
  const low = a + 0.5 * w > 0 ? -(a + w) : a;
  const upper = logNormalCdf(low + w);
  const apart = logNormalCdf(low) - upper;
  if (w > 1 || apart < -Math.LN2) return upper + Math.log1p(-Math.exp(apart));
  const middle = low + 0.5 * w;
  let sum = 0;
  for (let k = 0; k < 8; k++) {
    const t = 0.5 * w * NODES[k]!;
    sum += WEIGHTS[k]! * Math.cosh(middle * t) * Math.exp(-0.5 * t * t);
  }
  return Math.log(w) - 0.5 * middle * middle - HALF_LOG_TWO_PI + Math.log(sum);
}

/** Gauss and Legendre's, from 0 to 1. */
const NODES: readonly number[] = [
  0.019855071751231884, 0.10166676129318664, 0.2372337950418355, 0.4082826787521751,
  0.591717321247825, 0.7627662049581645, 0.8983332387068134, 0.9801449282487681,
];
const WEIGHTS: readonly number[] = [
  0.05061426814518813, 0.11119051722668724, 0.15685332293894363, 0.181341891689181,
  0.181341891689181, 0.15685332293894363, 0.11119051722668724, 0.05061426814518813,
];

/** log of the integral of exp(height), which has one peak, somewhere in a range, and falls on both sides. */
function logIntegral(height: (x: number) => number, place: readonly [number, number]): number {
  const peak = place[0] === place[1] ? place[0] : peakIn(height, place);
  const top = height(peak);
  const near = 1e-3;
  const bend = (2 * top - height(peak - near) - height(peak + near)) / (near * near);
  // A Gumbel's double exponential, the least smooth of these, is exact to 1e-16 at 0.27 of its width.
  const step = 0.22 / Math.sqrt(Math.max(bend, 1));
  let sum = 1;
  for (const direction of [-step, step]) {
    for (let i = 1; ; i++) {
      const term = Math.exp(height(peak + i * direction) - top);
      sum += term;
      if (!(term > 1e-17 * sum)) break;
    }
  }
  return top + Math.log(sum * step);
}

/** By golden section, to a thousandth: from there the sum needs no more. */
function peakIn(height: (x: number) => number, [from, to]: readonly [number, number]): number {
  const golden = 0.6180339887498949;
  let [low, high] = [from, to];
  let [left, right] = [high - golden * (high - low), low + golden * (high - low)];
  let [atLeft, atRight] = [height(left), height(right)];
  while (high - low > 0.02) {
    if (atLeft > atRight) {
      [high, right, atRight] = [right, left, atLeft];
      left = high - golden * (high - low);
      atLeft = height(left);
    } else {
      [low, left, atLeft] = [left, right, atRight];
      right = low + golden * (high - low);
      atRight = height(right);
    }
  }
  return 0.5 * (low + high);
}
