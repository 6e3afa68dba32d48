import type { OnnxGraph } from '@backlot/compute';
import type { ParametersOf } from '../constraint.ts';
import { InvalidModel, InvalidParameter } from '../error.ts';
import { classesOf, type Examples } from '../examples.ts';
import { float64, int32, partOf, type TabularModel, tensorOf } from '../fitted-model.ts';
import { classOutputs, GraphBuilder } from '../graph-builder.ts';
import type { Matrix } from '../matrix.ts';
import { outOfFold } from '../selection/out-of-fold.ts';
import { type Specification, specify } from '../specification.ts';
import type { TabularKind } from '../tabular-kind.ts';
import { fitIsotonic, isotonicAt } from './isotonic.ts';
import { fitPlatt, plattAt } from './platt.ts';

const constraints = {
  estimator: {
    type: 'estimator',
    default: { kind: 'constant', parameters: { predicts: 'classes' } },
    summary: 'The classifier whose probabilities are set right.',
  },
  method: {
    type: 'choice',
    options: ['isotonic', 'sigmoid'],
    default: 'isotonic',
    summary: 'A rising step function, or a logistic curve for few rows.',
  },
  folds: {
    type: 'integer',
    min: 2,
    max: 100,
    default: 5,
    summary: 'Probabilities are compared with rows that their model has not seen.',
  },
} as const;

type Values = ParametersOf<typeof constraints>;
export type CalibratedClassifier = Specification<'calibratedClassifier', Values>;

/**
 * A classifier whose probabilities are what they say: each class's probability, as models of the other
 * folds gave it, is mapped to how often the class was there (Zadrozny and Elkan 2002), and rows add up to 1
 * again. The classifier itself is fitted to all rows.
 *
 * @example
 * const model = await fit(calibratedClassifier({ estimator: randomForest(), method: 'sigmoid' }), train);
 */
export function calibratedClassifier(parameters: Partial<Values> = {}): CalibratedClassifier {
  return specify('calibratedClassifier', constraints, parameters);
}

export const calibratedClassifierKind: TabularKind<Values> = {
  kind: 'calibratedClassifier',
  family: 'composition',
  roles: ['classifier'],
  summary: 'A classifier whose probabilities were set right on rows it had not seen.',
  constraints,
  accepts: ['dense', 'sparse', 'texts', 'frame'],
  acceptsBy: ({ estimator }, parts) => parts.acceptsOf(estimator),
  missing: true,
  target: 'classes',
  memory: (size, { estimator }, parts) =>
    parts.memoryOf(estimator, size) + 8 * size.stored + 40 * size.rows * (size.classes + 1),
  fit: async ({ parameters }, examples, options, verbs) => {
    const { estimator, method, folds } = parameters;
    if (!verbs.rolesOf(estimator).includes('classifier')) {
      throw new InvalidParameter('calibratedClassifier', 'estimator', 'is no classifier');
    }
    const seen = await outOfFold(estimator, examples, { ...options, folds }, verbs);
    const curves = Array.from({ length: classesOf(examples) }, (_, label) => {
      return method === 'isotonic' ? steps(examples, seen, label) : curve(examples, seen, label);
    });
    const offsets = new Int32Array(curves.length + 1);
    curves.forEach(({ places }, label) => {
      offsets[label + 1] = offsets[label]! + places.length;
    });
    const joined = (part: 'places' | 'values') =>
      float64([offsets.at(-1)!], Float64Array.from(curves.flatMap((one) => Array.from(one[part]))));
    return {
      parts: { classifier: await verbs.fit(estimator, examples, options) },
      tensors: {
        places: joined('places'),
        values: joined('values'),
        offsets: int32([offsets.length], offsets),
      },
    };
  },
  tensors: ({ classes }) => ({
    places: { type: 'float64', shape: [-1] },
    values: { type: 'float64', shape: [-1] },
    offsets: { type: 'int32', shape: [classes + 1] },
  }),
  checkModel,
  predict: async (model, features, options, verbs) => {
    const { rows, columns, values } = await calibrate(
      model,
      await verbs.predictProbabilities(partOf(model, 'classifier'), features, options),
    );
    return Float64Array.from({ length: rows }, (_, row) => {
      let best = 0;
      for (let label = 1; label < columns; label++) {
        if (values[row * columns + label]! > values[row * columns + best]!) best = label;
      }
      return best;
    });
  },
  predictProbabilities: async (model, features, options, verbs) =>
    calibrate(
      model,
      await verbs.predictProbabilities(partOf(model, 'classifier'), features, options),
    ),
  onnx: calibratedGraph,
};

