import { nearest } from '@backlot/compute';
import type { FitOptions } from '../fit-options.ts';
import { type Matrix, toFloat32 } from '../matrix.ts';

/** Weights between rows: row r to `indices` with `values`, from `offsets[r]` to `offsets[r + 1]`. */
export interface Affinities {
  readonly offsets: Int32Array;
  readonly indices: Int32Array;
  readonly values: Float64Array;
}

/**
 * How near rows are to each other, for t-SNE: normal weights over the 3 x perplexity nearest rows with the entropy
 * of log(perplexity) (van der Maaten 2014, equations 1 to 4), made symmetric, adding up to 1.
 */
export async function affinitiesOf(
  matrix: Matrix,
  perplexity: number,
  { threads, signal }: FitOptions,
): Promise<Affinities> {
  const { rows, columns } = matrix;
  const k = Math.min(rows - 1, Math.floor(3 * perplexity));
  const floats = toFloat32(matrix);
  const query = { dimensions: columns, k: k + 1 };
  const found = await nearest(floats, floats, query, { ...(threads && { threads }), signal });
  const pairs = Array.from({ length: rows }, () => new Map<number, number>());
  const add = (a: number, b: number, value: number): void => {
    pairs[a]!.set(b, (pairs[a]!.get(b) ?? 0) + value);
  };
  for (let row = 0; row < rows; row++) {
    const places = [...found.indices.subarray(row * (k + 1), (row + 1) * (k + 1))];
    const gaps = [...found.distances.subarray(row * (k + 1), (row + 1) * (k + 1))];
    // Among equals the row itself may not be first, or not be there: the farthest is dropped then.
    const own = places.includes(row) ? places.indexOf(row) : k;
    const weights = perplexityWeights(Float64Array.from(gaps.toSpliced(own, 1)), perplexity);
    places.toSpliced(own, 1).forEach((other, at) => {
      add(row, other, weights[at]! / (2 * rows));
      add(other, row, weights[at]! / (2 * rows));
    });
  }
  return flatten(pairs);
}

/** exp(-rate x squared distance), adding up to 1, with the rate found by bisection. */
export function perplexityWeights(squared: Float64Array, perplexity: number): Float64Array {
  const least = squared.reduce((low, gap) => Math.min(low, gap), Infinity);
  const goal = Math.log(Math.min(perplexity, squared.length));
  let [low, high, rate] = [0, Infinity, 1];
  let weights = new Float64Array(squared.length);
  for (let round = 0; round < 64; round++) {
    let [sum, moment] = [0, 0];
    weights = weights.map((_, at) => Math.exp(-rate * (squared[at]! - least)));
    weights.forEach((weight, at) => {
      sum += weight;
      moment += weight * (squared[at]! - least);
    });
    weights = weights.map((weight) => weight / sum);
    const entropy = Math.log(sum) + (rate * moment) / sum;
    if (Math.abs(entropy - goal) < 1e-6) break;
    if (entropy > goal) low = rate;
    else high = rate;
    rate = high === Infinity ? 2 * rate : (low + high) / 2;
  }
  return weights;
}

function flatten(pairs: readonly ReadonlyMap<number, number>[]): Affinities {
  const offsets = new Int32Array(pairs.length + 1);
  pairs.forEach((own, row) => {
    offsets[row + 1] = offsets[row]! + own.size;
  });
  const indices = new Int32Array(offsets.at(-1)!);
  const values = new Float64Array(indices.length);
  pairs.forEach((own, row) => {
    const sorted = [...own].sort(([a], [b]) => a - b);
    sorted.forEach(([other, value], at) => {
      indices[offsets[row]! + at] = other;
      values[offsets[row]! + at] = value;
    });
  });
  return { offsets, indices, values };
}
