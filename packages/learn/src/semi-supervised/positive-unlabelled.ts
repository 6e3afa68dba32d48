import type { ParametersOf } from '../constraint.ts';
import { InvalidExamples, InvalidModel } from '../error.ts';
import { classesOf, type Examples, takeExamples } from '../examples.ts';
import { type Features, rowsOf } from '../features.ts';
import { factOf, partOf, type TabularModel } from '../fitted-model.ts';
import { classOutputs, GraphBuilder } from '../graph-builder.ts';
import type { Matrix } from '../matrix.ts';
import { outOfFold } from '../selection/out-of-fold.ts';
import { type Specification, specify } from '../specification.ts';
import type { ApplyOptions, TabularKind, Verbs } from '../tabular-kind.ts';
import { likeliestClasses } from './confident-rows.ts';
import { checkClassifier, knownClasses, namesOfClasses } from './known-classes.ts';

const constraints = {
  estimator: {
    type: 'estimator',
    default: { kind: 'constant', parameters: { predicts: 'classes' } },
    summary: 'The classifier, whose probabilities should be right (see calibratedClassifier).',
  },
  method: {
    type: 'choice',
    options: ['scale', 'weights'],
    default: 'scale',
    summary:
      'Probabilities are divided by the share that is labelled, or unlabelled rows weighted.',
  },
  folds: {
    type: 'integer',
    min: 2,
    max: 100,
    default: 5,
    summary: 'Each row is judged by a classifier of the folds that it is not in.',
  },
} as const;

type Values = ParametersOf<typeof constraints>;
export type PositiveUnlabelled = Specification<'positiveUnlabelled', Values>;

/**
 * Learning from positive and unlabelled rows (Elkan and Noto 2008): the target is 1 for a known positive and -1
 * for all others, and positives are taken to be known at random, whatever their features. A classifier g
 * tells known from unknown; the share of positives that are known is the mean of g over positives that its
 * fit has not seen (every fold in turn). `scale` gives g(x) / share; `weights` fits again with each
 * unlabelled row as a positive of weight (1 - share) / share g / (1 - g) and as a negative of the rest. Where
 * positives and negatives overlap much, the share is estimated too low.
 *
 * The model's facts are `labelFrequency`, the share of positives that are known, and `prior`, the estimated
 * share of positives among all rows.
 *
 * @example
 * const model = await fit(positiveUnlabelled({ estimator: logisticRegression() }), { features, target });
 * const probable = await predictProbabilities(model, rows); // column 1: positive
 */
export function positiveUnlabelled(parameters: Partial<Values> = {}): PositiveUnlabelled {
  return specify('positiveUnlabelled', constraints, parameters);
}

export const positiveUnlabelledKind: TabularKind<Values> = {
  kind: 'positiveUnlabelled',
  family: 'semi-supervised',
  roles: ['classifier'],
  summary: 'A classifier from some known positives and rows of which nothing is known.',
  constraints,
  accepts: ['dense', 'sparse', 'texts', 'frame'],
  missing: true,
  target: 'partial',
  memory: (size, { estimator, method }, parts) => {
    const rows = method === 'weights' ? 2 * size.rows : size.rows;
    const fitted = parts.memoryOf(estimator, { ...size, rows, stored: 2 * size.stored });
    return fitted + 32 * size.stored + 160 * size.rows;
  },
  fit: async ({ parameters }, examples, options, verbs) => {
    const { estimator, method, folds } = parameters;
    checkClassifier('positiveUnlabelled', 'estimator', estimator, verbs);
    const known = knownFromUnknown(examples);
    const seen = await outOfFold(estimator, known, { ...options, folds }, verbs);
    const labelFrequency = frequencyOf(known, seen);
    const weights = positiveWeights(known, seen, labelFrequency);
    const last = method === 'weights' ? bothWays(known, weights) : known;
    return {
      tensors: {},
      facts: { labelFrequency, prior: priorOf(known, weights) },
      parts: { classifier: await verbs.fit(estimator, last, options) },
    };
  },
  tensors: () => ({}),
  checkModel: (model) => {
    const frequency = factOf(model, 'labelFrequency');
    const { columns, classes } = partOf(model, 'classifier').signature;
    const share = typeof frequency === 'number' && frequency > 0 && frequency <= 1;
    if (share && columns === model.signature.columns && classes === 2) return;
    throw new InvalidModel('its classifier or its label frequency does not fit it');
  },
  predict: async (model, features, options, verbs) =>
    likeliestClasses(await positives(model, features, options, verbs)),
  predictProbabilities: (model, features, options, verbs) =>
    positives(model, features, options, verbs),
  onnx: (model, graphOf) => {
    const builder = new GraphBuilder(model.signature.columns);
    const given = builder.inline(graphOf(partOf(model, 'classifier')), 'features').probabilities!;
    if ((model.specification.parameters as Values).method === 'weights') {
      return builder.finish('positiveUnlabelled', classOutputs(builder, given, 2));
    }
    const last = builder.integers([1], [1]);
    const own = builder.node('Gather', [given, last], { axis: { int: 1 } });
    const share = builder.floats([], [factOf<number>(model, 'labelFrequency')]);
    const one = builder.floats([], [1]);
    const positive = builder.node('Min', [builder.node('Div', [own, share]), one]);
    const negative = builder.node('Sub', [one, positive]);
    const both = builder.node('Concat', [negative, positive], { axis: { int: 1 } });
    return builder.finish('positiveUnlabelled', classOutputs(builder, both, 2));
  },
};

