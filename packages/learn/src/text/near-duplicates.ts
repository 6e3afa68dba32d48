import { InvalidArgument } from '../error.ts';
import type { Signatures } from './min-hash.ts';
import { finishHash, mixBlock } from './unit-hash.ts';

export interface NearDuplicatesOptions {
  /**
   * Parts of a signature, of which one must be the same in both for a pair to be looked at; they divide the
   * hashes. With r numbers a part, a pair of similarity s is met with probability 1 - (1 - s^r)^bands.
   */
  readonly bands?: number | undefined;
  /** The least estimated similarity; 0.8 by default. */
  readonly threshold?: number | undefined;
  /** More pairs than this are refused, since n equal texts make n (n - 1) / 2; 10 million by default. */
  readonly most?: number | undefined;
}

/** Pairs of rows, left before right, in their order. */
export interface SimilarPairs {
  readonly left: Int32Array;
  readonly right: Int32Array;
  /** The share of equal numbers: an unbiased estimate of the Jaccard similarity. */
  readonly similarity: Float64Array;
}

/**
 * The pairs of signatures that are as similar as the threshold, among those that fall together in a band
 * (Indyk and Motwani 1998; Leskovec, Rajaraman and Ullman, Mining of Massive Datasets, 3.4). Throws
 * `InvalidArgument`.
 */
export function nearDuplicates(
  signatures: Signatures,
  options: NearDuplicatesOptions = {},
): SimilarPairs {
  const { bands = defaultBands(signatures.hashes), threshold = 0.8, most = 1e7 } = options;
  if (!(Number.isInteger(bands) && bands >= 1 && signatures.hashes % bands === 0)) {
    throw new InvalidArgument('bands', `is ${bands}; a divisor of ${signatures.hashes} is allowed`);
  }
  if (!(threshold >= 0 && threshold <= 1)) {
    throw new InvalidArgument('threshold', `is ${threshold}; a number from 0 to 1 is allowed`);
  }
  const keys = bandKeys(signatures, bands);
  const found: number[] = [];
  for (let band = 0; band < bands; band++) {
    for (const rows of buckets(keys, signatures.rows, bands, band)) {
      visitPairs(rows, keys, bands, band, (left, right) => {
        const similarity = similarityOf(signatures, left, right);
        if (similarity < threshold) return;
        if (found.length >= 3 * most) {
          throw new InvalidArgument('most', `is ${most}; more pairs than that are similar`);
        }
        found.push(left, right, similarity);
      });
    }
  }
  return sortedPairs(found);
}

/** As many bands as give four numbers to each, where four divides the hashes. */
function defaultBands(hashes: number): number {
  return hashes % 4 === 0 ? hashes / 4 : hashes;
}

/** Rows x bands: a hash of each band's numbers. */
function bandKeys({ rows, hashes, values }: Signatures, bands: number): Uint32Array {
  const keys = new Uint32Array(rows * bands);
  const width = hashes / bands;
  for (let key = 0; key < keys.length; key++) {
    let state = 0;
    for (let at = key * width; at < (key + 1) * width; at++) state = mixBlock(state, values[at]!);
    keys[key] = finishHash(state, width);
  }
  return keys;
}

/** The rows, ascending, of each key of a band that two rows or more have. */
function* buckets(keys: Uint32Array, rows: number, bands: number, band: number) {
  const order = Int32Array.from({ length: rows }, (_, row) => row);
  const keyOf = (row: number) => keys[row * bands + band]!;
  order.sort((a, b) => keyOf(a) - keyOf(b) || a - b);
  let from = 0;
  for (let at = 1; at <= rows; at++) {
    if (at < rows && keyOf(order[at]!) === keyOf(order[from]!)) continue;
    if (at - from > 1) yield order.subarray(from, at);
    from = at;
  }
}

/** The pairs that no band before this one has brought together. */
function visitPairs(
  rows: Int32Array,
  keys: Uint32Array,
  bands: number,
  band: number,
  visit: (left: number, right: number) => void,
): void {
  for (let i = 0; i < rows.length; i++) {
    for (let j = i + 1; j < rows.length; j++) {
      const [left, right] = [rows[i]!, rows[j]!];
      let before = 0;
      while (before < band && keys[left * bands + before] !== keys[right * bands + before])
        before++;
      if (before === band) visit(left, right);
    }
  }
}

function similarityOf({ hashes, values }: Signatures, left: number, right: number): number {
  let equal = 0;
  for (let at = 0; at < hashes; at++) {
    if (values[left * hashes + at] === values[right * hashes + at]) equal += 1;
  }
  return equal / hashes;
}

function sortedPairs(found: readonly number[]): SimilarPairs {
  const order = Array.from({ length: found.length / 3 }, (_, pair) => pair * 3);
  order.sort((a, b) => found[a]! - found[b]! || found[a + 1]! - found[b + 1]!);
  return {
    left: Int32Array.from(order, (at) => found[at]!),
    right: Int32Array.from(order, (at) => found[at + 1]!),
    similarity: Float64Array.from(order, (at) => found[at + 2]!),
  };
}
