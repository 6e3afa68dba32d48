import { InvalidArgument } from '../../error.ts';
import type { SimilarPairs } from '../../text/near-duplicates.ts';
import { bitCount } from '../bit-count.ts';

export interface NearDuplicateImagesOptions {
  /** The most bits in which two hashes may differ, from 0 to 15; 10 by default. */
  readonly distance?: number | undefined;
  /** More pairs than this are refused, since n equal pictures make n (n - 1) / 2; 10 million by default. */
  readonly most?: number | undefined;
}

/**
 * All pairs of perceptual hashes that differ in at most `distance` bits; a pair's similarity is the share of
 * equal bits. None is missed: of four parts of 16 bits one differs in at most a quarter of the distance, so
 * each hash looks up its own parts and those so near to them (Norouzi, Punjani and Fleet 2012), not all other
 * hashes. Throws `InvalidArgument`.
 */
export function nearDuplicateImages(
  hashes: readonly Uint8Array[],
  options: NearDuplicateImagesOptions = {},
): SimilarPairs {
  const { distance = 10, most = 1e7 } = options;
  if (!(Number.isInteger(distance) && distance >= 0 && distance <= 15)) {
    throw new InvalidArgument('distance', `is ${distance}; 0 to 15 is allowed`);
  }
  hashes.forEach((hash, row) => {
    if (hash.length === 8) return;
    throw new InvalidArgument('hashes', `has ${hash.length} bytes in row ${row}; 8 are allowed`);
  });
  const found: number[] = [];
  const words = wordsOf(hashes);
  const near = nearbyMasks(Math.floor(distance / 4));
  const tables = Array.from({ length: 4 }, (_, part) => rowsByPart(words, part));
  for (let left = 0; left < hashes.length; left++) {
    const rows = new Set<number>();
    tables.forEach((table, part) => {
      addNear(table, words, left, partOf(words, left, part), near, distance, rows);
    });
    if (found.length / 2 + rows.size > most) {
      throw new InvalidArgument('most', `is ${most}; more pairs than that are similar`);
    }
    for (const right of [...rows].sort((a, b) => a - b)) found.push(left, right);
  }
  return pairsOf(found, words);
}

/** Two numbers of 32 bits for each hash. */
function wordsOf(hashes: readonly Uint8Array[]): Int32Array {
  const bytes = new Uint8Array(8 * hashes.length);
  hashes.forEach((hash, row) => {
    bytes.set(hash, 8 * row);
  });
  const view = new DataView(bytes.buffer);
  return Int32Array.from({ length: 2 * hashes.length }, (_, at) => view.getInt32(4 * at));
}

/** Adds the rows after `left` that are within the distance and have a part as near as a mask. */
function addNear(
  { starts, rows }: PartTable,
  words: Int32Array,
  left: number,
  own: number,
  near: Int32Array,
  distance: number,
  found: Set<number>,
): void {
  for (let k = 0; k < near.length; k++) {
    const key = own ^ near[k]!;
    for (let at = starts[key]!; at < starts[key + 1]!; at++) {
      const row = rows[at]!;
      if (row > left && distanceOf(words, left, row) <= distance) found.add(row);
    }
  }
}

function distanceOf(words: Int32Array, a: number, b: number): number {
  const first = bitCount(words[2 * a]! ^ words[2 * b]!);
  return first + bitCount(words[2 * a + 1]! ^ words[2 * b + 1]!);
}

function partOf(words: Int32Array, row: number, part: number): number {
  return (words[2 * row + (part >> 1)]! >>> (part & 1 ? 0 : 16)) & 0xffff;
}

/** All numbers of 16 bits with at most so many ones. */
function nearbyMasks(ones: number): Int32Array {
  let masks = [0];
  for (let round = 0; round < ones; round++) {
    const more = masks.flatMap((mask) => [
      mask,
      ...Array.from({ length: 16 }, (_, k) => mask | (1 << k)),
    ]);
    masks = [...new Set(more)];
  }
  return Int32Array.from(masks);
}

/** The rows of each value of a part, ascending, from `starts[value]` to `starts[value + 1]`. */
interface PartTable {
  readonly starts: Int32Array;
  readonly rows: Int32Array;
}

function rowsByPart(words: Int32Array, part: number): PartTable {
  const starts = new Int32Array(65537);
  const rows = new Int32Array(words.length / 2);
  for (let row = 0; row < rows.length; row++) starts[partOf(words, row, part) + 1]! += 1;
  for (let value = 0; value < 65536; value++) starts[value + 1]! += starts[value]!;
  const next = starts.slice(0, 65536);
  for (let row = 0; row < rows.length; row++) rows[next[partOf(words, row, part)]!++] = row;
  return { starts, rows };
}

function pairsOf(found: readonly number[], words: Int32Array): SimilarPairs {
  const left = Int32Array.from({ length: found.length / 2 }, (_, pair) => found[2 * pair]!);
  const right = Int32Array.from(left, (_, pair) => found[2 * pair + 1]!);
  const share = (row: number, pair: number): number =>
    1 - distanceOf(words, row, right[pair]!) / 64;
  return { left, right, similarity: Float64Array.from(left, share) };
}
