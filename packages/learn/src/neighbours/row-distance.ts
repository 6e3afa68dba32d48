import type { Matrix } from '../matrix.ts';
import { lengthOf, type RowMetric } from './row-space.ts';

/** The distance of a query to a fitted row, in doubles. */
export type RowDistance = (query: number, row: number) => number;

/** The distance between rows of two matrices. */
export function rowDistance(metric: RowMetric, queries: Matrix, fitted: Matrix): RowDistance {
  const { columns } = fitted;
  const [left, right] = [queries.values, fitted.values];
  if (metric === 'euclidean') {
    return (query, row) => {
      const [a, b] = [query * columns, row * columns];
      let sum = 0;
      for (let j = 0; j < columns; j++) {
        const gap = left[a + j]! - right[b + j]!;
        sum += gap * gap;
      }
      return Math.sqrt(sum);
    };
  }
  if (metric === 'cosine') return cosineDistance(queries, fitted);
  return (query, row) => {
    const [a, b] = [query * columns, row * columns];
    let sum = 0;
    for (let j = 0; j < columns; j++) sum += left[a + j]! * right[b + j]!;
    // Not -0, which would be another number than 0 for whoever compares bytes.
    return 0 - sum;
  };
}

/** Half the squared gap of the rows at length 1: 1 less the cosine, but 0 where they are the same. */
function cosineDistance(queries: Matrix, fitted: Matrix): RowDistance {
  const { columns } = fitted;
  const [left, right] = [queries.values, fitted.values];
  const lengths = lengthsOf(fitted);
  const own = queries === fitted ? lengths : lengthsOf(queries);
  return (query, row) => {
    const [a, b] = [query * columns, row * columns];
    const [p, q] = [own[query]!, lengths[row]!];
    if (p === 0 || q === 0) return 1;
    let sum = 0;
    for (let j = 0; j < columns; j++) {
      const gap = left[a + j]! / p - right[b + j]! / q;
      sum += gap * gap;
    }
    return sum / 2;
  };
}

function lengthsOf({ columns, rows, values }: Matrix): Float64Array {
  return Float64Array.from({ length: rows }, (_, row) => lengthOf(values, row * columns, columns));
}
