import { characterTerms, type TermOptions } from './terms.ts';

/**
 * Chunks that are remembered, and their most units; beyond that all are forgotten, so that memory has a
 * bound. A chunk of a language without spaces is a whole sentence, which hardly comes again.
 */
const mostChunks = 100_000;
const mostUnits = 64;

/**
 * The runs of characters of texts by a number that is given for each run. Few chunks between spaces make up
 * most of any text, so that what a chunk's runs are is remembered.
 */
export class ChunkTerms {
  readonly #options: TermOptions;
  readonly #numberOf: (text: string, from: number, to: number) => number;
  readonly #known = new Map<string, Int32Array>();

  /** `numberOf` gives the same number for the same run, -1 for one that does not count. */
  constructor(options: TermOptions, numberOf: (text: string, from: number, to: number) => number) {
    this.#options = options;
    this.#numberOf = numberOf;
  }

  /** Calls with the number of every run of a normalised text, as often as it occurs in it. */
  visit(normal: string, visit: (number: number) => void): void {
    for (const chunk of normal.split(/\s+/)) {
      if (chunk === '') continue;
      const numbers = this.#known.get(chunk) ?? this.#read(chunk);
      for (let at = 0; at < numbers.length; at++) visit(numbers[at]!);
    }
  }

  #read(chunk: string): Int32Array {
    const numbers: number[] = [];
    characterTerms(chunk, this.#options, (text, from, to) => {
      const number = this.#numberOf(text, from, to);
      if (number >= 0) numbers.push(number);
    });
    const kept = Int32Array.from(numbers);
    if (chunk.length > mostUnits) return kept;
    if (this.#known.size === mostChunks) this.#known.clear();
    this.#known.set(chunk, kept);
    return kept;
  }
}
