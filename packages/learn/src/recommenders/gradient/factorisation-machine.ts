import type { OnnxGraph, OnnxNode } from '@backlot/compute';
import type { ParametersOf } from '../../constraint.ts';
import { classesOf } from '../../examples.ts';
import type { TabularModel } from '../../fitted-model.ts';
import { classGraph, largestScores, marginsOf, numberGraph } from '../../linear/linear-model.ts';
import type { Matrix } from '../../matrix.ts';
import { type Specification, specify } from '../../specification.ts';
import type { ExamplesSize, TabularKind } from '../../tabular-kind.ts';
import { fitMachines } from './fit-machine.ts';
import { machineScores, machineShapes, machinesOf, withPairs } from './machine-model.ts';

const constraints = {
  factors: {
    type: 'integer',
    min: 1,
    max: 256,
    default: 8,
    summary: 'The length of the vector of each column.',
  },
  linearPenalty: {
    type: 'number',
    min: 1e-9,
    max: 1e12,
    default: 1,
    scale: 'log',
    summary: 'What half the squared coefficients are multiplied with, beside the sum of losses.',
  },
  factorPenalty: {
    type: 'number',
    min: 1e-9,
    max: 1e12,
    default: 10,
    scale: 'log',
    summary: 'What half the squared factors are multiplied with, beside the sum of losses.',
  },
  start: {
    type: 'number',
    min: 0,
    above: true,
    max: 10,
    default: 0.1,
    scale: 'log',
    summary: 'The deviation of a factor at the start, over its column’s largest size.',
  },
  tolerance: {
    type: 'number',
    min: 0,
    max: 0.1,
    default: 1e-6,
    summary: 'Stops when a sweep lowers the objective by less than this part of it.',
  },
  maxIterations: {
    type: 'integer',
    min: 1,
    max: 100_000,
    default: 200,
    summary: 'Sweeps over all columns.',
  },
} as const;

type Values = ParametersOf<typeof constraints>;
export type FactorisationMachineRegressor = Specification<'factorisationMachineRegressor', Values>;
export type FactorisationMachineClassifier = Specification<
  'factorisationMachineClassifier',
  Values
>;

/**
 * A number from columns and their pairs (Rendle 2010): b + sum_i w_i x_i + sum_{i<j} (v_i v_j) x_i x_j, where
 * each column has a vector v, so that pairs seldom or never met share what their columns learned. Minimises
 * sum (y - score)^2 / 2 + linearPenalty |w|^2 / 2 + factorPenalty |v|^2 / 2 by alternating steps: the score is
 * linear in one column's w and v, which are solved for at once, on doubles. No step raises the objective; it
 * has more than one minimum, and the seed says where the search begins. Takes dense and sparse rows.
 *
 * @example
 * const model = await fit(factorisationMachineRegressor({ factors: 8 }), { features, target });
 */
export function factorisationMachineRegressor(
  parameters: Partial<Values> = {},
): FactorisationMachineRegressor {
  return specify('factorisationMachineRegressor', constraints, parameters);
}

/**
 * Classes by machines as those of `factorisationMachineRegressor`, on the logistic loss through parabolas that
 * lie above it. More than two classes have a machine each, against the rest, and their probabilities are
 * scaled to add up to 1.
 *
 * @example
 * const model = await fit(factorisationMachineClassifier({ factors: 4 }), { features, target });
 */
export function factorisationMachineClassifier(
  parameters: Partial<Values> = {},
): FactorisationMachineClassifier {
  return specify('factorisationMachineClassifier', constraints, parameters);
}

/** The rows by column, a record of sums for each row and thread, and all machines' parameters twice. */
function memoryOf(size: ExamplesSize, outputs: number, { factors }: Values): number {
  const width = factors + 3;
  const records = 8 * width * (size.rows + width + 4) * Math.max(1, outputs);
  return 28 * size.stored + 16 * size.rows + records + 24 * outputs * width * (size.columns + 1);
}

