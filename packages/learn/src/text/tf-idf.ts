import type { ParametersOf } from '../constraint.ts';
import { InvalidExamples, InvalidModel } from '../error.ts';
import { featuresAs } from '../features.ts';
import type { FitOptions } from '../fit-options.ts';
import { factOf, float64, type TabularModel, tensorOf } from '../fitted-model.ts';
import { type Specification, specify } from '../specification.ts';
import type { TabularKind } from '../tabular-kind.ts';
import { ChunkTerms } from './chunk-terms.ts';
import { eachText } from './each-text.ts';
import { SparseRows } from './sparse-rows.ts';
import { TermTable } from './term-table.ts';
import { checkTerms, madeOfTerms, type TermOptions, termConstraints, wordTerms } from './terms.ts';
import { normalise } from './tokenise.ts';

const ownConstraints = {
  leastTexts: {
    type: 'integer',
    min: 1,
    max: 1e9,
    default: 1,
    summary: 'Terms in fewer texts are left out.',
  },
  mostShare: {
    type: 'number',
    min: 0,
    max: 1,
    above: true,
    default: 1,
    summary: 'Terms in a larger share of the texts are left out.',
  },
  most: {
    type: 'integer',
    min: 1,
    max: 1e7,
    default: 1e6,
    scale: 'log',
    summary: 'The most terms of each sort, the most frequent.',
  },
  sublinear: {
    type: 'flag',
    default: false,
    summary: 'Whether a count n weighs 1 + log n.',
  },
  unit: {
    type: 'flag',
    default: true,
    summary: 'Whether each row is scaled to length 1.',
  },
} as const;

const constraints = { ...termConstraints, ...ownConstraints };

type Values = TermOptions & ParametersOf<typeof ownConstraints>;
export type TfIdf = Specification<'tfIdf', Values>;

/**
 * Texts as sparse rows: how often each term of the training texts is in them, times
 * `1 + log((1 + texts) / (1 + texts with the term))` (Spärck Jones 1972, smoothed as if one more text held
 * every term). Columns are the runs of words in the order of their UTF-16 units, then the runs of
 * characters. Weights of examples are not looked at.
 *
 * @example
 * const model = await fit(chain(tfIdf({ terms: 'both' }), linearSvm()), { features: { texts }, target });
 */
export function tfIdf(parameters: Partial<Values> = {}): TfIdf {
  return specify('tfIdf', constraints, parameters);
}

export const tfIdfKind: TabularKind<Values> = {
  kind: 'tfIdf',
  family: 'text',
  roles: ['transformer'],
  summary: 'How often terms are in a text, rare ones weighing more.',
  constraints,
  accepts: ['texts'],
  missing: false,
  target: 'none',
  // The length of the texts is not in the size: room for some hundred terms a text that no other has.
  memory: ({ rows }) => 65_536 * rows,
  made: (size, parameters) => madeOfTerms(size, parameters, 2 * parameters.most),
  fit: async (specification, { features }, options) => {
    const { parameters } = specification;
    checkTerms('tfIdf', parameters);
    const { texts } = featuresAs(features, 'texts');
    const { words, characters } = await collectTerms(texts, parameters, options);
    const kept = [words, characters].map((terms) => keepTerms(terms, texts.length, parameters));
    const [ownWords, ownCharacters] = kept as [KeptTerms, KeptTerms];
    const inTexts = [...ownWords.texts, ...ownCharacters.texts];
    if (inTexts.length === 0) {
      throw new InvalidExamples('no term is in as many texts as leastTexts and mostShare ask for');
    }
    const weights = Float64Array.from(
      inTexts,
      (count) => Math.log((1 + texts.length) / (1 + count)) + 1,
    );
    return {
      outputs: weights.length,
      tensors: { weights: float64([weights.length], weights) },
      facts: { words: ownWords.names, characters: ownCharacters.names },
    };
  },
  tensors: ({ outputs }) => ({ weights: { type: 'float64', shape: [outputs] } }),
  checkModel: (model) => {
    const { words, characters } = vocabularyOf(model);
    if (words.size + characters.size !== model.signature.outputs) {
      throw new InvalidModel('its terms are not as many as its outputs');
    }
    for (const weight of tensorOf(model, 'weights', 'float64').data) {
      if (!(weight >= 0 && weight <= 64)) throw new InvalidModel('a weight is outside 0 to 64');
    }
  },
  transform: async (model, features, options) => {
    const { parameters } = model.specification;
    const { words, characters } = vocabularyOf(model);
    const weights = tensorOf(model, 'weights', 'float64').data;
    const { texts } = featuresAs(features, 'texts');
    const rows = new SparseRows(texts.length, weights.length);
    const onWord = (term: string): void => {
      const column = words.find(term, 0, term.length);
      if (column >= 0) rows.add(column, 1);
    };
    const runs = new ChunkTerms(parameters, (text, from, to) => characters.find(text, from, to));
    const onRun = (run: number): void => rows.add(words.size + run, 1);
    const weigh = parameters.sublinear
      ? (count: number, column: number) => (1 + Math.log(count)) * weights[column]!
      : (count: number, column: number) => count * weights[column]!;
    await eachText(texts, options, 'transform', (text) => {
      const normal = normalise(text, parameters.locale);
      if (parameters.terms !== 'characters') wordTerms(normal, parameters, onWord);
      if (parameters.terms !== 'words') runs.visit(normal, onRun);
      rows.end(weigh, parameters.unit);
    });
    return rows.matrix();
  },
};

