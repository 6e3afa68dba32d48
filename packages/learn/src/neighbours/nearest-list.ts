/** The nearest rows found, by queries; k of each, nearest first, equal distances by row number. */
export interface FoundRows {
  readonly k: number;
  /** queries x k row numbers; -1 where fewer were found. */
  readonly indices: Int32Array;
  /** queries x k, Infinity where there is none. */
  readonly distances: Float64Array;
}

/** Places for what is found. */
export function emptyFound(queries: number, k: number): FoundRows {
  return {
    k,
    indices: new Int32Array(queries * k).fill(-1),
    distances: new Float64Array(queries * k).fill(Infinity),
  };
}

/** Puts a row in its place among the k best of a query that begin at `from`, or leaves it out. */
export function offer(found: FoundRows, from: number, distance: number, row: number): void {
  const { distances, indices } = found;
  let at = from + found.k - 1;
  if (!precedes(distance, row, distances[at]!, indices[at]!)) return;
  for (; at > from && precedes(distance, row, distances[at - 1]!, indices[at - 1]!); at--) {
    distances[at] = distances[at - 1]!;
    indices[at] = indices[at - 1]!;
  }
  distances[at] = distance;
  indices[at] = row;
}

function precedes(distance: number, row: number, other: number, at: number): boolean {
  return distance < other || (distance === other && (row < at || at < 0));
}