/** The examples with class 1 for known positives and 0 for the others. */
function knownFromUnknown(examples: Examples): Examples {
  const labels = knownClasses(examples);
  const fits = classesOf(examples) === 2 && labels.every((label) => label !== 0);
  if (!fits || labels.every((label) => label === 1)) {
    throw new InvalidExamples('positive and unlabelled rows are told by 1 and -1 alone');
  }
  const target = Float64Array.from(labels, (label) => (label === 1 ? 1 : 0));
  return { ...examples, target, classes: namesOfClasses(examples) };
}

function weightOf({ weights }: Examples, row: number): number {
  return weights ? weights[row]! : 1;
}

/** The mean of g over known positives (equation 4's e1). */
function frequencyOf(known: Examples, { values }: Matrix): number {
  let [sum, total] = [0, 0];
  known.target!.forEach((label, row) => {
    if (label !== 1) return;
    sum += weightOf(known, row) * values[2 * row + 1]!;
    total += weightOf(known, row);
  });
  if (sum > 0) return Math.min(1, sum / total);
  throw new InvalidExamples('the classifier finds no known positive at all likely to be one');
}

/** By row: how probable it is a positive; 1 for the known ones. */
function positiveWeights(known: Examples, { values }: Matrix, frequency: number): Float64Array {
  return known.target!.map((label, row) => {
    if (label === 1) return 1;
    const g = values[2 * row + 1]!;
    const odds = ((1 - frequency) / frequency) * (g / (1 - g));
    // Beyond its share g can only be an error of the classifier; 1 / 0 ends here too.
    return g < frequency ? Math.min(1, odds) : 1;
  });
}

function priorOf(known: Examples, weights: Float64Array): number {
  let [sum, total] = [0, 0];
  weights.forEach((weight, row) => {
    sum += weight * weightOf(known, row);
    total += weightOf(known, row);
  });
  return sum / total;
}

/** Unlabelled rows twice, as positives and as negatives, by their weights. */
function bothWays(known: Examples, weights: Float64Array): Examples {
  const rows = rowsOf(known.features);
  const all = Array.from({ length: rows }, (_, row) => row);
  const again = all.filter((row) => weights[row]! < 1);
  const negatives = again.map((row) => (1 - weights[row]!) * weightOf(known, row));
  return {
    ...takeExamples(known, [...all, ...again]),
    target: Float64Array.from({ length: rows + again.length }, (_, at) => (at < rows ? 1 : 0)),
    weights: Float64Array.from([
      ...all.map((row) => weights[row]! * weightOf(known, row)),
      ...negatives,
    ]),
  };
}

async function positives(
  model: TabularModel & { readonly specification: Specification<string, Values> },
  features: Features,
  options: ApplyOptions,
  verbs: Verbs,
): Promise<Matrix> {
  const given = await verbs.predictProbabilities(partOf(model, 'classifier'), features, options);
  if (model.specification.parameters.method === 'weights') return given;
  const frequency = factOf<number>(model, 'labelFrequency');
  const values = new Float64Array(given.values.length);
  for (let at = 0; at < values.length; at += 2) {
    values[at + 1] = Math.min(1, given.values[at + 1]! / frequency);
    values[at] = 1 - values[at + 1]!;
  }
  return { rows: given.rows, columns: 2, values };
}
