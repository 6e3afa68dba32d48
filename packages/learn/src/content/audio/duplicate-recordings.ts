import { InvalidArgument } from '../../error.ts';
import type { SimilarPairs } from '../../text/near-duplicates.ts';
import { bitCount } from '../bit-count.ts';
import type { Fingerprint } from './fingerprint.ts';

/** Two recordings where they overlap. */
export interface FingerprintMatch {
  /** Where the second begins on the first's clock, in seconds; below 0 where it begins before it. */
  readonly offset: number;
  /** The overlap in seconds. */
  readonly seconds: number;
  /** The share of different bits in the overlap: near 0.5 between strangers. */
  readonly errorRate: number;
}

export interface MatchOptions {
  /** The most of the bits that may differ, from 0 to 0.45; 0.3 by default (Haitsma and Kalker use 0.35). */
  readonly errorRate?: number | undefined;
  /** The shortest overlap that counts, in seconds; 3 by default. */
  readonly seconds?: number | undefined;
}

export interface DuplicateRecordingsOptions extends MatchOptions {
  /** More pairs than this are refused; 10 million by default. */
  readonly most?: number | undefined;
}

/** Pairs of recordings, left before right, in their order, with the similarity 1 less the error rate. */
export interface DuplicateRecordings extends SimilarPairs {
  /** Where the right one begins on the left one's clock, in seconds. */
  readonly offset: Float64Array;
}

/**
 * Where the second recording lies in or across the first, or null where at no offset the bits agree well
 * enough. Offsets are those at which halves of 32 bits are most often the same. Throws `InvalidArgument`.
 */
export function matchFingerprints(
  first: Fingerprint,
  second: Fingerprint,
  options: MatchOptions = {},
): FingerprintMatch | null {
  const limits = requireLimits(options);
  requireSameRate([first, second]);
  const votes = new Map<number, number>();
  for (const shift of [0, 16]) {
    const places = placesOf([first.bits], (bits) => (bits >>> shift) & 0xffff);
    second.bits.forEach((bits, at) => {
      // No sound, or one that only fades in every band: true of all recordings.
      if (bits === 0 || bits === 0xffffffff) return;
      for (const place of places((bits >>> shift) & 0xffff)) vote(votes, place.at - at);
    });
  }
  return bestMatch(first, second, votes, limits);
}

/**
 * The pairs of recordings of which one lies in the other or across its end. Only recordings that share a
 * whole number of 32 bits are looked at, which of 30 seconds with a tenth of the bits wrong 80 do. Throws
 * `InvalidArgument`.
 */
export function duplicateRecordings(
  fingerprints: readonly Fingerprint[],
  options: DuplicateRecordingsOptions = {},
): DuplicateRecordings {
  const { most = 1e7 } = options;
  const limits = requireLimits(options);
  requireSameRate(fingerprints);
  const places = placesOf(
    fingerprints.map(({ bits }) => bits),
    (bits) => bits,
  );
  const found: { left: number; right: number; match: FingerprintMatch }[] = [];
  fingerprints.forEach((own, left) => {
    const others = new Map<number, Map<number, number>>();
    own.bits.forEach((bits, at) => {
      if (bits === 0 || bits === 0xffffffff) return;
      for (const place of places(bits)) {
        if (place.row <= left) continue;
        const votes = others.get(place.row) ?? new Map<number, number>();
        others.set(place.row, votes);
        vote(votes, at - place.at);
      }
    });
    for (const right of [...others.keys()].sort((a, b) => a - b)) {
      const match = bestMatch(own, fingerprints[right]!, others.get(right)!, limits);
      if (match) found.push({ left, right, match });
    }
    if (found.length > most) {
      throw new InvalidArgument('most', `is ${most}; more pairs than that are similar`);
    }
  });
  return {
    left: Int32Array.from(found, ({ left }) => left),
    right: Int32Array.from(found, ({ right }) => right),
    similarity: Float64Array.from(found, ({ match }) => 1 - match.errorRate),
    offset: Float64Array.from(found, ({ match }) => match.offset),
  };
}

interface Limits {
  readonly errorRate: number;
  readonly seconds: number;
}

function requireLimits({ errorRate = 0.3, seconds = 3 }: MatchOptions): Limits {
  if (!(errorRate >= 0 && errorRate <= 0.45)) {
    throw new InvalidArgument('errorRate', `is ${errorRate}; a number from 0 to 0.45 is allowed`);
  }
  if (!(seconds >= 0.5 && seconds < Infinity)) {
    throw new InvalidArgument('seconds', `is ${seconds}; a number from 0.5 is allowed`);
  }
  return { errorRate, seconds };
}

function requireSameRate(fingerprints: readonly Fingerprint[]): void {
  const other = fingerprints.find(({ rate }) => rate !== fingerprints[0]!.rate);
  if (other)
    throw new InvalidArgument(
      'fingerprints',
      `have rates ${fingerprints[0]!.rate} and ${other.rate}`,
    );
}

function vote(votes: Map<number, number>, offset: number): void {
  votes.set(offset, (votes.get(offset) ?? 0) + 1);
}

interface Place {
  readonly row: number;
  readonly at: number;
}

/** Where in rows of bits a key comes. */
function placesOf(rows: readonly Uint32Array[], keyOf: (bits: number) => number) {
  const places = new Map<number, Place[]>();
  rows.forEach((bits, row) => {
    bits.forEach((own, at) => {
      const key = keyOf(own);
      const list = places.get(key);
      if (list) list.push({ row, at });
      else places.set(key, [{ row, at }]);
    });
  });
  return (key: number): readonly Place[] => places.get(key) ?? [];
}

/** The best of the eight offsets with most votes and of those beside them, if it is good enough. */
function bestMatch(
  first: Fingerprint,
  second: Fingerprint,
  votes: Map<number, number>,
  limits: Limits,
): FingerprintMatch | null {
  const most = [...votes].sort(([a, m], [b, n]) => n - m || a - b).slice(0, 8);
  let best: FingerprintMatch | null = null;
  for (const offset of new Set(most.flatMap(([at]) => [at, at - 1, at + 1]))) {
    const match = matchAt(first, second, offset);
    if (match.seconds < limits.seconds || match.errorRate > limits.errorRate) continue;
    if (!best || match.errorRate < best.errorRate) best = match;
  }
  return best;
}

function matchAt(first: Fingerprint, second: Fingerprint, offset: number): FingerprintMatch {
  const from = Math.max(0, offset);
  const to = Math.min(first.bits.length, second.bits.length + offset);
  let different = 0;
  for (let at = from; at < to; at++) {
    different += bitCount(first.bits[at]! ^ second.bits[at - offset]!);
  }
  const steps = Math.max(0, to - from);
  const errorRate = steps > 0 ? different / (32 * steps) : 1;
  return { offset: offset / first.rate, seconds: steps / first.rate, errorRate };
}
