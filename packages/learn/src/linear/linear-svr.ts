import type { ParametersOf } from '../constraint.ts';
import type { Specification } from '../specification.ts';
import { specify } from '../specification.ts';
import type { TabularKind } from '../tabular-kind.ts';
import { fitLinear } from './fit-linear.ts';
import { linearMemory } from './linear-input.ts';
import {
  linearOf,
  linearScores,
  linearShapes,
  linearTensors,
  numberGraph,
} from './linear-model.ts';

const constraints = {
  penalty: {
    type: 'number',
    min: 1e-9,
    max: 1e12,
    default: 1,
    scale: 'log',
    summary: 'What half the squared coefficients are multiplied with, beside the sum of losses.',
  },
  loss: {
    type: 'choice',
    options: ['squaredInsensitive', 'insensitive'],
    default: 'squaredInsensitive',
    summary: 'How errors beyond the width are counted: by their square, or as they are.',
  },
  width: {
    type: 'number',
    min: 0,
    max: 1e12,
    default: 0,
    summary: 'Errors up to it cost nothing.',
  },
  intercept: { type: 'flag', default: true, summary: 'Whether a constant is added, unpenalised.' },
} as const;

type Values = ParametersOf<typeof constraints>;
export type LinearSvr = Specification<'linearSvr', Values>;

/**
 * Linear support vector regression: the sum of max(0, |error| - width), squared or not, plus
 * penalty |w|^2 / 2. What is not squared is approached through parabolas ever narrower, to 1e-4 of the
 * target's spread. Takes dense and sparse rows.
 */
export function linearSvr(parameters: Partial<Values> = {}): LinearSvr {
  return specify('linearSvr', constraints, parameters);
}

export const linearSvrKind: TabularKind<Values> = {
  kind: 'linearSvr',
  family: 'linear',
  roles: ['regressor'],
  summary: 'A linear function that small errors do not move.',
  constraints,
  accepts: ['dense', 'sparse'],
  missing: false,
  target: 'numbers',
  memory: (size) => linearMemory(size, 1),
  fit: async ({ parameters }, examples, options) => {
    const { penalty, loss, width, intercept } = parameters;
    const target = examples.target!;
    const mean = target.reduce((sum, value) => sum + value / target.length, 0);
    const spread = Math.sqrt(
      target.reduce((sum, value) => sum + (value - mean) ** 2 / target.length, 0),
    );
    const problem = {
      ...{ kind: 'linearSvr', loss, first: width, outputs: 1, target, weights: examples.weights },
      ...{ intercept, l1: 0, l2: penalty, tolerance: 1e-10, maxIterations: 500 },
      startIntercept: mean,
    };
    const parts = loss === 'insensitive' ? [2, 0.3, 0.1, 0.01, 0.001, 0.0001] : [1];
    const narrowing = parts.map((part) => part * (spread || 1));
    const found = await fitLinear(examples, problem, options, narrowing);
    return { tensors: linearTensors(found), facts: { converged: found.converged } };
  },
  tensors: ({ columns }) => linearShapes(1, columns),
  predict: async (model, features) => linearScores(linearOf(model), features),
  onnx: (model) => numberGraph('linearSvr', linearOf(model), 'identity'),
};
