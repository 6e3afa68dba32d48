/** Which pieces of a text are told apart, and by how many numbers. */
export interface GramOptions {
  readonly buckets: number;
  /** The shortest and longest run of characters within a word; none when the longest is 0. */
  readonly shortest: number;
  readonly longest: number;
  /** The most words in a row that count as one piece. */
  readonly words: number;
}

/** The most pieces that are read of a text. */
const most = 2048;

/** Words of any script, as Unicode parts them; one for all texts, since making one is slow. */
const segmenter = new Intl.Segmenter('und', { granularity: 'word' });

/**
 * The pieces of a text by hash (Bojanowski et al. 2017): its words in lower case, runs of words, and runs
 * of characters within words, whose ends are marked. The same text gives the same numbers.
 */
export function hashedGrams(text: string, options: GramOptions): readonly number[] {
  const words: string[] = [];
  for (const { segment, isWordLike } of segmenter.segment(text.normalize('NFKC').toLowerCase())) {
    if (isWordLike) words.push(segment);
  }
  const found: number[] = [];
  const add = (piece: string): void => {
    if (found.length < most) found.push(hashOf(piece) % options.buckets);
  };
  words.forEach((word, at) => {
    for (let count = 1; count <= options.words && at + count <= words.length; count++) {
      add(words.slice(at, at + count).join(' '));
    }
    addRuns(`<${word}>`, options, add);
  });
  return found;
}

function addRuns(word: string, options: GramOptions, add: (piece: string) => void): void {
  const letters = Array.from(word);
  for (let length = options.shortest; length <= options.longest; length++) {
    // The whole word is a piece already.
    if (length >= letters.length) break;
    for (let at = 0; at + length <= letters.length; at++) {
      add(`\u0000${letters.slice(at, at + length).join('')}`);
    }
  }
}

/** FNV-1a over UTF-16 units, mixed once more, for its low bits are weak. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}