/** In how many texts each term is, and how often, by its number. */
class TermCounts {
  readonly table: TermTable = new TermTable();
  readonly #lastTexts: number[] = [];
  readonly texts: number[] = [];
  readonly occurrences: number[] = [];

  add(place: number, text: number): void {
    if (place === this.texts.length) {
      this.#lastTexts.push(-1);
      this.texts.push(0);
      this.occurrences.push(0);
    }
    this.occurrences[place]! += 1;
    if (this.#lastTexts[place] === text) return;
    this.#lastTexts[place] = text;
    this.texts[place]! += 1;
  }
}

async function collectTerms(texts: readonly string[], parameters: Values, options: FitOptions) {
  const [words, characters] = [new TermCounts(), new TermCounts()];
  let current = 0;
  const onWord = (term: string) => words.add(words.table.add(term, 0, term.length), current);
  const runs = new ChunkTerms(parameters, (text, from, to) => characters.table.add(text, from, to));
  const onRun = (place: number) => characters.add(place, current);
  await eachText(texts, options, 'the fit', (text, row) => {
    current = row;
    const normal = normalise(text, parameters.locale);
    if (parameters.terms !== 'characters') wordTerms(normal, parameters, onWord);
    if (parameters.terms !== 'words') runs.visit(normal, onRun);
  });
  return { words, characters };
}

interface KeptTerms {
  readonly names: readonly string[];
  /** In how many texts each of them is. */
  readonly texts: readonly number[];
}

/** The terms within the limits, in the order of their text; of too many, those that occur most. */
function keepTerms(terms: TermCounts, rows: number, limits: Values): KeptTerms {
  const { leastTexts, mostShare, most } = limits;
  const names = terms.table.names();
  let places = Array.from(names, (_, place) => place).filter((place) => {
    return terms.texts[place]! >= leastTexts && terms.texts[place]! <= mostShare * rows;
  });
  const byName = (a: number, b: number) => (names[a]! < names[b]! ? -1 : 1);
  if (places.length > most) {
    const { occurrences } = terms;
    places.sort((a, b) => occurrences[b]! - occurrences[a]! || byName(a, b));
    places = places.slice(0, most);
  }
  places.sort(byName);
  return {
    names: places.map((place) => names[place]!),
    texts: places.map((place) => terms.texts[place]!),
  };
}

interface Vocabulary {
  readonly words: TermTable;
  readonly characters: TermTable;
}

/** Kept beside a model, which does not change: making it takes longer than a row does. */
const vocabularies = new WeakMap<TabularModel, Vocabulary>();

function vocabularyOf(model: TabularModel): Vocabulary {
  const known = vocabularies.get(model);
  if (known) return known;
  const found = { words: tableOf(model, 'words'), characters: tableOf(model, 'characters') };
  vocabularies.set(model, found);
  return found;
}

function tableOf(model: TabularModel, name: string): TermTable {
  const terms = factOf(model, name);
  const table = new TermTable();
  if (!Array.isArray(terms)) throw new InvalidModel(`its ${name} are not a list`);
  for (const term of terms) {
    if (typeof term !== 'string') throw new InvalidModel(`one of its ${name} is not a text`);
    table.add(term, 0, term.length);
  }
  if (table.size < terms.length) throw new InvalidModel(`two of its ${name} are the same`);
  return table;
}
