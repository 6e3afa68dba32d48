import type { OnnxGraph } from '@backlot/compute';
import type { ParametersOf } from '../constraint.ts';
import { featuresAs } from '../features.ts';
import { float64, type TabularModel, tensorOf } from '../fitted-model.ts';
import type { Matrix } from '../matrix.ts';
import { type Specification, specify } from '../specification.ts';
import type { TabularKind } from '../tabular-kind.ts';
import { momentsOf, quantileOf, sortedColumn } from './column-statistics.ts';

const constraints = {
  with: {
    type: 'choice',
    options: ['mean', 'median', 'mostFrequent', 'constant'],
    default: 'mean',
    summary: 'What stands for a missing number.',
  },
  constant: {
    type: 'number',
    min: -1e15,
    max: 1e15,
    default: 0,
    summary: 'The number for `constant`, and for a column without any.',
  },
  indicators: {
    type: 'flag',
    default: false,
    summary: 'Whether each column gets another beside it: 1 where its number was missing.',
  },
} as const;

type Values = ParametersOf<typeof constraints>;
export type Imputer = Specification<'imputer', Values>;

/** Numbers for those that are missing (NaN), column by column; equally frequent ones by the least. */
export function imputer(parameters: Partial<Values> = {}): Imputer {
  return specify('imputer', constraints, parameters);
}

export const imputerKind: TabularKind<Values> = {
  kind: 'imputer',
  family: 'preprocessing',
  roles: ['transformer'],
  summary: 'Numbers in the place of missing ones.',
  constraints,
  accepts: ['dense'],
  missing: true,
  target: 'none',
  // A sorted copy of each column, of which those that are done may wait to be collected.
  memory: ({ rows, columns }) => 8 * columns * (rows + 5),
  fit: async ({ parameters }, { features, weights }) => {
    const matrix = featuresAs(features, 'dense');
    const fills = fillsOf(matrix, weights, parameters);
    const outputs = matrix.columns * (parameters.indicators ? 2 : 1);
    return { outputs, tensors: { fills: float64([matrix.columns], fills) } };
  },
  tensors: ({ columns }) => ({ fills: { type: 'float64', shape: [columns] } }),
  transform: async (model, features) => {
    const { rows, columns, values } = featuresAs(features, 'dense');
    const fills = tensorOf(model, 'fills', 'float64').data;
    const width = model.specification.parameters.indicators ? 2 * columns : columns;
    const filled = new Float64Array(rows * width);
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const value = values[row * columns + column]!;
        const missing = Number.isNaN(value);
        filled[row * width + column] = missing ? fills[column]! : value;
        if (missing && width > columns) filled[row * width + columns + column] = 1;
      }
    }
    return { rows, columns: width, values: filled };
  },
  onnx: imputerGraph,
};

function fillsOf(
  matrix: Matrix,
  weights: Float64Array | undefined,
  parameters: Values,
): Float64Array {
  const { constant } = parameters;
  if (parameters.with === 'mean') {
    const { means } = momentsOf(matrix, weights);
    return means.map((mean, column) => (sortedColumn(matrix, column).length > 0 ? mean : constant));
  }
  return Float64Array.from({ length: matrix.columns }, (_, column) => {
    const sorted = sortedColumn(matrix, column);
    if (parameters.with === 'constant' || sorted.length === 0) return constant;
    return parameters.with === 'median' ? quantileOf(sorted, 0.5) : mostFrequent(sorted);
  });
}

function mostFrequent(sorted: Float64Array): number {
  let [best, most, start] = [sorted[0]!, 0, 0];
  for (let at = 1; at <= sorted.length; at++) {
    if (sorted[at] === sorted[start]) continue;
    if (at - start > most) [best, most] = [sorted[start]!, at - start];
    start = at;
  }
  return best;
}

function imputerGraph(model: TabularModel): OnnxGraph {
  const { columns, outputs } = model.signature;
  const fills = Float32Array.from(tensorOf(model, 'fills', 'float64').data);
  const indicators = outputs > columns;
  const filled = indicators ? 'filled' : 'features_out';
  return {
    name: 'imputer',
    inputs: [{ name: 'features', type: 'float', shape: ['rows', columns] }],
    outputs: [{ name: 'features_out', type: 'float', shape: ['rows', outputs] }],
    nodes: [
      { op: 'IsNaN', inputs: ['features'], outputs: ['missing'] },
      { op: 'Where', inputs: ['missing', 'fills', 'features'], outputs: [filled] },
      ...(indicators
        ? [
            {
              ...{ op: 'Cast', inputs: ['missing'], outputs: ['indicators'] },
              attributes: { to: { int: 1 } },
            },
            {
              ...{ op: 'Concat', inputs: ['filled', 'indicators'], outputs: ['features_out'] },
              attributes: { axis: { int: 1 } },
            },
          ]
        : []),
    ],
    constants: { fills: { type: 'float', shape: [columns], data: fills } },
  };
}
