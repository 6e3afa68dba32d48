import type { RandomStream } from './random-stream.ts';

/** The numbers 0 .. n - 1 in a uniformly random order. */
export function permutation(stream: RandomStream, n: number): Uint32Array {
  return stream.shuffle(Uint32Array.from({ length: n }, (_, i) => i));
}

/**
 * `count` different numbers of 0 .. n - 1, every set and order equally likely. Takes memory for `count`
 * numbers, not for n: the first steps of a shuffle whose untouched places are not stored.
 */
export function sampleDistinct(stream: RandomStream, n: number, count: number): Uint32Array {
  if (!(Number.isInteger(count) && count >= 0 && count <= n))
    throw new RangeError(`a sample of ${count} from ${n}: a whole number from 0 to ${n}`);
  const moved = new Map<number, number>();
  const found = new Uint32Array(count);
  for (let i = 0; i < count; i++) {
    const j = i + stream.below(n - i);
    found[i] = moved.get(j) ?? j;
    moved.set(j, moved.get(i) ?? i);
  }
  return found;
}

/**
 * `count` different places drawn one after another with probability proportional to weight among those
 * left (Efraimidis and Spirakis 2006, as a race of exponentials), in the order drawn.
 */
export function sampleWeighted(
  stream: RandomStream,
  weights: ArrayLike<number>,
  count: number,
): Uint32Array {
  const times = new Float64Array(weights.length);
  let possible = 0;
  for (let i = 0; i < weights.length; i++) {
    checkWeight(weights[i]!, i);
    times[i] = stream.exponential() / weights[i]!;
    if (weights[i]! > 0) possible++;
  }
  if (!(Number.isInteger(count) && count >= 0 && count <= possible))
    throw new RangeError(`a sample of ${count} from ${possible} places with weight`);
  const order = Uint32Array.from({ length: weights.length }, (_, i) => i);
  return order.sort((i, j) => times[i]! - times[j]! || i - j).slice(0, count);
}

/** Draws places with probability proportional to weight, in constant time each. */
export interface AliasTable {
  readonly size: number;
  draw(stream: RandomStream): number;
}

/** The alias table (Walker; built in linear time as Vose 1991) of weights, one of them above 0. */
export function aliasTable(weights: ArrayLike<number>): AliasTable {
  const n = weights.length;
  let total = 0;
  for (let i = 0; i < n; i++) total += checkWeight(weights[i]!, i);
  if (!(total > 0 && total < Infinity))
    throw new RangeError(`weights sum to ${total}: a finite sum above 0`);
  const keep = Float64Array.from({ length: n }, (_, i) => (weights[i]! / total) * n);
  const alias = pair(keep);
  return Object.freeze({
    size: n,
    draw(stream: RandomStream): number {
      const i = stream.below(n);
      return stream.uniform() < keep[i]! ? i : alias[i]!;
    },
  });
}

/** Fills every column below 1 from one above 1; what rounding leaves over keeps itself. */
function pair(keep: Float64Array): Uint32Array {
  const alias = Uint32Array.from(keep, (_, i) => i);
  const small: number[] = [];
  const large: number[] = [];
  for (let i = 0; i < keep.length; i++) (keep[i]! < 1 ? small : large).push(i);
  while (small.length > 0 && large.length > 0) {
    const low = small.pop()!;
    const high = large.at(-1)!;
    alias[low] = high;
    keep[high] = keep[high]! + keep[low]! - 1;
    if (keep[high]! < 1) small.push(large.pop()!);
  }
  for (const i of large) keep[i] = 1;
  // Only rounding leaves a small column over, and then it is 1 but for rounding.
  for (const i of small) if (keep[i]! > 0.5) keep[i] = 1;
  return alias;
}

function checkWeight(weight: number, at: number): number {
  if (!(weight >= 0 && weight < Infinity))
    throw new RangeError(`weight ${weight} at ${at}: finite and at least 0`);
  return weight;
}
