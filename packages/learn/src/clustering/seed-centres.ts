import type { SeededRandom } from '@backlot/core';
import type { Matrix } from '../matrix.ts';
import { squaredDistance } from './nearest-centre.ts';

/** Rows that seeds are drawn from, at least so many where there are as many. */
const leastSample = 4096;
const samplePerCentre = 8;

/**
 * First centres (count x columns): k-means++ with the best of 2 + ln k candidates at each step (Arthur and
 * Vassilvitskii 2007), on a random sample of 4,096 rows, or 8 for each centre where that is more. A row
 * is as likely as its weight says.
 */
export function seedCentres(
  matrix: Matrix,
  weights: Float64Array | undefined,
  count: number,
  random: SeededRandom,
): Float64Array<ArrayBuffer> {
  const { columns, values } = matrix;
  const places = sampleRows(matrix.rows, Math.max(leastSample, samplePerCentre * count), random);
  const sample = new Float64Array(places.length * columns);
  places.forEach((row, at) => {
    sample.set(values.subarray(row * columns, (row + 1) * columns), at * columns);
  });
  const weight = Float64Array.from(places, (row) => weights?.[row] ?? 1);
  const centres = new Float64Array(count * columns);
  let closest = new Float64Array(places.length).fill(1);
  for (let j = 0; j < count; j++) {
    const trials = j === 0 ? 1 : 2 + Math.floor(Math.log(count));
    let [least, chosen, next] = [Infinity, 0, closest];
    for (let trial = 0; trial < trials; trial++) {
      const candidate = drawByWeight(closest, weight, random);
      const found = closestWith(sample, columns, candidate, j === 0 ? undefined : closest);
      let potential = 0;
      for (let at = 0; at < found.length; at++) potential += found[at]! * weight[at]!;
      if (potential >= least) continue;
      [least, chosen, next] = [potential, candidate, found];
    }
    closest = next;
    centres.set(sample.subarray(chosen * columns, (chosen + 1) * columns), j * columns);
  }
  return centres;
}

function sampleRows(rows: number, most: number, random: SeededRandom): Int32Array {
  if (rows <= most) return Int32Array.from({ length: rows }, (_, row) => row);
  return Int32Array.from({ length: most }, () => random.below(rows));
}

function drawByWeight(share: Float64Array, weight: Float64Array, random: SeededRandom): number {
  let total = 0;
  for (let at = 0; at < share.length; at++) total += share[at]! * weight[at]!;
  // Fewer distinct rows than centres: any row does.
  if (!(total > 0)) return random.below(share.length);
  let left = random.uniform() * total;
  let last = 0;
  for (let at = 0; at < share.length; at++) {
    const part = share[at]! * weight[at]!;
    if (part === 0) continue;
    last = at;
    left -= part;
    if (left < 0) break;
  }
  return last;
}

function closestWith(
  sample: Float64Array,
  columns: number,
  candidate: number,
  closest: Float64Array<ArrayBuffer> | undefined,
): Float64Array<ArrayBuffer> {
  const out = new Float64Array(sample.length / columns);
  for (let at = 0; at < out.length; at++) {
    const found = squaredDistance(sample, at * columns, sample, candidate * columns, columns);
    out[at] = closest ? Math.min(closest[at]!, found) : found;
  }
  return out;
}
