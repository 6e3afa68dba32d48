import type { ParametersOf } from '../constraint.ts';
import type { SparseMatrix } from '../matrix.ts';
import { densify } from '../matrix.ts';
import { type Specification, specify } from '../specification.ts';
import type { TabularKind } from '../tabular-kind.ts';
import { categoriesOf, categoryAt, codesOf, collectCategories, frameOf } from './categories.ts';

const constraints = {
  leastRows: {
    type: 'integer',
    min: 1,
    max: 1e9,
    default: 1,
    summary: 'Categories of fewer training rows count as unknown.',
  },
  most: {
    type: 'integer',
    min: 1,
    max: 1e6,
    default: 1000,
    summary: 'The most categories of a column, the most frequent; others count as unknown.',
  },
  sparse: {
    type: 'flag',
    default: false,
    summary: 'Whether the result is sparse, for columns of many categories.',
  },
} as const;

type Values = ParametersOf<typeof constraints>;
export type OneHotEncoder = Specification<'oneHotEncoder', Values>;

/**
 * A column of 0 and 1 for each category of each column. What is missing or was not seen has zeros in all.
 *
 * @example
 * const coded = await transform(await fit(oneHotEncoder({ leastRows: 5 }), examples), frame);
 */
export function oneHotEncoder(parameters: Partial<Values> = {}): OneHotEncoder {
  return specify('oneHotEncoder', constraints, parameters);
}

export const oneHotEncoderKind: TabularKind<Values> = {
  kind: 'oneHotEncoder',
  family: 'preprocessing',
  roles: ['transformer'],
  summary: 'A column of 0 and 1 for each category.',
  constraints,
  accepts: ['frame', 'dense'],
  missing: true,
  target: 'none',
  memory: ({ rows, columns }) => 160 * rows * columns,
  made: (size, { leastRows, most, sparse }) => {
    const { rows } = size;
    const width = size.columns * Math.min(most, Math.ceil(rows / leastRows));
    return { ...size, columns: width, stored: rows * (sparse ? size.columns : width) };
  },
  fit: async ({ parameters: { leastRows, most } }, { features }) => {
    const categories = collectCategories(frameOf(features), leastRows, most);
    const outputs = categories.reduce((sum, own) => sum + own.length, 0);
    return { outputs, tensors: {}, facts: { categories } };
  },
  tensors: () => ({}),
  checkModel: (model) => void categoriesOf(model),
  transform: async (model, features) => {
    const frame = frameOf(features);
    const codes = codesOf(categoriesOf(model));
    const indices: number[] = [];
    const offsets = new Int32Array(frame.rows + 1);
    for (let row = 0; row < frame.rows; row++) {
      let base = 0;
      frame.fields.forEach((field, column) => {
        const category = categoryAt(field, row);
        const code = category === undefined ? undefined : codes[column]!.get(category);
        if (code !== undefined) indices.push(base + code);
        base += codes[column]!.size;
      });
      offsets[row + 1] = indices.length;
    }
    const columns = codes.reduce((sum, own) => sum + own.size, 0);
    const values = new Float64Array(indices.length).fill(1);
    const found: SparseMatrix = {
      rows: frame.rows,
      columns,
      offsets,
      indices: Int32Array.from(indices),
      values,
    };
    return model.specification.parameters.sparse ? found : densify(found);
  },
};
