import { dualDescent, type LinearRows, openRows, openSparseProducts } from '@backlot/compute';
import type { ParametersOf } from '../constraint.ts';
import { classesOf, type Examples } from '../examples.ts';
import type { FitOptions } from '../fit-options.ts';
import type { SparseMatrix } from '../matrix.ts';
import type { Specification } from '../specification.ts';
import { specify } from '../specification.ts';
import type { TabularKind } from '../tabular-kind.ts';
import { fitLosses, inOwnUnits, type LossProblem } from './fit-losses.ts';
import { linearInput, linearMemory } from './linear-input.ts';
import {
  classGraph,
  type LinearFunction,
  largestScores,
  linearOf,
  linearScores,
  linearShapes,
  linearTensors,
  marginsOf,
} from './linear-model.ts';
import { newtonSteps } from './newton-steps.ts';

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
 * plus penalty |w|^2 / 2. Wide sparse rows are solved by the dual, which says how far from the least the
 * objective is; after 2,000 passes that leave a hinge open, the fact `converged` is false. Elsewhere the hinge
 * is approached through parabolas ever narrower (to 1e-4 of the margin), which leaves the objective at most
 * 5e-5 a row above the exact one's. Takes dense and sparse rows.
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
    if ('offsets' in features && features.columns > fewColumns) {
      const problem = { ...parameters, classes, target: examples.target! };
      const found = await fitSparse(features, { ...problem, weights: examples.weights }, options);
      return { tensors: linearTensors(found), facts: { converged: found.converged } };
    }
    await using rows = await openRows(features, {
      ...threads,
      again: true,
      centred: parameters.intercept,
    });
    const width = rows.columns + 1;
    const outputs = classes > 2 ? classes : 1;
    const all = new Float64Array(outputs * width);
    let converged = true;
    for (let k = 0; k < outputs; k++) {
      const own = classes > 2 ? k : 1;
      const found = await fitOne(rows, parameters, examples, own, options);
      all.set(found.coefficients, k * width);
      converged &&= found.converged;
    }
    return { tensors: linearTensors(inOwnUnits(rows, all)), facts: { converged } };
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

/** Up to so many columns, sparse rows too are solved by the products of their columns. */
const fewColumns = 200;

interface SparseMachines extends Values {
  readonly classes: number;
  readonly target: Float64Array;
  readonly weights: Float64Array | undefined;
}

interface Machines extends LinearFunction {
  readonly converged: boolean;
}

/** All machines by the dual; a squared hinge that it leaves open is ended by Newton's method. */
async function fitSparse(
  features: SparseMatrix,
  { penalty, loss, intercept, classes, target, weights }: SparseMachines,
  options: FitOptions,
): Promise<Machines> {
  const { signal, threads } = options;
  const session = { signal, ...(threads !== undefined && { threads }) };
  const which = classes > 2 ? { firstClass: 0, count: classes } : { firstClass: 1, count: 1 };
  const rule = { loss, l2: penalty, intercept, tolerance: 1e-9, maxEpochs: 2000 };
  const found = await dualDescent(
    { matrix: features, target, weights, ...rule, ...which },
    session,
  );
  const { columns } = features;
  const coefficients = new Float64Array(found.length * columns);
  found.forEach((each, k) => {
    coefficients.set(each.coefficients, k * columns);
  });
  const start = { coefficients, intercepts: Float64Array.from(found, (each) => each.intercept) };
  const converged = found.every((each) => each.converged);
  if (loss === 'hinge' || converged) return { ...start, converged };
  await using products = await openSparseProducts(features, session);
  const signs = classes > 2 ? target : target.map((own) => (own === 1 ? 1 : -1));
  const limits = { tolerance: 1e-10, maxIterations: 500 };
  const problem = { kind: 'linearSvm', loss, outputs: found.length, target: signs, weights };
  return await newtonSteps(
    products,
    { ...problem, intercept, l2: penalty, start, ...limits },
    options,
  );
}

const hingeWidths = [2, 0.3, 0.1, 0.01, 0.001, 0.0001];

async function fitOne(
  rows: LinearRows,
  { penalty, loss, intercept }: Values,
  { target, weights }: Examples,
  own: number,
  options: FitOptions,
): Promise<{ readonly coefficients: Float64Array; readonly converged: boolean }> {
  const problem: LossProblem = {
    ...{ kind: 'linearSvm', loss, outputs: 1, weights, intercept, l1: 0, l2: penalty },
    ...{ target: target!.map((value) => (value === own ? 1 : -1)) },
    ...{ tolerance: 1e-10, maxIterations: 500 },
  };
  if (loss === 'squaredHinge') return fitLosses(rows, problem, options);
  let found = { coefficients: new Float64Array(rows.columns + 1) as Float64Array, converged: true };
  for (const second of hingeWidths) {
    found = await fitLosses(rows, { ...problem, second, start: found.coefficients }, options);
  }
  return found;
}
