import type { OnnxGraph } from '@backlot/compute';
import type { ParametersOf } from '../constraint.ts';
import { InvalidModel } from '../error.ts';
import { classesOf, type Examples } from '../examples.ts';
import { type Features, featuresAs } from '../features.ts';
import { float64, type TabularModel, tensorOf } from '../fitted-model.ts';
import { classOutputs, GraphBuilder } from '../graph-builder.ts';
import { largestScores, marginsOf, softmaxRows } from '../linear/linear-model.ts';
import type { Specification } from '../specification.ts';
import { specify } from '../specification.ts';
import type { TabularKind } from '../tabular-kind.ts';

const constraints = {
  smoothing: {
    type: 'number',
    min: 0,
    max: 1,
    above: true,
    default: 1e-9,
    scale: 'log',
    summary: 'The part of the largest variance of a column that is added to every variance.',
  },
} as const;

type Values = ParametersOf<typeof constraints>;
export type GaussianNaiveBayes = Specification<'gaussianNaiveBayes', Values>;

/** Classes by normal densities of the columns, taken as independent within a class. */
export function gaussianNaiveBayes(parameters: Partial<Values> = {}): GaussianNaiveBayes {
  return specify('gaussianNaiveBayes', constraints, parameters);
}

export const gaussianNaiveBayesKind: TabularKind<Values> = {
  kind: 'gaussianNaiveBayes',
  family: 'linear',
  roles: ['classifier'],
  summary: 'Classes by normal densities of independent columns.',
  constraints,
  accepts: ['dense'],
  missing: false,
  target: 'classes',
  memory: ({ classes, columns }) => 48 * (classes + 1) * (columns + 1),
  fit: async ({ parameters: { smoothing } }, examples) => {
    const classes = classesOf(examples);
    const { columns } = featuresAs(examples.features, 'dense');
    const { priors, means, variances } = momentsByClass(examples, classes, smoothing);
    return {
      tensors: {
        priors: float64([classes], priors),
        means: float64([classes, columns], means),
        variances: float64([classes, columns], variances),
      },
    };
  },
  tensors: ({ classes, columns }) => ({
    priors: { type: 'float64', shape: [classes] },
    means: { type: 'float64', shape: [classes, columns] },
    variances: { type: 'float64', shape: [classes, columns] },
  }),
  checkModel: (model) => {
    const variances = tensorOf(model, 'variances', 'float64').data;
    if (!variances.every((value) => value > 0)) throw new InvalidModel('a variance is not above 0');
    if (!tensorOf(model, 'priors', 'float64').data.every((value) => value >= 0)) {
      throw new InvalidModel('a prior is below 0');
    }
  },
  predict: async (model, features) =>
    largestScores(logDensities(model, features), model.signature.classes),
  predictProbabilities: async (model, features) => {
    const { classes } = model.signature;
    const values = softmaxRows(logDensities(model, features), classes);
    return { rows: values.length / classes, columns: classes, values };
  },
  scoreRows: async (model, features) => {
    const { classes } = model.signature;
    const scores = logDensities(model, features);
    if (classes > 2) return marginsOf(scores, classes);
    const rows = scores.length / 2;
    return Float64Array.from({ length: rows }, (_, at) => scores[2 * at + 1]! - scores[2 * at]!);
  },
  onnx: densityGraph,
};

/** In doubles, since densities far from a mean are large numbers of which differences count. */
function densityGraph(model: TabularModel): OnnxGraph {
  const { classes, columns } = model.signature;
  const [priors, means, variances] = ['priors', 'means', 'variances'].map(
    (name) => tensorOf(model, name, 'float64').data,
  );
  const levels = priors!.map((prior, k) => {
    const own = variances!.subarray(k * columns, (k + 1) * columns);
    const logs = own.reduce((sum, value) => sum + Math.log(2 * Math.PI * value), 0);
    return prior > 0 ? Math.log(prior) - 0.5 * logs : -1e300;
  });
  const builder = new GraphBuilder(columns);
  const x = builder.node('Unsqueeze', [
    builder.cast('features', 'double'),
    builder.integers([1], [1]),
  ]);
  const off = builder.node('Sub', [x, builder.doubles([classes, columns], means!)]);
  const weights = builder.doubles(
    [classes, columns],
    variances!.map((value) => -0.5 / value),
  );
  const terms = builder.node('Mul', [builder.node('Mul', [off, off]), weights]);
  const last = builder.integers([1], [2]);
  const sums = builder.node('ReduceSum', [terms, last], { keepdims: { int: 0 } });
  const logs = builder.node('Add', [sums, builder.doubles([classes], levels)]);
  const softmax = builder.node('Softmax', [logs], { axis: { int: 1 } });
  return builder.finish('gaussianNaiveBayes', [
    ...classOutputs(builder, builder.cast(softmax, 'float'), classes),
    { name: 'scores', type: 'float', shape: ['rows'], from: marginNode(builder, logs, classes) },
  ]);
}

