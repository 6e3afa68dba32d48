import type { ParametersOf } from '../constraint.ts';
import { InvalidParameter } from '../error.ts';
import type { ExamplesSize } from '../tabular-kind.ts';
import { normalise, wordsOf } from './tokenise.ts';
import { finishHash, hashUnits, mixBlock } from './unit-hash.ts';

/** The hyper-parameters that say what terms a text is made of. */
export const termConstraints = {
  terms: {
    type: 'choice',
    options: ['words', 'characters', 'both'],
    default: 'words',
    summary: 'Runs of words, or of characters within what spaces part, or both.',
  },
  wordsTo: {
    type: 'integer',
    min: 1,
    max: 5,
    default: 1,
    summary: 'The most words of a run; all shorter runs are terms too.',
  },
  charactersFrom: {
    type: 'integer',
    min: 1,
    max: 8,
    default: 3,
    summary: 'The fewest characters of a run.',
  },
  charactersTo: {
    type: 'integer',
    min: 1,
    max: 8,
    default: 5,
    summary: 'The most characters of a run.',
  },
  locale: {
    type: 'choice',
    options: ['und', 'az', 'el', 'en', 'fi', 'ja', 'lt', 'sv', 'th', 'tr', 'zh'],
    default: 'und',
    summary: 'The language, where letters are made small or words told apart by its own rules.',
  },
} as const;

export type TermOptions = ParametersOf<typeof termConstraints>;

/** Throws `InvalidParameter` where the longest run of characters is shorter than the shortest. */
export function checkTerms(kind: string, { charactersFrom, charactersTo }: TermOptions): void {
  if (charactersFrom <= charactersTo) return;
  const reason = `is ${charactersTo}, less than charactersFrom, which is ${charactersFrom}`;
  throw new InvalidParameter(kind, 'charactersTo', reason);
}

/** The size of rows of terms: a text of n characters has no more runs of each length than n and its ends. */
export function madeOfTerms(
  size: ExamplesSize,
  { terms, wordsTo, charactersFrom, charactersTo }: TermOptions,
  columns: number,
): ExamplesSize {
  const words = terms === 'characters' ? 0 : wordsTo;
  const characters = terms === 'words' ? 0 : charactersTo - charactersFrom + 1;
  const most = (words + 3 * characters) * (size.stored + size.rows);
  return { ...size, columns, stored: Math.min(most, size.rows * columns) };
}

/** Calls for every run of words of a normalised text, as often as it occurs in it. */
export function wordTerms(
  normal: string,
  { locale, wordsTo }: TermOptions,
  visit: (term: string) => void,
): void {
  const words = wordsOf(normal, locale);
  for (const one of words) visit(one);
  for (let length = 2; length <= wordsTo; length++) {
    for (let at = 0; at + length <= words.length; at++) {
      visit(words.slice(at, at + length).join(' '));
    }
  }
}

/**
 * Calls for every run of code points of what stands between spaces, a space before and behind it, with that
 * text and where the run is in it.
 */
export function characterTerms(
  chunk: string,
  { charactersFrom, charactersTo }: TermOptions,
  visit: (text: string, from: number, to: number) => void,
): void {
  const text = ` ${chunk} `;
  const places = /[\ud800-\udfff]/.test(chunk) ? pointPlaces(text) : undefined;
  const size = places ? places.length - 1 : text.length;
  if (size < charactersFrom) visit(text, 0, text.length);
  for (let length = charactersFrom; length <= Math.min(charactersTo, size); length++) {
    for (let at = 0; at + length <= size; at++) {
      if (places) visit(text, places[at]!, places[at + length]!);
      else visit(text, at, at + length);
    }
  }
}

/** Where each code point begins, and the end. */
function pointPlaces(text: string): readonly number[] {
  const places = [0];
  for (const point of text) places.push(places.at(-1)! + point.length);
  return places;
}

/**
 * Calls with the hash of every term of a text, as often as it occurs in it; no string is made of a term.
 * Runs of characters count UTF-16 units here.
 */
export function visitHashes(
  text: string,
  options: TermOptions,
  salt: number,
  visit: (hash: number) => void,
): void {
  const normal = normalise(text, options.locale);
  if (options.terms !== 'characters') {
    visitWordHashes(wordsOf(normal, options.locale), options.wordsTo, salt, visit);
  }
  if (options.terms === 'words') return;
  // Another seed than for words: the word `at` and the characters `at` are two terms.
  hashCharacters(normal, options.charactersFrom, options.charactersTo, ~salt, visit);
}

/** The hashes of all runs of 1 to so many words. */
function visitWordHashes(
  words: readonly string[],
  most: number,
  salt: number,
  visit: (hash: number) => void,
): void {
  const hashes = words.map((one) => hashUnits(one, 0, one.length, salt));
  for (let at = 0; at < hashes.length; at++) {
    visit(hashes[at]!);
    let state = mixBlock(salt, hashes[at]!);
    for (let length = 2; length <= Math.min(most, hashes.length - at); length++) {
      state = mixBlock(state, hashes[at + length - 1]!);
      visit(finishHash(state, length));
    }
  }
}

/** The hashes of the runs of units within each chunk between spaces, a space before and behind it. */
export function hashCharacters(
  normal: string,
  shortest: number,
  longest: number,
  seed: number,
  visit: (hash: number) => void,
): void {
  for (const chunk of normal.split(/\s+/)) {
    if (chunk === '') continue;
    const text = ` ${chunk} `;
    if (text.length < shortest) visit(hashUnits(text, 0, text.length, seed));
    for (let from = 0; from < text.length; from++) {
      let state = seed | 0;
      const most = Math.min(longest, text.length - from);
      for (let length = 1; length <= most; length++) {
        state = mixBlock(state, text.charCodeAt(from + length - 1));
        if (length >= shortest) visit(finishHash(state, length));
      }
    }
  }
}
