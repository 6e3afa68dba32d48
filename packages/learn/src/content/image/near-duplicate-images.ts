import { InvalidArgument } from '../../error.ts';
import type { SimilarPairs } from '../../text/near-duplicates.ts';
import { hammingDistance } from './perceptual-hash.ts';

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
  const near = nearbyMasks(Math.floor(distance / 4));
  const tables = Array.from({ length: 4 }, (_, part) => rowsByPart(hashes, part));
  const found: number[] = [];
  hashes.forEach((hash, left) => {
    const rows = new Set<number>();
    tables.forEach(({ starts, rows: all }, part) => {
      const own = partOf(hash, part);
      for (const mask of near) {
        const key = own ^ mask;
        for (let at = starts[key]!; at < starts[key + 1]!; at++) {
          if (all[at]! > left && hammingDistance(hash, hashes[all[at]!]!) <= distance) {
            rows.add(all[at]!);
          }
        }
      }
    });
    if (found.length / 2 + rows.size > most) {
      throw new InvalidArgument('most', `is ${most}; more pairs than that are similar`);
    }
    for (const right of [...rows].sort((a, b) => a - b)) found.push(left, right);
  });
  return pairsOf(found, hashes);
}

function partOf(hash: Uint8Array, part: number): number {
  return (hash[2 * part]! << 8) | hash[2 * part + 1]!;
}

/** All numbers of 16 bits with at most so many ones. */
function nearbyMasks(ones: number): readonly number[] {
  let masks = [0];
  for (let round = 0; round < ones; round++) {
    const more = masks.flatMap((mask) => [
      mask,
      ...Array.from({ length: 16 }, (_, k) => mask | (1 << k)),
    ]);
    masks = [...new Set(more)];
  }
  return masks;
}

/** The rows of each value of a part, ascending, from `starts[value]` to `starts[value + 1]`. */
function rowsByPart(hashes: readonly Uint8Array[], part: number) {
  const starts = new Int32Array(65537);
  for (const hash of hashes) starts[partOf(hash, part) + 1]! += 1;
  for (let value = 0; value < 65536; value++) starts[value + 1]! += starts[value]!;
  const next = starts.slice(0, 65536);
  const rows = new Int32Array(hashes.length);
  hashes.forEach((hash, row) => {
    rows[next[partOf(hash, part)]!++] = row;
  });
  return { starts, rows };
}

function pairsOf(found: readonly number[], hashes: readonly Uint8Array[]): SimilarPairs {
  const pairs = found.length / 2;
  const left = Int32Array.from({ length: pairs }, (_, pair) => found[2 * pair]!);
  const right = Int32Array.from({ length: pairs }, (_, pair) => found[2 * pair + 1]!);
  const similarity = Float64Array.from(
    { length: pairs },
    (_, pair) => 1 - hammingDistance(hashes[left[pair]!]!, hashes[right[pair]!]!) / 64,
  );
  return { left, right, similarity };
}
