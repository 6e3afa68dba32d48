import type { ParametersOf } from '../constraint.ts';
import { GraphBuilder } from '../graph-builder.ts';
import type { Matrix, SparseMatrix } from '../matrix.ts';
import { type Specification, specify } from '../specification.ts';
import type { TabularKind } from '../tabular-kind.ts';

const constraints = {
  norm: {
    type: 'choice',
    options: ['l2', 'l1', 'max'],
    default: 'l2',
    summary:
      'What of each row becomes 1: its length, the sum or the greatest of its absolute values.',
  },
} as const;

type Values = ParametersOf<typeof constraints>;
export type RowNormaliser = Specification<'rowNormaliser', Values>;

/** Each row over its norm; a row of zeros stays. Nothing is learned. */
export function rowNormaliser(parameters: Partial<Values> = {}): RowNormaliser {
  return specify('rowNormaliser', constraints, parameters);
}

const norms = {
  l1: (values: Float64Array) => values.reduce((sum, value) => sum + Math.abs(value), 0),
  l2: (values: Float64Array) => {
    // Over the greatest first, so that squares neither overflow nor vanish.
    const most = values.reduce((found, value) => Math.max(found, Math.abs(value)), 0) || 1;
    return most * Math.sqrt(values.reduce((sum, value) => sum + (value / most) ** 2, 0));
  },
  max: (values: Float64Array) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0),
};

export const rowNormaliserKind: TabularKind<Values> = {
  kind: 'rowNormaliser',
  family: 'preprocessing',
  roles: ['transformer'],
  summary: 'Rows of length 1.',
  constraints,
  accepts: ['dense', 'sparse'],
  missing: false,
  target: 'none',
  memory: () => 0,
  fit: async (_, { features }) => ({
    outputs: (features as Matrix | SparseMatrix).columns,
    tensors: {},
  }),
  tensors: () => ({}),
  transform: async ({ specification: { parameters } }, features) => {
    const given = features as Matrix | SparseMatrix;
    const values = Float64Array.from(given.values);
    for (let row = 0; row < given.rows; row++) {
      const [from, to] =
        'offsets' in given
          ? [given.offsets[row]!, given.offsets[row + 1]!]
          : [row * given.columns, (row + 1) * given.columns];
      const own = values.subarray(from, to);
      const norm = norms[parameters.norm](own);
      if (norm > 0) for (let at = 0; at < own.length; at++) own[at]! /= norm;
    }
    return { ...given, values };
  },
  onnx: (model) => {
    const { columns } = model.signature;
    const builder = new GraphBuilder(columns);
    const axis = builder.integers([1], [1]);
    const zero = builder.floats([], [0]);
    const one = builder.floats([], [1]);
    /** Rows over a reduction of them, where that is not 0. */
    const over = (op: string, x: string): string => {
      const norm = builder.node(op, [x, axis], { keepdims: { int: 1 } });
      const none = builder.node('Equal', [norm, zero]);
      return builder.node('Div', [x, builder.node('Where', [none, one, norm])]);
    };
    const most = builder.node('ReduceMax', [builder.node('Abs', ['features']), axis], {
      keepdims: { int: 1 },
    });
    const none = builder.node('Equal', [most, zero]);
    const scaled = builder.node('Div', ['features', builder.node('Where', [none, one, most])]);
    const { norm } = model.specification.parameters as Values;
    const from = norm === 'max' ? scaled : over(norm === 'l1' ? 'ReduceL1' : 'ReduceL2', scaled);
    return builder.finish('rowNormaliser', [
      { name: 'features_out', type: 'float', shape: ['rows', columns], from },
    ]);
  },
};
