import { seededRandom } from '@backlot/core';
import { InvalidArgument } from '../error.ts';
import { hashCharacters } from './terms.ts';
import { normalise, wordsOf } from './tokenise.ts';
import { finishHash, hashUnits, mixBlock } from './unit-hash.ts';

export interface MinHashOptions {
  /** Numbers of a signature; 128 by default. The estimate's deviation is sqrt(J (1 - J) / hashes). */
  readonly hashes?: number | undefined;
  /** Words, or characters, of a shingle; 3 words or 5 characters by default. */
  readonly shingle?: number | undefined;
  /** What a text is the set of; words by default. */
  readonly of?: 'words' | 'characters' | undefined;
  readonly locale?: string | undefined;
  readonly seed?: number | undefined;
}

/** The smallest hashes of each text's shingles. */
export interface Signatures {
  readonly rows: number;
  readonly hashes: number;
  /** rows x hashes. */
  readonly values: Uint32Array;
}

/**
 * Signatures by which the Jaccard similarity of two texts' sets of shingles is told: each number is the same
 * in both with that probability (Broder 1997). A text of fewer words than a shingle is one shingle, and a
 * text without any is the empty set, the same as all other such texts. Throws `InvalidArgument`.
 *
 * @example
 * const { left, right, similarity } = nearDuplicates(minHash(texts), { threshold: 0.8 });
 */
export function minHash(texts: readonly string[], options: MinHashOptions = {}): Signatures {
  const { hashes = 128, of = 'words', locale = 'und', seed = 0 } = options;
  const { shingle = of === 'words' ? 3 : 5 } = options;
  checkWhole('hashes', hashes, 4096);
  checkWhole('shingle', shingle, 100);
  const family = hashFamily(hashes, seed);
  const values = new Uint32Array(texts.length * hashes).fill(0xffffffff);
  texts.forEach((text, row) => {
    const own = values.subarray(row * hashes, (row + 1) * hashes);
    const seen = new Set<number>();
    visitShingles(normalise(text, locale), shingle, of, locale, (hash) => seen.add(hash));
    for (const hash of seen) lower(own, family, hash);
  });
  return { rows: texts.length, hashes, values };
}

function checkWhole(name: string, value: number, most: number): void {
  if (Number.isInteger(value) && value >= 1 && value <= most) return;
  throw new InvalidArgument(name, `is ${value}; a whole number from 1 to ${most} is allowed`);
}

interface HashFamily {
  readonly factors: Int32Array;
  readonly terms: Int32Array;
}

function hashFamily(hashes: number, seed: number): HashFamily {
  const random = seededRandom(seed);
  // Odd factors keep the hashes one to one, so that no two shingles fall together in one of them alone.
  const factors = Int32Array.from({ length: hashes }, () => random.uint32() | 1);
  return { factors, terms: Int32Array.from({ length: hashes }, () => random.uint32() | 0) };
}

function lower(own: Uint32Array, { factors, terms }: HashFamily, hash: number): void {
  for (let i = 0; i < own.length; i++) {
    let h = (Math.imul(factors[i]!, hash) + terms[i]!) | 0;
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    const value = (h ^ (h >>> 16)) >>> 0;
    if (value < own[i]!) own[i] = value;
  }
}

function visitShingles(
  normal: string,
  shingle: number,
  of: 'words' | 'characters',
  locale: string,
  visit: (hash: number) => void,
): void {
  if (of === 'characters') {
    // One chunk: shingles run over spaces, which an unlikely character stands for.
    const text = normal.trim().replace(/\s+/g, '\u0000');
    if (text !== '') hashCharacters(text, shingle, shingle, 0, visit);
    return;
  }
  const words = wordsOf(normal, locale);
  const hashes = words.map((one) => hashUnits(one, 0, one.length, 0));
  const length = Math.min(shingle, words.length);
  if (length === 0) return;
  for (let at = 0; at + length <= hashes.length; at++) {
    let state = 0;
    for (let word = at; word < at + length; word++) state = mixBlock(state, hashes[word]!);
    visit(finishHash(state, length));
  }
}
