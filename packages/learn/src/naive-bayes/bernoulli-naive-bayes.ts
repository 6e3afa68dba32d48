import type { OnnxGraph } from '@backlot/compute';
import type { ParametersOf } from '../constraint.ts';
import type { Features } from '../features.ts';
import { featuresAs } from '../features.ts';
import type { TabularModel } from '../fitted-model.ts';
import {
  classGraph,
  type LinearFunction,
  largestScores,
  linearOf,
  linearScores,
  linearShapes,
  linearTensors,
  marginsOf,
  softmaxRows,
} from '../linear/linear-model.ts';
import type { Matrix, SparseMatrix } from '../matrix.ts';
import { type Specification, specify } from '../specification.ts';
import type { TabularKind } from '../tabular-kind.ts';
import { type ClassCounts, countByClass, logShare } from './count-naive-bayes.ts';

const constraints = {
  smoothing: {
    type: 'number',
    min: 0,
    max: 1e6,
    above: true,
    default: 1,
    scale: 'log',
    summary:
      'What is added to the rows of each class that have a column, and to those that have not.',
  },
  threshold: {
    type: 'number',
    min: 0,
    max: 1e300,
    default: 0,
    summary: 'A row has a column where its number is above this.',
  },
} as const;

type Values = ParametersOf<typeof constraints>;
export type BernoulliNaiveBayes = Specification<'bernoulliNaiveBayes', Values>;

/**
 * Classes by which columns a row has and which it lacks, taken as independent within a class (McCallum and
 * Nigam 1998, the multivariate Bernoulli model): for short texts, tags and yes-or-no answers.
 *
 * @example
 * const model = await fit(bernoulliNaiveBayes({ threshold: 0.5 }), { features, target });
 */
export function bernoulliNaiveBayes(parameters: Partial<Values> = {}): BernoulliNaiveBayes {
  return specify('bernoulliNaiveBayes', constraints, parameters);
}

export const bernoulliNaiveBayesKind: TabularKind<Values> = {
  kind: 'bernoulliNaiveBayes',
  family: 'linear',
  roles: ['classifier'],
  summary: 'Classes by which columns a row has and which it lacks.',
  constraints,
  accepts: ['dense', 'sparse'],
  missing: false,
  target: 'classes',
  memory: ({ classes, columns, rows }) => 32 * (classes + 1) * (columns + 1) + 16 * rows * columns,
  fit: async ({ parameters: { smoothing, threshold } }, examples) => {
    const features = marksOf(examples.features, threshold);
    const counts = countByClass({ ...examples, features });
    return { tensors: linearTensors(byMarks(counts, smoothing)) };
  },
  tensors: ({ classes, columns }) => linearShapes(classes, columns),
  predict: async (model, features) =>
    largestScores(scoresOf(model, features), model.signature.classes),
  predictProbabilities: async (model, features) => {
    const { classes } = model.signature;
    const values = softmaxRows(scoresOf(model, features), classes);
    return { rows: values.length / classes, columns: classes, values };
  },
  scoreRows: async (model, features) =>
    marginsOf(scoresOf(model, features), model.signature.classes),
  onnx: marksGraph,
};

/** 1 where a number is above the threshold, 0 elsewhere. */
function marksOf(features: Features, threshold: number): Matrix | SparseMatrix {
  if ('offsets' in features) {
    return { ...features, values: features.values.map((value) => Number(value > threshold)) };
  }
  const dense = featuresAs(features, 'dense');
  return { ...dense, values: dense.values.map((value) => Number(value > threshold)) };
}

function scoresOf(model: TabularModel, features: Features): Float64Array {
  return linearScores(linearOf(model), marksOf(features, thresholdOf(model)));
}

function thresholdOf(model: TabularModel): number {
  return (model.specification.parameters as unknown as Values).threshold;
}

/**
 * The log of a class's share and, of each column, that of having it or of not having it. All that is said of
 * absent columns is in the intercept, so that a row costs only the columns that it has.
 */
function byMarks({ columns, rows, words }: ClassCounts, smoothing: number): LinearFunction {
  const total = rows.reduce((sum, value) => sum + value, 0);
  const coefficients = new Float64Array(words.length);
  const intercepts = rows.map((value) => logShare(value / total));
  words.forEach((having, at) => {
    const k = Math.floor(at / columns);
    const lacking = Math.max(0, rows[k]! - having);
    coefficients[at] = Math.log((having + smoothing) / (lacking + smoothing));
    intercepts[k]! += Math.log((lacking + smoothing) / (rows[k]! + 2 * smoothing));
  });
  return { coefficients, intercepts };
}

/** Numbers are held against the threshold in doubles, as they are here. */
function marksGraph(model: TabularModel): OnnxGraph {
  const { constants, nodes, ...graph } = classGraph('bernoulliNaiveBayes', linearOf(model), true);
  const threshold = Float64Array.of(thresholdOf(model));
  const rest = nodes.map((node) => ({
    ...node,
    inputs: node.inputs.map((input) => (input === 'features' ? 'marks' : input)),
  }));
  return {
    ...graph,
    constants: { ...constants, threshold: { type: 'double', shape: [1], data: threshold } },
    nodes: [
      { op: 'Cast', inputs: ['features'], outputs: ['exact'], attributes: { to: { int: 11 } } },
      { op: 'Greater', inputs: ['exact', 'threshold'], outputs: ['above'] },
      { op: 'Cast', inputs: ['above'], outputs: ['marks'], attributes: { to: { int: 1 } } },
      ...rest,
    ],
  };
}
