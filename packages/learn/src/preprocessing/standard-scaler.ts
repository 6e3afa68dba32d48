import type { ParametersOf } from '../constraint.ts';
import { InvalidExamples } from '../error.ts';
import { densify, type Matrix, type SparseMatrix } from '../matrix.ts';
import { type Specification, specify } from '../specification.ts';
import type { TabularKind } from '../tabular-kind.ts';
import { momentsOf } from './column-statistics.ts';
import { learnedScale, scaleGraph, scaleTensors, shiftAndScale } from './shift-and-scale.ts';

const constraints = {
  centre: {
    type: 'flag',
    default: true,
    summary:
      'Whether the mean is taken away; sparse rows would lose their zeros, so they refuse it.',
  },
  scale: { type: 'flag', default: true, summary: 'Whether to divide by the standard deviation.' },
} as const;

type Values = ParametersOf<typeof constraints>;
export type StandardScaler = Specification<'standardScaler', Values>;

/**
 * Each column less its mean, over its standard deviation (of the rows at hand, not less one). A column of
 * one value is divided by 1. NaN is left out of both and stays NaN.
 *
 * @example
 * const scaled = await transform(await fit(standardScaler(), examples), features);
 */
export function standardScaler(parameters: Partial<Values> = {}): StandardScaler {
  return specify('standardScaler', constraints, parameters);
}

export const standardScalerKind: TabularKind<Values> = {
  kind: 'standardScaler',
  family: 'preprocessing',
  roles: ['transformer'],
  summary: 'Columns with mean 0 and standard deviation 1.',
  constraints,
  accepts: ['dense', 'sparse'],
  missing: true,
  target: 'none',
  memory: ({ rows, columns }) => 8 * columns * (5 + rows),
  fit: async ({ parameters: { centre, scale } }, { features, weights }) => {
    const given = features as Matrix | SparseMatrix;
    if ('offsets' in given && centre) {
      throw new InvalidExamples('sparse rows cannot be centred; set centre to false');
    }
    const { means, variances } = momentsOf('offsets' in given ? densify(given) : given, weights);
    const factors = variances.map((variance) => (scale && variance > 0 ? variance ** -0.5 : 1));
    return learnedScale(centre ? means : means.fill(0), factors);
  },
  tensors: scaleTensors,
  transform: shiftAndScale,
  onnx: scaleGraph,
};
