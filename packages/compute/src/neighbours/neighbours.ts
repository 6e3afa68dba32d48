/** The nearest rows to each of some queries, nearest first, equal distances by row number. */
export interface Neighbours {
  readonly k: number;
  /** queries x k row numbers; a place left empty holds -1. */
  readonly indices: Int32Array;
  /** queries x k, Infinity where the place is empty. */
  readonly distances: Float32Array;
}