/** In doubles, since the curves may be steep. */
function calibratedGraph(
  model: TabularModel,
  graphOf: (part: TabularModel) => OnnxGraph,
): OnnxGraph {
  const { columns, classes } = model.signature;
  const { method } = model.specification.parameters as Values;
  const [places, values] = ['places', 'values'].map(
    (name) => tensorOf(model, name, 'float64').data,
  );
  const offsets = tensorOf(model, 'offsets', 'int32').data;
  const builder = new GraphBuilder(columns);
  const given = builder.inline(graphOf(partOf(model, 'classifier')), 'features').probabilities!;
  const all = builder.cast(given, 'double');
  const axis = { axis: { int: 1 } };
  const curves = Array.from({ length: classes }, (_, label) => {
    const own = builder.node('Gather', [all, builder.integers([1], [label])], axis);
    const span = [offsets[label], offsets[label + 1]] as const;
    const curve = { places: places!.subarray(...span), values: values!.subarray(...span) };
    return method === 'isotonic' ? stepsNode(builder, own, curve) : curveNode(builder, own, curve);
  });
  // The least double keeps rows whole that no class wants: all are as likely there.
  const least = builder.doubles([], [Number.MIN_VALUE]);
  const raised = builder.node('Add', [builder.node('Concat', curves, axis), least]);
  const total = builder.node('ReduceSum', [raised, builder.integers([1], [1])], {
    keepdims: { int: 1 },
  });
  const found = builder.cast(builder.node('Div', [raised, total]), 'float');
  return builder.finish('calibratedClassifier', classOutputs(builder, found, classes));
}

function curveNode(builder: GraphBuilder, p: string, { places, values }: Curve): string {
  const edge = 2 ** -40;
  const drawn = builder.node('Clip', [
    p,
    builder.doubles([], [edge]),
    builder.doubles([], [1 - edge]),
  ]);
  const odds = builder.node('Div', [drawn, builder.node('Sub', [builder.doubles([], [1]), drawn])]);
  const slope = builder.doubles([], [places[0]!]);
  const risen = builder.node('Mul', [builder.node('Log', [odds]), slope]);
  const score = builder.node('Add', [risen, builder.doubles([], [values[0]!])]);
  const one = builder.doubles([], [1]);
  const falling = builder.node('Exp', [builder.node('Neg', [score])]);
  return builder.node('Div', [one, builder.node('Add', [one, falling])]);
}

