import { nearest } from '@backlot/compute';
import { throwIfCancelled } from '@backlot/core';
import type { Matrix } from '../matrix.ts';
import { turn } from '../recommenders/rank-rows.ts';
import type { ApplyOptions } from '../tabular-kind.ts';
import { emptyFound, type FoundRows, offer } from './nearest-list.ts';
import { type RowDistance, rowDistances } from './row-distance.ts';
import { floatsOfQueries, floatsOfRows, isWhole, lengthOf, type RowSpace } from './row-space.ts';

/** Candidates beyond k that floats find, so that their rounding seldom leaves the proof open. */
const spare = 16;
/** Half the distance from 1 to the next float. */
const rounding = 2 ** -24;
/** Queries between two looks at the signal. */
const batchRows = 256;

/**
 * The k nearest rows by distances in doubles, equal ones by row. Floats find candidates; that no other row
 * is nearer follows from a bound on their rounding, and where it does not, all rows are looked at.
 */
export async function findExact(
  fitted: Matrix,
  space: RowSpace,
  queries: Matrix,
  k: number,
  options: ApplyOptions,
): Promise<FoundRows> {
  const { columns, rows } = fitted;
  const count = Math.min(rows, k + spare);
  const floats = floatsOfRows(space, fitted);
  const asked = floatsOfQueries(space, queries);
  const metric = space.metric === 'euclidean' ? 'euclidean' : 'innerProduct';
  const query = { dimensions: columns, k: count, metric } as const;
  const candidates = await nearest(floats, asked.floats, query, sessionOptions(options));
  const found = emptyFound(queries.rows, k);
  const distance = rowDistances(space.metric, fitted)(queries);
  const proof = new RoundingProof(space, floats, columns);
  for (let at = 0; at < queries.rows; at++) {
    if (at % batchRows === 0) {
      throwIfCancelled(options.signal, 'the search');
      await turn();
    }
    const last = (at + 1) * count - 1;
    for (let place = at * count; place <= last; place++) {
      const row = candidates.indices[place]!;
      if (row >= 0) offer(found, at * k, distance(at, row), row);
    }
    const own = asked.floats.subarray(at * columns, (at + 1) * columns);
    const worst = found.distances[at * k + k - 1]!;
    const limit = { worst: candidates.distances[last]!, full: candidates.indices[last]! >= 0 };
    if (limit.full && (count === rows || proof.holds(own, limit.worst, worst, asked.scales[at]!))) {
      continue;
    }
    lookAtAll(found, at, rows, distance);
  }
  return found;
}

/** The options of a session of kernels. */
export function sessionOptions({ threads, signal }: ApplyOptions): {
  readonly threads?: number;
  readonly signal?: AbortSignal;
} {
  return { ...(threads !== undefined && { threads }), ...(signal && { signal }) };
}

function lookAtAll(found: FoundRows, query: number, rows: number, distance: RowDistance): void {
  const from = query * found.k;
  found.indices.fill(-1, from, from + found.k);
  found.distances.fill(Infinity, from, from + found.k);
  for (let row = 0; row < rows; row++) offer(found, from, distance(query, row), row);
}

/** Whether rows that floats place behind a candidate are farther than the k-th, by their rounding at most. */
class RoundingProof {
  readonly #space: RowSpace;
  readonly #longest: number;
  readonly #sum: number;

  constructor(space: RowSpace, floats: Float32Array, columns: number) {
    this.#space = space;
    // A sum of so many products of rounded numbers, with a little for the terms of second order.
    this.#sum = 1.01 * (columns + 5) * rounding;
    let longest = 0;
    for (let from = 0; from < floats.length; from += columns) {
      longest = Math.max(longest, lengthOf(floats, from, columns));
    }
    this.#longest = longest;
  }

  /** `last` is the floats' distance of the last candidate, `worst` the k-th distance in doubles. */
  holds(query: Float32Array, last: number, worst: number, scale: number): boolean {
    const { metric, whole } = this.#space;
    // Sums of whole numbers below 2^24 are exact, and floats order them as doubles do.
    if (whole && last < 2 ** 23 && query.every(isWhole)) return true;
    const length = lengthOf(query, 0, query.length);
    // A cut query is not the query.
    if (!(length < 1e15)) return false;
    if (metric === 'euclidean') {
      const moved = 1.01 * rounding * (length + this.#longest) + 1e-18;
      return Math.sqrt(last * (1 - this.#sum)) - moved > worst * scale;
    }
    const least = last - this.#sum * length * this.#longest - 1e-18;
    if (metric === 'cosine') return least > worst - 1;
    return least > worst * scale * this.#space.scale;
  }
}
