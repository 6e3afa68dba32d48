import { seededRandom } from '@backlot/core';
import type { SparseMatrix } from './sparse-matrix.ts';

/** A seeded sparse matrix of normal numbers, and the same written out. */
export function randomSparse(
  rows: number,
  columns: number,
  density: number,
  seed: number,
): {
  readonly sparse: SparseMatrix & { readonly values: Float64Array };
  readonly dense: {
    readonly rows: number;
    readonly columns: number;
    readonly values: Float64Array;
  };
} {
  const random = seededRandom(seed);
  const values = new Float64Array(rows * columns);
  const [indices, held]: [number[], number[]] = [[], []];
  const offsets = new Int32Array(rows + 1);
  for (let at = 0; at < values.length; at++) {
    if (random.uniform() < density) {
      values[at] = random.normal();
      indices.push(at % columns);
      held.push(values[at]!);
    }
    offsets[Math.floor(at / columns) + 1] = held.length;
  }
  const sparse = { rows, columns, offsets, indices: Int32Array.from(indices) };
  return {
    sparse: { ...sparse, values: Float64Array.from(held) },
    dense: { rows, columns, values },
  };
}
