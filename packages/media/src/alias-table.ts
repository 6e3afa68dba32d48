/**
 * Walker's alias method (1977, built as Vose 1991 does): a weighted draw among n in constant time.
 * The arrays are handed in, so that thousands of tables can share one allocation.
 */
export interface AliasTable {
  /** Where the table begins in both arrays. */
  readonly start: number;
  readonly size: number;
  /** The chance to stay at a place rather than to go to its alias. */
  readonly stay: Float32Array;
  /** Places within the table. */
  readonly alias: Int32Array;
}

/** A table of its own for some weights. */
export function createAliasTable(weights: Float64Array): AliasTable {
  const table: AliasTable = {
    start: 0,
    size: weights.length,
    stay: new Float32Array(weights.length),
    alias: new Int32Array(weights.length),
  };
  fillAliasTable(table, weights, new Int32Array(weights.length));
  return table;
}

/**
 * Fills a table from its weights, the first `size` of an array that is overwritten, and answers
 * their sum. A sum of 0 leaves a table that must not be drawn from. `stack` holds at least `size`.
 */
export function fillAliasTable(
  table: AliasTable,
  weights: Float64Array,
  stack: Int32Array,
): number {
  const { start, size, stay, alias } = table;
  let total = 0;
  for (let place = 0; place < size; place++) total += weights[place]!;
  if (total === 0) return 0;
  // Small places stack up from the left and large ones from the right.
  let small = 0;
  let large = size;
  for (let place = 0; place < size; place++) {
    const scaled = (weights[place]! * size) / total;
    weights[place] = scaled;
    if (scaled < 1) stack[small++] = place;
    else stack[--large] = place;
  }
  while (small > 0 && large < size) {
    const under = stack[--small]!;
    const over = stack[large]!;
    stay[start + under] = weights[under]!;
    alias[start + under] = over;
    weights[over] = weights[over]! + weights[under]! - 1;
    if (weights[over]! < 1) {
      large++;
      stack[small++] = over;
    }
  }
  // What is left differs from 1 by rounding alone.
  while (small > 0) stay[start + stack[--small]!] = 1;
  while (large < size) stay[start + stack[large++]!] = 1;
  return total;
}

/** Draws a place within the table; `uniform` is in [0, 1). */
export function drawAlias(table: AliasTable, uniform: number): number {
  const scaled = uniform * table.size;
  const place = scaled | 0;
  const at = table.start + place;
  return scaled - place < table.stay[at]! ? place : table.alias[at]!;
}