/** Between the last place at or below p and the next, as far as p is between them. */
function stepsNode(builder: GraphBuilder, p: string, { places, values }: Curve): string {
  const count = places.length;
  // A curve of one place is level, as one of two places with equal values.
  const [x, y] =
    count > 1
      ? [[...places], [...values]]
      : [
          [places[0]!, places[0]! + 1],
          [values[0]!, values[0]!],
        ];
  const drawn = builder.node('Clip', [
    p,
    builder.doubles([], [x[0]!]),
    builder.doubles([], [x.at(-1)!]),
  ]);
  const inner = x.slice(1, -1);
  const passed = builder.node('GreaterOrEqual', [drawn, builder.doubles([1, inner.length], inner)]);
  const at = builder.node(
    'ReduceSum',
    [builder.cast(passed, 'int64'), builder.integers([1], [1])],
    {
      keepdims: { int: 1 },
    },
  );
  const [places0, values0] = [builder.doubles([x.length], x), builder.doubles([y.length], y)];
  const next = builder.node('Add', [at, builder.integers([], [1])]);
  const [low, high] = [at, next].map((place) => builder.node('Gather', [places0, place]));
  const [from, to] = [at, next].map((place) => builder.node('Gather', [values0, place]));
  const width = builder.node('Sub', [high!, low!]);
  const share = builder.node('Div', [builder.node('Sub', [drawn, low!]), width]);
  const rise = builder.node('Mul', [share, builder.node('Sub', [to!, from!])]);
  return builder.node('Add', [from!, rise]);
}

interface Curve {
  readonly places: Float64Array;
  readonly values: Float64Array;
}

function ofClass({ columns, values }: Matrix, label: number): Float64Array {
  return Float64Array.from(
    { length: values.length / columns },
    (_, row) => values[row * columns + label]!,
  );
}

function steps(examples: Examples, seen: Matrix, label: number): Curve {
  const hits = examples.target!.map((value) => (value === label ? 1 : 0));
  return fitIsotonic(ofClass(seen, label), hits, examples.weights);
}

/** The two numbers of the curve are kept where a step function has its places and values. */
function curve(examples: Examples, seen: Matrix, label: number): Curve {
  const hits = examples.target!.map((value) => (value === label ? 1 : 0));
  const { slope, offset } = fitPlatt(ofClass(seen, label).map(logit), hits, examples.weights);
  return { places: Float64Array.of(slope), values: Float64Array.of(offset) };
}

/** Probabilities of 0 and 1 are drawn in by 2^-40, so that their logit is a number. */
function logit(probability: number): number {
  const p = Math.min(Math.max(probability, 2 ** -40), 1 - 2 ** -40);
  return Math.log(p / (1 - p));
}

function checkModel(model: TabularModel): void {
  const offsets = tensorOf(model, 'offsets', 'int32').data;
  const [places, values] = ['places', 'values'].map(
    (name) => tensorOf(model, name, 'float64').data,
  );
  const rises = offsets.every((offset, at) => at === 0 || offset > offsets[at - 1]!);
  const spans = offsets[0] === 0 && offsets.at(-1) === places!.length;
  const { columns, classes } = partOf(model, 'classifier').signature;
  const same = columns === model.signature.columns && classes === model.signature.classes;
  if (rises && spans && same && places!.length === values!.length) return;
  throw new InvalidModel('its curves do not fit its classifier');
}

function calibrate(
  model: TabularModel & { readonly specification: Specification<string, Values> },
  given: Matrix,
): Matrix {
  const offsets = tensorOf(model, 'offsets', 'int32').data;
  const places = tensorOf(model, 'places', 'float64').data;
  const values = tensorOf(model, 'values', 'float64').data;
  const { rows, columns } = given;
  const found = new Float64Array(rows * columns);
  const { method } = model.specification.parameters;
  for (let row = 0; row < rows; row++) {
    let total = 0;
    for (let label = 0; label < columns; label++) {
      const [from, to] = [offsets[label]!, offsets[label + 1]!];
      const probability = given.values[row * columns + label]!;
      const value =
        method === 'isotonic'
          ? isotonicAt(
              { places: places.subarray(from, to), values: values.subarray(from, to) },
              probability,
            )
          : plattAt({ slope: places[from]!, offset: values[from]! }, logit(probability));
      found[row * columns + label] = value;
      total += value;
    }
    // A row that no class wants is as likely to be of any.
    for (let label = 0; label < columns; label++) {
      found[row * columns + label] =
        total > 0 ? found[row * columns + label]! / total : 1 / columns;
    }
  }
  return { rows, columns, values: found };
}
