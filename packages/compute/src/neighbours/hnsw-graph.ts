/**
 * A hierarchical navigable small world over the rows of a matrix, as plain data: what is in it depends on
 * the vectors, the options and the seed alone.
 */
export interface HnswGraph {
  readonly rows: number;
  readonly dimensions: number;
  /** Links that a row chooses on a level; it holds at most 2 m on the ground and m above. */
  readonly m: number;
  readonly efConstruction: number;
  readonly seed: number;
  /** rows x dimensions. */
  readonly vectors: Float32Array;
  readonly coding: Coding;
  /** The highest level of each row. */
  readonly levels: Uint8Array;
  /** rows x 2 m row numbers, -1 where a row has fewer. */
  readonly links: Int32Array;
  /** One list of m for each level above the ground of each row, by rows, then by levels. */
  readonly upperLinks: Int32Array;
  /** The row where searches begin: the first of the highest level. */
  readonly entry: number;
}

/** How vectors become small whole numbers: nearest((value - shift) * scale), cut at the limit. */
export interface Coding {
  /** Of a code: 1 or 2. */
  readonly bytes: 1 | 2;
  /** For each column, its mean when the graph was first built. */
  readonly shifts: Float32Array;
  readonly scale: number;
  readonly limit: number;
  /** Codes of a query may go further. */
  readonly queryLimit: number;
}

const maxSum = 2 ** 31 - 1;
/** Vectors further out than so many standard deviations do not coarsen the codes of all others. */
const maxDeviations = 8;

/** The coding of rows x dimensions floats: no sum of squared differences of codes passes an i32. */
export function codingOf(vectors: Float32Array, dimensions: number, bytes: 1 | 2): Coding {
  const rows = vectors.length / dimensions;
  const shifts = meansOf(vectors, dimensions);
  let largest = 0;
  let squares = 0;
  for (let row = 0, at = 0; row < rows; row++) {
    for (let column = 0; column < dimensions; column++, at++) {
      const off = Math.abs(vectors[at]! - shifts[column]!);
      largest = off > largest ? off : largest;
      squares += off * off;
    }
  }
  const range = Math.min(largest, maxDeviations * Math.sqrt(squares / vectors.length));
  const limits = limitsOf(bytes, dimensions);
  return { bytes, shifts, scale: Math.fround(range > 0 ? limits.limit / range : 1), ...limits };
}

function limitsOf(
  bytes: 1 | 2,
  dimensions: number,
): { readonly limit: number; readonly queryLimit: number } {
  const furthest = Math.sqrt(maxSum / dimensions);
  const limit = Math.floor(Math.min(bytes === 1 ? 127 : 16383, furthest / 2));
  return { limit, queryLimit: Math.floor(Math.min(furthest, 32767)) - limit };
}

/** The coding of the same range in one byte. */
export function narrowed(coding: Coding, dimensions: number): Coding {
  const limits = limitsOf(1, dimensions);
  const scale = Math.fround((coding.scale * limits.limit) / coding.limit);
  return { bytes: 1, shifts: coding.shifts, scale, ...limits };
}

function meansOf(vectors: Float32Array, dimensions: number): Float32Array {
  const sums = new Float64Array(dimensions);
  for (let at = 0; at < vectors.length; ) {
    for (let column = 0; column < dimensions; column++, at++) sums[column]! += vectors[at]!;
  }
  return Float32Array.from(sums, (sum) => (sum * dimensions) / vectors.length);
}

const maxLevel = 15;

/** The level of a row, from its own number and the seed: P(level >= l) = m^-l. */
export function levelOf(seed: number, row: number, m: number): number {
  const high = Math.floor(seed / 2 ** 32);
  let hash = mixed(mixed(mixed(seed >>> 0) ^ high) ^ row);
  hash = hash * 2 ** 21 + (mixed(hash ^ 0x9e3779b9) >>> 11);
  const uniform = (hash + 1) / 2 ** 53;
  return Math.min(maxLevel, Math.floor(-Math.log(uniform) / Math.log(m)));
}

/** A bijection of 32 bits that spreads close numbers (the finaliser of MurmurHash3). */
function mixed(value: number): number {
  let h = value ^ (value >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** For each row the number of its first list in `upperLinks`, and at the end how many there are. */
export function upperStarts(levels: Uint8Array): Int32Array {
  const starts = new Int32Array(levels.length + 1);
  for (let row = 0; row < levels.length; row++) starts[row + 1] = starts[row]! + levels[row]!;
  return starts;
}
