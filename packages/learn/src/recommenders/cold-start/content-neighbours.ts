import { transposeSparse } from '@backlot/compute';
import type { SparseMatrix } from '../../matrix.ts';
import { insert } from '../rank-rows.ts';

/** The known items most like each added one. */
export interface ContentNeighbours {
  readonly neighbours: number;
  /** Added x neighbours, most alike first; -1 where fewer have anything in common. */
  readonly items: Int32Array;
  /** Their cosines. */
  readonly cosines: Float32Array;
}

/** By the cosine of rows of length 1, equal ones by item; only cosines above 0 count. */
export function contentNeighbours(
  known: SparseMatrix,
  added: SparseMatrix,
  neighbours: number,
): ContentNeighbours {
  const byColumn = transposeSparse(known);
  const items = new Int32Array(added.rows * neighbours).fill(-1);
  const cosines = new Float32Array(added.rows * neighbours);
  const sums = new Float64Array(known.rows);
  for (let row = 0; row < added.rows; row++) {
    for (let at = added.offsets[row]!; at < added.offsets[row + 1]!; at++) {
      const column = added.indices[at]!;
      for (let to = byColumn.offsets[column]!; to < byColumn.offsets[column + 1]!; to++) {
        sums[byColumn.indices[to]!]! += added.values[at]! * byColumn.values[to]!;
      }
    }
    const own = items.subarray(row * neighbours, (row + 1) * neighbours);
    const best = cosines.subarray(row * neighbours, (row + 1) * neighbours);
    // Places start at cosine 0, so that nothing that is not above it comes in.
    for (let item = 0; item < known.rows; item++) {
      if (sums[item]! > 1e-9) insert(own, best, item, Math.fround(sums[item]!));
      sums[item] = 0;
    }
  }
  return { neighbours, items, cosines };
}