const shared = {
  family: 'linear',
  constraints,
  accepts: ['dense', 'sparse'],
  missing: false,
} as const;

export const factorisationMachineRegressorKind: TabularKind<Values> = {
  ...shared,
  kind: 'factorisationMachineRegressor',
  roles: ['regressor'],
  summary: 'A number from columns and from pairs of columns, by a vector for each column.',
  target: 'numbers',
  memory: (size, parameters) => memoryOf(size, 1, parameters),
  fit: ({ kind, parameters }, { features, target, weights }, options) =>
    fitMachines(
      features,
      { ...parameters, loss: 'squared', target: target!, weights, outputs: 1 },
      { kind, ...parameters },
      options,
    ),
  tensors: ({ columns }, { factors }) => machineShapes(1, columns, factors),
  predict: async (model, features) => machineScores(machinesOf(model), features),
  onnx: (model) => {
    const machines = machinesOf(model);
    return withPairs(numberGraph(model.kind, machines, 'identity'), machines, 0);
  },
};

export const factorisationMachineClassifierKind: TabularKind<Values> = {
  ...shared,
  kind: 'factorisationMachineClassifier',
  roles: ['classifier'],
  summary: 'Classes from columns and from pairs of columns, by a vector for each column.',
  target: 'classes',
  memory: (size, parameters) => memoryOf(size, outputsOf(size.classes), parameters),
  fit: ({ kind, parameters }, examples, options) =>
    fitMachines(
      examples.features,
      {
        ...parameters,
        loss: 'logistic',
        target: examples.target!,
        weights: examples.weights,
        outputs: outputsOf(classesOf(examples)),
      },
      { kind, ...parameters },
      options,
    ),
  tensors: ({ columns, classes }, { factors }) =>
    machineShapes(outputsOf(classes), columns, factors),
  predict: async (model, features) => {
    const machines = machinesOf(model);
    return largestScores(machineScores(machines, features), machines.intercepts.length);
  },
  predictProbabilities: async (model, features) => {
    const machines = machinesOf(model);
    return probabilitiesOf(machineScores(machines, features), machines.intercepts.length);
  },
  scoreRows: async (model, features) => {
    const machines = machinesOf(model);
    return marginsOf(machineScores(machines, features), machines.intercepts.length);
  },
  onnx: classifierGraph,
};

/** Two classes share one machine. */
function outputsOf(classes: number): number {
  return classes > 2 ? classes : 1;
}

function probabilitiesOf(scores: Float64Array, outputs: number): Matrix {
  const rows = scores.length / outputs;
  const columns = outputs === 1 ? 2 : outputs;
  const values = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const own = values.subarray(row * columns, (row + 1) * columns);
    if (outputs === 1) {
      own[0] = logistic(-scores[row]!);
      own[1] = logistic(scores[row]!);
      continue;
    }
    for (let k = 0; k < outputs; k++) own[k] = logistic(scores[row * outputs + k]!);
    const total = own.reduce((sum, one) => sum + one, 0);
    for (let k = 0; k < outputs; k++) own[k]! /= total;
  }
  return { rows, columns, values };
}

/** Held to where the smallest is far from 0, so that a row of them can be scaled to 1. */
function logistic(score: number): number {
  return 1 / (1 + Math.exp(Math.min(600, -score)));
}

function classifierGraph(model: TabularModel): OnnxGraph {
  const machines = machinesOf(model);
  const single = machines.intercepts.length === 1;
  const graph = withPairs(classGraph(model.kind, machines, true), machines, single ? 1 : 0);
  if (single) return graph;
  const shares: readonly OnnxNode[] = [
    { op: 'Sigmoid', inputs: ['linear'], outputs: ['shares'] },
    { op: 'ReduceSum', inputs: ['shares', 'one'], outputs: ['total'] },
    { op: 'Div', inputs: ['shares', 'total'], outputs: ['probabilities'] },
  ];
  const others = graph.nodes.filter(({ outputs }) => outputs[0] !== 'probabilities');
  return { ...graph, nodes: [...others, ...shares] };
}
