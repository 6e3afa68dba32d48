import { type LinearRows, openRows } from '@backlot/compute';
import type { ParametersOf } from '../constraint.ts';
import { classesOf, type Examples } from '../examples.ts';
import type { FitOptions } from '../fit-options.ts';
import type { Specification } from '../specification.ts';
import { specify } from '../specification.ts';
import type { TabularKind } from '../tabular-kind.ts';
import { fitLosses, inOwnUnits, type LossProblem } from './fit-losses.ts';
import { linearInput, linearMemory } from './linear-input.ts';
import {
  classGraph,
  largestScores,
  linearOf,
  linearScores,
  linearShapes,
  linearTensors,
  marginsOf,
} from './linear-model.ts';

const constraints = {
  penalty: {
    type: 'number',
    min: 1e-9,
    max: 1e12,
    default: 1,
    scale: 'log',
    summary: 'What half the squared coefficients are multiplied with, beside the sum of losses.',
  },
  loss: {
    type: 'choice',
    options: ['squaredHinge', 'hinge'],
    default: 'squaredHinge',
    summary: 'How rows within the margin are counted: by the square of how far, or by how far.',
  },
  intercept: { type: 'flag', default: true, summary: 'Whether a constant is added, unpenalised.' },
} as const;

type Values = ParametersOf<typeof constraints>;
export type LinearSvm = Specification<'linearSvm', Values>;

/**
 * The linear support vector machine, one class against the rest: the sum of hinge losses, squared or not,
 * plus penalty |w|^2 / 2. The hinge is approached through parabolas ever narrower (to 1e-4 of the margin),
 * which leaves the objective at most 5e-5 a row above the exact one's. Takes dense and sparse rows.
 */
export function linearSvm(parameters: Partial<Values> = {}): LinearSvm {
  return specify('linearSvm', constraints, parameters);
}

export const linearSvmKind: TabularKind<Values> = {
  kind: 'linearSvm',
  family: 'linear',
  roles: ['classifier'],
  summary: 'The widest margin between classes, one against the rest.',
  constraints,
  accepts: ['dense', 'sparse'],
  missing: false,
  target: 'classes',
  memory: (size) => linearMemory(size, size.classes),
  fit: async ({ parameters }, examples, options) => {
    const { features, threads } = linearInput(examples, options);
    const classes = classesOf(examples);
    await using rows = await openRows(features, {
      ...threads,
      again: true,
      centred: parameters.intercept,
    });
    const width = rows.columns + 1;
    const outputs = classes > 2 ? classes : 1;
    const all = new Float64Array(outputs * width);
    for (let k = 0; k < outputs; k++) {
      const own = classes > 2 ? k : 1;
      all.set(await fitOne(rows, parameters, examples, own, options), k * width);
    }
    return { tensors: linearTensors(inOwnUnits(rows, all)) };
  },
  tensors: ({ classes, columns }) => linearShapes(classes > 2 ? classes : 1, columns),
  predict: async (model, features) => {
    const found = linearOf(model);
    return largestScores(linearScores(found, features), found.intercepts.length);
  },
  scoreRows: async (model, features) => {
    const found = linearOf(model);
    return marginsOf(linearScores(found, features), found.intercepts.length);
  },
  onnx: (model) => classGraph('linearSvm', linearOf(model), false),
};

const hingeWidths = [2, 0.3, 0.1, 0.01, 0.001, 0.0001];

async function fitOne(
  rows: LinearRows,
  { penalty, loss, intercept }: Values,
  { target, weights }: Examples,
  own: number,
  options: FitOptions,
): Promise<Float64Array> {
  const problem: LossProblem = {
    ...{ kind: 'linearSvm', loss, outputs: 1, weights, intercept, l1: 0, l2: penalty },
    ...{ target: target!.map((value) => (value === own ? 1 : -1)) },
    ...{ tolerance: 1e-10, maxIterations: 500 },
  };
  if (loss === 'squaredHinge') return (await fitLosses(rows, problem, options)).coefficients;
  let start = new Float64Array(rows.columns + 1);
  for (const second of hingeWidths) {
    start = (await fitLosses(rows, { ...problem, second, start }, options))
      .coefficients as Float64Array<ArrayBuffer>;
  }
  return start;
}
