import { leastSquares as solveLeastSquares } from '@backlot/compute';
import { throwIfCancelled } from '@backlot/core';
import type { ParametersOf } from '../constraint.ts';
import type { Examples } from '../examples.ts';
import { columnsOf, rowsOf } from '../features.ts';
import { float64 } from '../fitted-model.ts';
import { densify, toFloat64 } from '../matrix.ts';
import type { Specification } from '../specification.ts';
import { specify } from '../specification.ts';
import type { TabularKind } from '../tabular-kind.ts';
import { linearInput } from './linear-input.ts';
import {
  linearOf,
  linearScores,
  linearShapes,
  linearTensors,
  numberGraph,
} from './linear-model.ts';

const constraints = {
  intercept: { type: 'flag', default: true, summary: 'Whether a constant is added.' },
} as const;

type Values = ParametersOf<typeof constraints>;
export type LeastSquares = Specification<'leastSquares', Values>;

/**
 * Ordinary least squares by QR with column pivoting, which keeps the digits that X' X loses; dependent
 * columns get the shortest of all solutions. The model's tensor `standardErrors` holds those of the
 * coefficients and, last, of the intercept, for independent errors of one variance (weights count rows'
 * precision); 0 where no degree of freedom is left. For millions of rows `ridge({ penalty: 0 })` is faster.
 *
 * @example
 * const model = await fit(leastSquares(), { features, target });
 */
export function leastSquares(parameters: Partial<Values> = {}): LeastSquares {
  return specify('leastSquares', constraints, parameters);
}

export const leastSquaresKind: TabularKind<Values> = {
  kind: 'leastSquares',
  family: 'linear',
  roles: ['regressor'],
  summary: 'Ordinary least squares that keeps its digits, with standard errors.',
  constraints,
  accepts: ['dense', 'sparse'],
  missing: false,
  target: 'numbers',
  memory: ({ columns, rows }) => 24 * (rows + 4) * (columns + 2) + 64 * (columns + 2) ** 2,
  fit: async ({ parameters: { intercept } }, examples, options) => {
    throwIfCancelled(options.signal, 'the fit');
    const columns = columnsOf(examples.features);
    const { used, values, right } = design(examples, intercept);
    const width = columns + Number(intercept);
    const found = solveLeastSquares({ rows: used, columns: width, values }, right);
    const freedom = used - found.rank;
    const variance = freedom > 0 ? found.residualSquares[0]! / freedom : 0;
    const inverse = variance > 0 ? found.inverseGram() : new Float64Array(width * width);
    const errors = new Float64Array(columns + 1);
    for (let j = 0; j < width; j++) errors[j] = Math.sqrt(variance * inverse[j * width + j]!);
    return {
      tensors: {
        ...linearTensors({
          coefficients: found.coefficients.slice(0, columns),
          intercepts: Float64Array.of(intercept ? found.coefficients[columns]! : 0),
        }),
        standardErrors: float64([columns + 1], errors),
      },
      facts: { rank: found.rank, residualSquares: found.residualSquares[0]! },
    };
  },
  tensors: ({ columns }) => ({
    ...linearShapes(1, columns),
    standardErrors: { type: 'float64', shape: [columns + 1] },
  }),
  predict: async (model, features) => linearScores(linearOf(model), features),
  onnx: (model) => numberGraph('leastSquares', linearOf(model), 'identity'),
};

/** Rows times the root of their weight, those of weight 0 left out, a column of ones behind. */
function design(examples: Examples, intercept: boolean) {
  const { target, weights } = examples;
  const { features } = linearInput(examples, {});
  const numbers = toFloat64('offsets' in features ? densify(features) : features);
  const columns = columnsOf(features);
  const width = columns + Number(intercept);
  const kept = Array.from({ length: rowsOf(features) }, (_, row) => row).filter(
    (row) => (weights?.[row] ?? 1) > 0,
  );
  const values = new Float64Array(kept.length * width);
  const right = new Float64Array(kept.length);
  kept.forEach((row, to) => {
    const root = Math.sqrt(weights?.[row] ?? 1);
    for (let j = 0; j < columns; j++) values[to * width + j] = root * numbers[row * columns + j]!;
    if (intercept) values[to * width + columns] = root;
    right[to] = root * target![row]!;
  });
  return { used: kept.length, values, right };
}
