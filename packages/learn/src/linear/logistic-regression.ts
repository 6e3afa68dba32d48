import type { ParametersOf } from '../constraint.ts';
import { classesOf } from '../examples.ts';
import type { Specification } from '../specification.ts';
import { specify } from '../specification.ts';
import type { TabularKind } from '../tabular-kind.ts';
import { fitLinear } from './fit-linear.ts';
import { linearMemory } from './linear-input.ts';
import {
  classGraph,
  largestScores,
  linearOf,
  linearScores,
  linearShapes,
  linearTensors,
  marginsOf,
  softmaxRows,
} from './linear-model.ts';

const constraints = {
  penalty: {
    type: 'number',
    min: 0,
    max: 1e12,
    default: 1,
    summary: 'What the penalty on the coefficients is multiplied with, beside the sum of losses.',
  },
  l1Ratio: {
    type: 'number',
    min: 0,
    max: 1,
    default: 0,
    summary: 'The part of the penalty that is on absolute values; the rest is on half the squares.',
  },
  intercept: { type: 'flag', default: true, summary: 'Whether a constant is added, unpenalised.' },
  tolerance: {
    type: 'number',
    min: 1e-15,
    max: 0.1,
    default: 1e-9,
    scale: 'log',
    summary: 'Stops when the objective is within about this part of its minimum.',
  },
  maxIterations: {
    type: 'integer',
    min: 1,
    max: 100_000,
    default: 500,
    summary: 'Steps of the solver.',
  },
} as const;

type Values = ParametersOf<typeof constraints>;
export type LogisticRegression = Specification<'logisticRegression', Values>;

/**
 * Probabilities of two or more classes from linear scores: the sum of log losses plus
 * penalty (l1Ratio |w|_1 + (1 - l1Ratio) |w|^2 / 2). More than two classes have a score each (softmax).
 * The penalty is 1 / C where a constant C multiplies the losses. Takes dense and sparse rows.
 *
 * @example
 * const model = await fit(logisticRegression({ penalty: 0.5 }), { features, target });
 */
export function logisticRegression(parameters: Partial<Values> = {}): LogisticRegression {
  return specify('logisticRegression', constraints, parameters);
}

export const logisticRegressionKind: TabularKind<Values> = {
  kind: 'logisticRegression',
  family: 'linear',
  roles: ['classifier'],
  summary: 'Probabilities of classes from linear scores, with an L1 or L2 penalty.',
  constraints,
  accepts: ['dense', 'sparse'],
  missing: false,
  target: 'classes',
  memory: (size) => linearMemory(size, size.classes),
  fit: async ({ parameters }, examples, options) => {
    const classes = classesOf(examples);
    const { penalty, l1Ratio, ...rest } = parameters;
    const found = await fitLinear(
      examples,
      {
        ...rest,
        kind: 'logisticRegression',
        loss: classes > 2 ? 'softmax' : 'logistic',
        outputs: classes > 2 ? classes : 1,
        target: examples.target!,
        weights: examples.weights,
        l1: penalty * l1Ratio,
        l2: penalty * (1 - l1Ratio),
      },
      options,
    );
    const { converged, iterations, objective } = found;
    return { tensors: linearTensors(found), facts: { converged, iterations, objective } };
  },
  tensors: ({ classes, columns }) => linearShapes(classes > 2 ? classes : 1, columns),
  predict: async (model, features) => {
    const found = linearOf(model);
    return largestScores(linearScores(found, features), found.intercepts.length);
  },
  predictProbabilities: async (model, features) => {
    const found = linearOf(model);
    const scores = linearScores(found, features);
    const outputs = found.intercepts.length;
    if (outputs > 1) {
      const rows = scores.length / outputs;
      return { rows, columns: outputs, values: softmaxRows(scores, outputs) };
    }
    const values = new Float64Array(2 * scores.length);
    scores.forEach((score, row) => {
      values[2 * row] = 1 / (1 + Math.exp(score));
      values[2 * row + 1] = 1 / (1 + Math.exp(-score));
    });
    return { rows: scores.length, columns: 2, values };
  },
  scoreRows: async (model, features) => {
    const found = linearOf(model);
    return marginsOf(linearScores(found, features), found.intercepts.length);
  },
  onnx: (model) => classGraph('logisticRegression', linearOf(model), true),
};
