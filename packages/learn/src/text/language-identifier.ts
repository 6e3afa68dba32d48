import type { ParametersOf } from '../constraint.ts';
import { InvalidModel } from '../error.ts';
import { classesOf, type Examples } from '../examples.ts';
import { type Features, featuresAs } from '../features.ts';
import type { FitOptions } from '../fit-options.ts';
import { float32, float64, type TabularModel, tensorOf } from '../fitted-model.ts';
import { largestScores, marginsOf, softmaxRows } from '../linear/linear-model.ts';
import { type Specification, specify } from '../specification.ts';
import type { ApplyOptions, Learned, TabularKind } from '../tabular-kind.ts';
import { eachText } from './each-text.ts';
import { hashCharacters } from './terms.ts';
import { normalise } from './tokenise.ts';

const constraints = {
  charactersTo: {
    type: 'integer',
    min: 1,
    max: 6,
    default: 4,
    summary: 'The most characters of a run; all shorter runs count too.',
  },
  bits: {
    type: 'integer',
    min: 6,
    max: 20,
    default: 15,
    summary: 'Runs are told apart by this many bits of their hash.',
  },
  smoothing: {
    type: 'number',
    min: 0,
    max: 1e6,
    above: true,
    default: 0.1,
    scale: 'log',
    summary: 'What is added to the count of each run in each language.',
  },
  prior: {
    type: 'choice',
    options: ['uniform', 'observed'],
    default: 'uniform',
    summary: 'Whether each language is as probable at first, or as frequent as in the examples.',
  },
} as const;

type Values = ParametersOf<typeof constraints>;
type Model = TabularModel & { readonly specification: Specification<string, Values> };
export type LanguageIdentifier = Specification<'languageIdentifier', Values>;

/**
 * The language of a text, the classes of the examples: naive Bayes over runs of letters within words
 * (Cavnar and Trenkle 1994; McCallum and Nigam 1998), all runs of up to so many hashed. Digits and
 * punctuation are no evidence. Runs overlap, so probabilities of longer texts lie near 0 and 1.
 *
 * @example
 * const model = await fit(languageIdentifier(), { features: { texts }, target, classes: ['de', 'en'] });
 */
export function languageIdentifier(parameters: Partial<Values> = {}): LanguageIdentifier {
  return specify('languageIdentifier', constraints, parameters);
}

export const languageIdentifierKind: TabularKind<Values> = {
  kind: 'languageIdentifier',
  family: 'text',
  roles: ['classifier'],
  summary: 'The language of a text by its runs of letters.',
  constraints,
  accepts: ['texts'],
  missing: false,
  target: 'classes',
  memory: ({ classes, stored }, { bits }) => 16 * (classes + 1) * 2 ** bits + 2 * stored + 2 ** 24,
  fit: (specification, examples, options) => learn(specification.parameters, examples, options),
  tensors: ({ classes }, { bits }) => ({
    weights: { type: 'float32', shape: [2 ** bits, classes] },
    priors: { type: 'float64', shape: [classes] },
  }),
  checkModel: (model) => {
    if (model.signature.classes < 2)
      throw new InvalidModel('it tells fewer than two classes apart');
  },
  predict: async (model, features, options) =>
    largestScores(await scoresOf(model, features, options), model.signature.classes),
  predictProbabilities: async (model, features, options) => {
    const { classes } = model.signature;
    const values = softmaxRows(await scoresOf(model, features, options), classes);
    return { rows: values.length / classes, columns: classes, values };
  },
  scoreRows: async (model, features, options) =>
    marginsOf(await scoresOf(model, features, options), model.signature.classes),
};

/** Letters and marks in normal form, all else a space. */
function lettersOf(text: string): string {
  return normalise(text, 'und').replace(/[^\p{L}\p{M}]+/gu, ' ');
}

async function learn(
  parameters: Values,
  examples: Examples,
  options: FitOptions,
): Promise<Learned> {
  const { charactersTo, bits, smoothing, prior } = parameters;
  const { target, weights } = examples;
  const classes = classesOf(examples);
  const mask = 2 ** bits - 1;
  const counts = new Float64Array((mask + 1) * classes);
  const [totals, rows] = [new Float64Array(classes), new Float64Array(classes)];
  const { texts } = featuresAs(examples.features, 'texts');
  await eachText(texts, options, 'the fit', (text, row) => {
    const own = target![row]!;
    const weight = weights?.[row] ?? 1;
    rows[own]! += weight;
    hashCharacters(lettersOf(text), 1, charactersTo, 0, (hash) => {
      counts[(hash & mask) * classes + own]! += weight;
      totals[own]! += weight;
    });
  });
  const logTotals = totals.map((total) => Math.log(total + smoothing * (mask + 1)));
  const logs = new Float32Array(counts.length);
  for (let at = 0; at < counts.length; at++) {
    logs[at] = Math.log(counts[at]! + smoothing) - logTotals[at % classes]!;
  }
  const all = rows.reduce((sum, one) => sum + one, 0);
  return {
    tensors: {
      weights: float32([mask + 1, classes], logs),
      priors: float64(
        [classes],
        rows.map((one) => logPrior(one / all, prior)),
      ),
    },
  };
}

/** A class that no row was of is as good as impossible, by a finite number. */
function logPrior(share: number, prior: Values['prior']): number {
  if (share === 0) return -1e300;
  return prior === 'uniform' ? 0 : Math.log(share);
}

/** Rows x classes: the log of each class's prior and of its probability of the text's runs. */
async function scoresOf(
  model: Model,
  features: Features,
  options: ApplyOptions,
): Promise<Float64Array> {
  const { charactersTo, bits } = model.specification.parameters;
  const { classes } = model.signature;
  const mask = 2 ** bits - 1;
  const weights = tensorOf(model, 'weights', 'float32').data;
  const priors = tensorOf(model, 'priors', 'float64').data;
  const { texts } = featuresAs(features, 'texts');
  const scores = new Float64Array(texts.length * classes);
  await eachText(texts, options, 'scoring', (text, row) => {
    const own = scores.subarray(row * classes, (row + 1) * classes);
    own.set(priors);
    hashCharacters(lettersOf(text), 1, charactersTo, 0, (hash) => {
      const from = (hash & mask) * classes;
      for (let k = 0; k < classes; k++) own[k]! += weights[from + k]!;
    });
  });
  return scores;
}
