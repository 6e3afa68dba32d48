import type { ParametersOf } from '../constraint.ts';
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
    default: 1e6,
    summary: 'The most categories of a column, the most frequent; others count as unknown.',
  },
} as const;

type Values = ParametersOf<typeof constraints>;
export type OrdinalEncoder = Specification<'ordinalEncoder', Values>;

/**
 * The code of each category, from 0 in the order of their text: what trees take as categories. What is
 * missing or was not seen is NaN.
 */
export function ordinalEncoder(parameters: Partial<Values> = {}): OrdinalEncoder {
  return specify('ordinalEncoder', constraints, parameters);
}

export const ordinalEncoderKind: TabularKind<Values> = {
  kind: 'ordinalEncoder',
  family: 'preprocessing',
  roles: ['transformer'],
  summary: 'Categories by a number of their own.',
  constraints,
  accepts: ['frame', 'dense'],
  missing: true,
  target: 'none',
  memory: ({ rows, columns }) => 160 * rows * columns,
  fit: async ({ parameters: { leastRows, most } }, { features }) => {
    const categories = collectCategories(frameOf(features), leastRows, most);
    return { outputs: categories.length, tensors: {}, facts: { categories } };
  },
  tensors: () => ({}),
  checkModel: (model) => void categoriesOf(model),
  transform: async (model, features) => {
    const { rows, fields } = frameOf(features);
    const codes = codesOf(categoriesOf(model));
    const columns = fields.length;
    const values = new Float64Array(rows * columns);
    fields.forEach((field, column) => {
      for (let row = 0; row < rows; row++) {
        const category = categoryAt(field, row);
        const code = category === undefined ? undefined : codes[column]!.get(category);
        values[row * columns + column] = code ?? Number.NaN;
      }
    });
    return { rows, columns, values };
  },
};
