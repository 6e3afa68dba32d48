import type { ParametersOf } from '../constraint.ts';
import { UnsupportedVerb } from '../error.ts';
import { classesOf, type Examples } from '../examples.ts';
import { rowsOf } from '../features.ts';
import { float64, tensorOf } from '../fitted-model.ts';
import { classOutputs, GraphBuilder } from '../graph-builder.ts';
import type { Specification } from '../specification.ts';
import { specify } from '../specification.ts';
import type { TabularKind } from '../tabular-kind.ts';

const constraints = {
  predicts: {
    type: 'choice',
    options: ['mean', 'median', 'classes'],
    default: 'mean',
    summary:
      'What it says of every row: the mean or median of the target, or how often each class is.',
  },
} as const;

type Values = ParametersOf<typeof constraints>;
export type Constant = Specification<'constant', Values>;

/**
 * The floor that every estimator must beat: the same answer for every row, whatever its columns.
 *
 * @example
 * const floor = await fit(constant({ predicts: 'median' }), examples);
 */
export function constant(parameters: Partial<Values> = {}): Constant {
  return specify('constant', constraints, parameters);
}

export const constantKind: TabularKind<Values> = {
  kind: 'constant',
  family: 'baseline',
  roles: ['regressor', 'classifier'],
  summary: 'The same answer for every row: the floor that others must beat.',
  constraints,
  accepts: ['dense', 'sparse', 'texts', 'frame'],
  missing: true,
  target: ({ predicts }) => (predicts === 'classes' ? 'classes' : 'numbers'),
  memory: ({ rows, classes }) => 8 * (2 * rows + classes + 1),
  fit: async ({ parameters: { predicts } }, examples) => {
    const values =
      predicts === 'classes' ? shares(examples) : Float64Array.of(middle(examples, predicts));
    return { tensors: { values: float64([values.length], values) } };
  },
  tensors: ({ classes }) => ({ values: { type: 'float64', shape: [classes || 1] } }),
  predict: async (model, features) => {
    const { data } = tensorOf(model, 'values', 'float64');
    const likeliest = data.indexOf(data.reduce((most, value) => Math.max(most, value)));
    return new Float64Array(rowsOf(features)).fill(model.signature.classes ? likeliest : data[0]!);
  },
  predictProbabilities: async (model, features) => {
    if (model.signature.classes === 0)
      throw new UnsupportedVerb('constant', 'predictProbabilities');
    const { data } = tensorOf(model, 'values', 'float64');
    const rows = rowsOf(features);
    const values = Float64Array.from(
      { length: rows * data.length },
      (_, at) => data[at % data.length]!,
    );
    return { rows, columns: data.length, values };
  },
  onnx: (model) => {
    const { columns, classes } = model.signature;
    const { data } = tensorOf(model, 'values', 'float64');
    const builder = new GraphBuilder(columns);
    const rows = builder.node('Shape', ['features'], { start: { int: 0 }, end: { int: 1 } });
    if (classes === 0) {
      const from = builder.node('Expand', [builder.floats([1], data), rows]);
      return builder.finish('constant', [
        { name: 'prediction', type: 'float', shape: ['rows'], from },
      ]);
    }
    const shape = builder.node('Concat', [rows, builder.integers([1], [classes])], {
      axis: { int: 0 },
    });
    const all = builder.node('Expand', [builder.floats([1, classes], data), shape]);
    return builder.finish('constant', classOutputs(builder, all, classes));
  },
};

function shares(examples: Examples): Float64Array {
  const counts = new Float64Array(classesOf(examples));
  examples.target!.forEach((value, row) => {
    counts[value]! += examples.weights?.[row] ?? 1;
  });
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.map((count) => count / total);
}

/** The weighted mean or (lower) median. */
function middle({ target, weights }: Examples, predicts: 'mean' | 'median'): number {
  const places = Array.from(target!.keys());
  const total = places.reduce((sum, row) => sum + (weights?.[row] ?? 1), 0);
  if (predicts === 'mean') {
    return places.reduce((sum, row) => sum + ((weights?.[row] ?? 1) / total) * target![row]!, 0);
  }
  places.sort((a, b) => target![a]! - target![b]! || a - b);
  let passed = 0;
  const at = places.find((row) => {
    passed += weights?.[row] ?? 1;
    return passed >= total / 2;
  });
  return target![at!]!;
}
