import type { ParametersOf } from '../constraint.ts';
import { InvalidModel } from '../error.ts';
import { classesOf, type Examples, takeExamples } from '../examples.ts';
import type { Features } from '../features.ts';
import { float64, type TabularModel, tensorOf } from '../fitted-model.ts';
import type { Matrix } from '../matrix.ts';
import { splits } from '../selection/splits.ts';
import { type Specification, specify } from '../specification.ts';
import type { TabularKind } from '../tabular-kind.ts';
import {
  type Categories,
  categoriesOf,
  categoryAt,
  codesOf,
  collectCategories,
  frameOf,
} from './categories.ts';

const constraints = {
  target: {
    type: 'choice',
    options: ['numbers', 'classes'],
    default: 'numbers',
    summary:
      'Whether the target is a number, or classes, each with a column of its own beyond two.',
  },
  smoothing: {
    type: 'number',
    min: 0,
    max: 1e9,
    default: 10,
    summary: 'How many rows of the overall mean are added to those of each category.',
  },
  folds: {
    type: 'integer',
    min: 2,
    max: 100,
    default: 5,
    summary: 'A training row is encoded from the folds that it is not in.',
  },
} as const;

type Values = ParametersOf<typeof constraints>;
export type TargetEncoder = Specification<'targetEncoder', Values>;

/**
 * Each category by the mean target of its training rows, drawn to the overall mean (Micci-Barreca 2001,
 * equation 3 with a fixed count). In a `chain` the training rows are encoded out of fold, so that none sees
 * its own target; what is missing or was not seen has the overall mean.
 */
export function targetEncoder(parameters: Partial<Values> = {}): TargetEncoder {
  return specify('targetEncoder', constraints, parameters);
}

export const targetEncoderKind: TabularKind<Values> = {
  kind: 'targetEncoder',
  family: 'preprocessing',
  roles: ['transformer'],
  summary: 'Categories by the mean target of their rows.',
  constraints,
  accepts: ['frame', 'dense'],
  missing: true,
  target: ({ target }) => target,
  memory: ({ rows, columns, classes }) =>
    240 * rows * columns + 16 * rows * columns * (classes + 1),
  fit: async ({ parameters }, examples) => {
    const { categories, means } = learn(examples, parameters);
    const width = widthOf(examples, parameters);
    const outputs = categories.length * width;
    return { outputs, tensors: { means: float64([means.length], means) }, facts: { categories } };
  },
  transformTrained: async ({ parameters }, examples, options) => {
    const frame = frameOf(examples.features);
    const { folds } = parameters;
    const parts = splits(
      { kind: 'folds', folds: Math.min(folds, frame.rows) },
      { rows: frame.rows, seed: options.seed ?? 0 },
    );
    const width = widthOf(examples, parameters);
    const columns = frame.fields.length * width;
    const values = new Float64Array(frame.rows * columns);
    const named = { ...examples, classes: examples.classes ?? names(examples) };
    for (const { train, test } of parts) {
      const learned = learn(takeExamples(named, train), parameters);
      const rows = takeExamples(examples, test);
      const encoded = encode(learned.categories, learned.means, width, rows.features).values;
      test.forEach((row, at) => {
        values.set(encoded.subarray(at * columns, (at + 1) * columns), row * columns);
      });
    }
    return { rows: frame.rows, columns, values };
  },
  tensors: () => ({ means: { type: 'float64', shape: [-1] } }),
  checkModel: (model) => {
    const categories = categoriesOf(model);
    const width = model.signature.outputs / Math.max(1, categories.length);
    const places = categories.reduce((sum, own) => sum + own.length + 1, 0) * width;
    if (tensorOf(model, 'means', 'float64').data.length === places) return;
    throw new InvalidModel('it has not one mean for each category');
  },
  transform: async (model: TabularModel, features) => {
    const categories = categoriesOf(model);
    const means = tensorOf(model, 'means', 'float64').data;
    return encode(categories, means, model.signature.outputs / categories.length, features);
  },
};

function names(examples: Examples): string[] {
  return Array.from({ length: classesOf(examples) }, (_, label) => `${label}`);
}

/** Columns that each column becomes: one for numbers and two classes, else one for each class. */
function widthOf(examples: Examples, { target }: Values): number {
  const classes = target === 'classes' ? classesOf(examples) : 0;
  return classes > 2 ? classes : 1;
}

/** By column the means of each category, and last that of all; `width` numbers each. */
function learn(
  examples: Examples,
  parameters: Values,
): { readonly categories: Categories; readonly means: Float64Array } {
  const frame = frameOf(examples.features);
  const width = widthOf(examples, parameters);
  const part = (row: number, at: number): number => {
    const value = examples.target![row]!;
    if (width > 1) return value === at ? 1 : 0;
    return value;
  };
  const weight = (row: number): number => examples.weights?.[row] ?? 1;
  const overall = Float64Array.from({ length: width }, (_, at) => {
    let [sum, total] = [0, 0];
    for (let row = 0; row < frame.rows; row++) {
      sum += weight(row) * part(row, at);
      total += weight(row);
    }
    return sum / total;
  });
  const categories = collectCategories(frame, 1, 1e6);
  const codes = codesOf(categories);
  const means = frame.fields.flatMap((field, column) => {
    const count = categories[column]!.length;
    const sums = new Float64Array(count * width);
    const totals = new Float64Array(count);
    for (let row = 0; row < frame.rows; row++) {
      const code = codes[column]!.get(categoryAt(field, row) ?? '\0missing');
      if (code === undefined) continue;
      totals[code]! += weight(row);
      for (let at = 0; at < width; at++) sums[code * width + at]! += weight(row) * part(row, at);
    }
    const { smoothing } = parameters;
    const own = Array.from(sums, (sum, place) => {
      const mean = overall[place % width]!;
      const total = totals[Math.floor(place / width)]! + smoothing;
      return total > 0 ? (sum + smoothing * mean) / total : mean;
    });
    return [...own, ...overall];
  });
  return { categories, means: Float64Array.from(means) };
}

function encode(
  categories: Categories,
  means: Float64Array,
  width: number,
  features: Features,
): Matrix {
  const { rows, fields } = frameOf(features);
  const codes = codesOf(categories);
  const columns = fields.length * width;
  const values = new Float64Array(rows * columns);
  let base = 0;
  fields.forEach((field, column) => {
    const own = codes[column]!;
    for (let row = 0; row < rows; row++) {
      const code = own.get(categoryAt(field, row) ?? '\0missing') ?? own.size;
      for (let at = 0; at < width; at++) {
        values[row * columns + column * width + at] = means[base + code * width + at]!;
      }
    }
    base += (own.size + 1) * width;
  });
  return { rows, columns, values };
}
