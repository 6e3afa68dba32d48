import { type LinearRows, openRows } from '@backlot/compute';
import type { ParametersOf } from '../constraint.ts';
import type { Examples } from '../examples.ts';
import { columnsOf } from '../features.ts';
import type { FitOptions } from '../fit-options.ts';
import type { Specification } from '../specification.ts';
import { specify } from '../specification.ts';
import type { TabularKind } from '../tabular-kind.ts';
import { fitLosses, inOwnUnits } from './fit-losses.ts';
import { centredMoments, solveRidge } from './least-squares-moments.ts';
import { linearInput, linearMemory } from './linear-input.ts';
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
    min: 0,
    max: 1e12,
    default: 1,
    summary:
      'What the squared length of the coefficients is multiplied with, beside squared errors.',
  },
  intercept: { type: 'flag', default: true, summary: 'Whether a constant is added, unpenalised.' },
} as const;

type Values = ParametersOf<typeof constraints>;
export type Ridge = Specification<'ridge', Values>;

/**
 * Least squares with a penalty on the coefficients' length: |y - X w - b|^2 + penalty |w|^2, by one pass
 * over the rows (Hoerl and Kennard 1970). Takes dense and sparse rows.
 *
 * @example
 * const model = await fit(ridge({ penalty: 0.1 }), { features, target });
 */
export function ridge(parameters: Partial<Values> = {}): Ridge {
  return specify('ridge', constraints, parameters);
}

export const ridgeKind: TabularKind<Values> = {
  kind: 'ridge',
  family: 'linear',
  roles: ['regressor'],
  summary: 'Least squares with a penalty on the squared coefficients.',
  constraints,
  accepts: ['dense', 'sparse'],
  missing: false,
  target: 'numbers',
  memory: (size) => linearMemory(size, 1),
  fit: async ({ parameters: { penalty, intercept } }, examples, options) => {
    const { features, threads } = linearInput(examples, options);
    const wide = columnsOf(features) > mostSquareColumns;
    await using rows = await openRows(features, { ...threads, again: wide, centred: intercept });
    const found = wide
      ? await fitWide(rows, penalty, intercept, examples, options)
      : solveRidge(rows, await centredMoments(rows, examples, intercept), penalty);
    return { tensors: linearTensors(inOwnUnits(rows, found)) };
  },
  tensors: ({ columns }) => linearShapes(1, columns),
  predict: async (model, features) => linearScores(linearOf(model), features),
  onnx: (model) => numberGraph('ridge', linearOf(model), 'identity'),
};

/** Above so many columns their products take more room and time than passes do. */
const mostSquareColumns = 3000;

async function fitWide(
  rows: LinearRows,
  penalty: number,
  intercept: boolean,
  { target, weights }: Examples,
  options: FitOptions,
): Promise<Float64Array> {
  const { coefficients } = await fitLosses(
    rows,
    {
      ...{ kind: 'ridge', loss: 'squared', outputs: 1, target: target!, weights, intercept },
      ...{ l1: 0, l2: penalty, tolerance: 1e-12, maxIterations: 5000 },
    },
    options,
  );
  return coefficients;
}