/** The log odds of the second of two classes, or of the likeliest over the next. */
function marginNode(builder: GraphBuilder, logs: string, classes: number): string {
  const axis = { axis: { int: 1 } };
  const two = builder.integers([1], [2]);
  const [top] = classes === 2 ? [logs] : builder.nodes('TopK', [logs, two], 2, axis);
  const pick = (at: number): string =>
    builder.node('Gather', [top!, builder.integers([], [at])], axis);
  const [upper, lower] = classes === 2 ? [pick(1), pick(0)] : [pick(0), pick(1)];
  return builder.cast(builder.node('Sub', [upper, lower]), 'float');
}

/** Weighted shares, means and variances: two passes, so that far means cost no digits. */
function momentsByClass({ features, target, weights }: Examples, classes: number, part: number) {
  const { rows, columns, values } = featuresAs(features, 'dense');
  const totals = new Float64Array(classes);
  const means = new Float64Array(classes * columns);
  const variances = new Float64Array(classes * columns);
  const all = new Float64Array(columns);
  const spread = new Float64Array(columns);
  for (let row = 0; row < rows; row++) totals[target![row]!]! += weights?.[row] ?? 1;
  const total = totals.reduce((sum, value) => sum + value, 0);
  for (let row = 0; row < rows; row++) {
    const [label, weight] = [target![row]!, weights?.[row] ?? 1];
    for (let j = 0; j < columns && weight > 0; j++) {
      const share = weight * values[row * columns + j]!;
      means[label * columns + j]! += share / totals[label]!;
      all[j]! += share / total;
    }
  }
  for (let row = 0; row < rows; row++) {
    const [label, weight] = [target![row]!, weights?.[row] ?? 1];
    for (let j = 0; j < columns && weight > 0; j++) {
      const value = values[row * columns + j]!;
      const at = label * columns + j;
      variances[at]! += (weight * (value - means[at]!) ** 2) / totals[label]!;
      spread[j]! += (weight * (value - all[j]!) ** 2) / total;
    }
  }
  const largest = spread.reduce((most, value) => Math.max(most, value), 0);
  // Where all columns are constant, any width serves: nothing tells the classes apart.
  const added = largest > 0 ? part * largest : 1;
  return {
    priors: totals.map((value) => value / total),
    means,
    variances: variances.map((value) => value + added),
  };
}

/** Rows x classes: the log of prior times density. A class that no row was of has log 0, held finite. */
function logDensities(model: TabularModel, features: Features): Float64Array {
  const { rows, columns, values } = featuresAs(features, 'dense');
  const priors = tensorOf(model, 'priors', 'float64').data;
  const means = tensorOf(model, 'means', 'float64').data;
  const variances = tensorOf(model, 'variances', 'float64').data;
  const classes = priors.length;
  const logs = variances.map((value) => Math.log(2 * Math.PI * value));
  const out = new Float64Array(rows * classes);
  for (let row = 0; row < rows; row++) {
    for (let k = 0; k < classes; k++) {
      let sum = 0;
      for (let j = 0; j < columns; j++) {
        const at = k * columns + j;
        sum += logs[at]! + (values[row * columns + j]! - means[at]!) ** 2 / variances[at]!;
      }
      out[row * classes + k] = priors[k]! > 0 ? Math.log(priors[k]!) - 0.5 * sum : -1e300;
    }
  }
  return out;
}
