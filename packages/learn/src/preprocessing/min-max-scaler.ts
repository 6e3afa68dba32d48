import type { ParametersOf } from '../constraint.ts';
import { featuresAs } from '../features.ts';
import { type Specification, specify } from '../specification.ts';
import type { TabularKind } from '../tabular-kind.ts';
import { sortedColumn } from './column-statistics.ts';
import { learnedScale, scaleGraph, scaleTensors, shiftAndScale } from './shift-and-scale.ts';

const constraints = {} as const;

type Values = ParametersOf<typeof constraints>;
export type MinMaxScaler = Specification<'minMaxScaler', Values>;

/**
 * Each column mapped so that its least training value is 0 and its greatest 1; new rows may lie outside.
 * A column of one value becomes 0. NaN is left out and stays NaN.
 */
export function minMaxScaler(): MinMaxScaler {
  return specify('minMaxScaler', constraints, {});
}

export const minMaxScalerKind: TabularKind<Values> = {
  kind: 'minMaxScaler',
  family: 'preprocessing',
  roles: ['transformer'],
  summary: 'Columns from 0 to 1.',
  constraints,
  accepts: ['dense'],
  missing: true,
  target: 'none',
  // A sorted copy of each column, of which those that are done may wait to be collected.
  memory: ({ rows, columns }) => 8 * columns * (rows + 2),
  fit: async (_, { features }) => {
    const matrix = featuresAs(features, 'dense');
    const shifts = new Float64Array(matrix.columns);
    const factors = new Float64Array(matrix.columns).fill(1);
    for (let column = 0; column < matrix.columns; column++) {
      const sorted = sortedColumn(matrix, column);
      const [low = 0, high = 0] = [sorted[0], sorted.at(-1)];
      shifts[column] = low;
      // Halves, since high - low of two finite doubles may overflow.
      if (high > low) factors[column] = 0.5 / (high / 2 - low / 2);
    }
    return learnedScale(shifts, factors);
  },
  tensors: scaleTensors,
  transform: shiftAndScale,
  onnx: scaleGraph,
};
