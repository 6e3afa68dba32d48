import type { Matrix } from '../matrix.ts';
import { lengthOf, type RowMetric } from './row-space.ts';

/** The distance of a query to a fitted row, in doubles. */
export type RowDistance = (query: number, row: number) => number;

/** Distances between queries, given later, and fitted rows, whose lengths are taken once. */
export function rowDistances(metric: RowMetric, fitted: Matrix): (queries: Matrix) => RowDistance {
  if (metric === 'euclidean') return (queries) => euclidean(queries, fitted);
  if (metric === 'dot') return (queries) => negativeProduct(queries, fitted);
  const lengths = lengthsOf(fitted);
  return (queries) => cosine(queries, fitted, lengths);
}

function euclidean(queries: Matrix, fitted: Matrix): RowDistance {
  const { columns } = fitted;
  const [left, right] = [queries.values, fitted.values];
  return (query, row) => {
    const [a, b] = [query * columns, row * columns];
    // Two sums at once: one addition need not wait for the other.
    let [even, odd] = [0, 0];
    for (let j = 1; j < columns; j += 2) {
      const first = left[a + j - 1]! - right[b + j - 1]!;
      const second = left[a + j]! - right[b + j]!;
      even += first * first;
      odd += second * second;
    }
    if (columns % 2 === 1) even += (left[a + columns - 1]! - right[b + columns - 1]!) ** 2;
    return Math.sqrt(even + odd);
  };
}

function negativeProduct(queries: Matrix, fitted: Matrix): RowDistance {
  const { columns } = fitted;
  const [left, right] = [queries.values, fitted.values];
  return (query, row) => {
    const [a, b] = [query * columns, row * columns];
    let sum = 0;
    for (let j = 0; j < columns; j++) sum += left[a + j]! * right[b + j]!;
    // Not -0, which would be another number than 0 for whoever compares bytes.
    return 0 - sum;
  };
}

/** Half the squared gap of the rows at length 1: 1 less the cosine, but 0 where they are the same. */
function cosine(queries: Matrix, fitted: Matrix, lengths: Float64Array): RowDistance {
  const { columns } = fitted;
  const [left, right] = [queries.values, fitted.values];
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
