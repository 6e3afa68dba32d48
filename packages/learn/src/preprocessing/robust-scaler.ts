import type { ParametersOf } from '../constraint.ts';
import { featuresAs } from '../features.ts';
import { type Specification, specify } from '../specification.ts';
import type { TabularKind } from '../tabular-kind.ts';
import { quantileOf, sortedColumn } from './column-statistics.ts';
import { learnedScale, scaleGraph, scaleTensors, shiftAndScale } from './shift-and-scale.ts';

const constraints = {
  tail: {
    type: 'number',
    min: 0,
    max: 0.49,
    default: 0.25,
    summary: 'The share of values cut off at each side before the range is taken.',
  },
} as const;

type Values = ParametersOf<typeof constraints>;
export type RobustScaler = Specification<'robustScaler', Values>;

/**
 * Each column less its median, over the range between its quantiles `tail` and 1 - `tail`: outliers move
 * neither. A range of 0 is taken as 1.
 */
export function robustScaler(parameters: Partial<Values> = {}): RobustScaler {
  return specify('robustScaler', constraints, parameters);
}

export const robustScalerKind: TabularKind<Values> = {
  kind: 'robustScaler',
  family: 'preprocessing',
  roles: ['transformer'],
  summary: 'Columns by their median and the range between quantiles.',
  constraints,
  accepts: ['dense'],
  missing: true,
  target: 'none',
  // A sorted copy of each column, of which those that are done may wait to be collected.
  memory: ({ rows, columns }) => 8 * columns * (rows + 2),
  fit: async ({ parameters: { tail } }, { features }) => {
    const matrix = featuresAs(features, 'dense');
    const shifts = new Float64Array(matrix.columns);
    const factors = new Float64Array(matrix.columns).fill(1);
    for (let column = 0; column < matrix.columns; column++) {
      const sorted = sortedColumn(matrix, column);
      const range = quantileOf(sorted, 1 - tail) - quantileOf(sorted, tail);
      shifts[column] = quantileOf(sorted, 0.5) || 0;
      if (range > 0 && range < Infinity) factors[column] = 1 / range;
    }
    return learnedScale(shifts, factors);
  },
  tensors: scaleTensors,
  transform: shiftAndScale,
  onnx: scaleGraph,
};
