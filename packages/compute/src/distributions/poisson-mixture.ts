import { logGammaPrefix } from '../special/incomplete-gamma.ts';

/** A positive number as exp(log) times factor. */
interface Scaled {
  readonly log: number;
  readonly factor: number;
}

/**
 * The mean of exp(logTerm(j)) over a Poisson count j, for terms whose logarithm is concave in j:
 * summed outwards from the largest, so that the relative error is that of the terms.
 */
export function poissonMixture(mean: number, logTerm: (j: number) => number): Scaled {
  if (mean === 0) return { log: logTerm(0), factor: 1 };
  const height = (j: number): number => (j === 0 ? -mean : logGammaPrefix(j, mean)) + logTerm(j);
  const peak = highest(height, Math.floor(mean));
  const top = height(peak);
  if (top === -Infinity) return { log: top, factor: 1 };
  let sum = 1;
  for (const direction of [-1, 1])
    for (let j = peak + direction; j >= 0; j += direction) {
      const term = Math.exp(height(j) - top);
      sum += term;
      if (!(term > 1e-18 * sum)) break;
    }
  return { log: top, factor: sum };
}

/** The smallest j from which a concave sequence no longer rises: doubling steps, then halving. */
function highest(height: (j: number) => number, start: number): number {
  const rises = (j: number): boolean => height(j + 1) > height(j);
  let low = -1;
  let high = start;
  if (rises(start)) {
    let step = 1;
    low = start;
    high = start + step;
    while (rises(high)) {
      low = high;
      step *= 2;
      high += step;
    }
  }
  while (high - low > 1) {
    const middle = low + Math.floor((high - low) / 2);
    if (rises(middle)) low = middle;
    else high = middle;
  }
  return high;
}
