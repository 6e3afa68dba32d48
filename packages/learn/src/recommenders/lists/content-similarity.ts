import type { Matrix, SparseMatrix } from '../../matrix.ts';
import type { Similarity } from './scored-list.ts';

/**
 * The cosine of the rows of two items: their factors, categories or words. An item whose row is all zeros is
 * like itself alone.
 */
export function contentSimilarity(rows: Matrix | SparseMatrix): Similarity {
  const product = 'offsets' in rows ? sparseProduct(rows) : denseProduct(rows);
  const lengths = Float64Array.from({ length: rows.rows }, (_, row) =>
    Math.sqrt(product(row, row)),
  );
  return (item, other) => {
    if (item === other) return 1;
    const scale = lengths[item]! * lengths[other]!;
    return scale > 0 ? product(item, other) / scale : 0;
  };
}

function denseProduct({ columns, values }: Matrix): Similarity {
  return (item, other) => {
    let sum = 0;
    for (let k = 0; k < columns; k++) {
      sum += values[item * columns + k]! * values[other * columns + k]!;
    }
    return sum;
  };
}

function sparseProduct({ offsets, indices, values }: SparseMatrix): Similarity {
  return (item, other) => {
    let [a, b, sum] = [offsets[item]!, offsets[other]!, 0];
    const [lastA, lastB] = [offsets[item + 1]!, offsets[other + 1]!];
    while (a < lastA && b < lastB) {
      if (indices[a] === indices[b]) sum += values[a++]! * values[b++]!;
      else if (indices[a]! < indices[b]!) a++;
      else b++;
    }
    return sum;
  };
}
