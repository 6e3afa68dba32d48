import { openKernels, type SessionOptions } from '../kernel-session.ts';
import { packedBytes, packRows } from '../rank.ts';
import type { Neighbours } from './neighbours.ts';

/**
 * What near means: squared Euclidean distance; 1 less the cosine (of a zero vector, 1); or the negative inner
 * product.
 */
export type Metric = 'euclidean' | 'cosine' | 'innerProduct';

export interface NearestQuery {
  readonly dimensions: number;
  readonly k: number;
  /** Euclidean by default. */
  readonly metric?: Metric;
}

const scratchBytes = 64 * 128 * 4;

/**
 * The k nearest of all rows (rows x dimensions) to each query, exact in floats: every distance is computed,
 * without the cancellation of its expansion. The result does not depend on the threads.
 */
export async function nearest(
  vectors: Float32Array,
  queries: Float32Array,
  { dimensions, k, metric = 'euclidean' }: NearestQuery,
  run: SessionOptions = {},
): Promise<Neighbours> {
  const [rows, count] = [vectors.length / dimensions, queries.length / dimensions];
  const cosine = metric === 'cosine';
  await using session = await openKernels(run);
  const place = session.place(cosine ? normalised(vectors, dimensions) : vectors);
  const panels = session.allocate(packedBytes(rows, dimensions));
  await packRows(session, place, rows, dimensions, panels);
  const padded = session.allocate(Math.ceil(count / 4) * 4 * dimensions * 4);
  session.float32(padded).set(cosine ? normalised(queries, dimensions) : queries);
  const [indices, distances] = [session.allocate(count * k * 4), session.allocate(count * k * 4)];
  await session.run('nearest', [
    ...[padded.address, count, dimensions, panels.address, rows],
    ...[metric === 'euclidean' ? 0 : 1, k, indices.address, distances.address],
    ...[session.allocate(session.threads * scratchBytes).address, scratchBytes],
  ]);
  const found = session.float32(distances).slice();
  if (cosine) for (let at = 0; at < found.length; at++) found[at]! += 1;
  return { k, indices: session.int32(indices).slice(), distances: found };
}

/** The rows at length 1; a row of zeros stays one. */
function normalised(vectors: Float32Array, dimensions: number): Float32Array {
  const out = vectors.slice();
  for (let from = 0; from < out.length; from += dimensions) {
    let squares = 0;
    for (let at = from; at < from + dimensions; at++) squares += out[at]! * out[at]!;
    if (squares === 0) continue;
    const length = Math.sqrt(squares);
    for (let at = from; at < from + dimensions; at++) out[at] = out[at]! / length;
  }
  return out;
}

/** The same in plain TypeScript: every distance in doubles, sorted. */
export function plainNearest(
  vectors: Float32Array,
  queries: Float32Array,
  { dimensions, k, metric = 'euclidean' }: NearestQuery,
): Neighbours {
  const [rows, count] = [vectors.length / dimensions, queries.length / dimensions];
  const indices = new Int32Array(count * k).fill(-1);
  const distances = new Float32Array(count * k).fill(Infinity);
  for (let query = 0; query < count; query++) {
    const q = queries.subarray(query * dimensions, (query + 1) * dimensions);
    const found = Float64Array.from({ length: rows }, (_, row) =>
      plainDistance(q, vectors.subarray(row * dimensions, (row + 1) * dimensions), metric),
    );
    const order = Array.from(found.keys()).sort((a, b) => found[a]! - found[b]! || a - b);
    order.slice(0, k).forEach((row, at) => {
      indices[query * k + at] = row;
      distances[query * k + at] = found[row]!;
    });
  }
  return { k, indices, distances };
}

function plainDistance(a: Float32Array, b: Float32Array, metric: Metric): number {
  const dot = (x: Float32Array, y: Float32Array): number =>
    x.reduce((sum, value, at) => sum + value * y[at]!, 0);
  if (metric === 'innerProduct') return -dot(a, b);
  if (metric === 'euclidean') return a.reduce((sum, value, at) => sum + (value - b[at]!) ** 2, 0);
  const lengths = Math.sqrt(dot(a, a) * dot(b, b));
  return lengths === 0 ? 1 : 1 - dot(a, b) / lengths;
}
