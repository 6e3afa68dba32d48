import type { RowLoss } from '@backlot/compute';
import type { Constraints, ParametersOf } from '../constraint.ts';
import { InvalidExamples } from '../error.ts';
import type { Examples } from '../examples.ts';
import type { Specification } from '../specification.ts';
import { specify } from '../specification.ts';
import type { TabularKind } from '../tabular-kind.ts';
import { fitLinear } from './fit-linear.ts';
import { linearMemory } from './linear-input.ts';
import {
  linearOf,
  linearScores,
  linearShapes,
  linearTensors,
  numberGraph,
} from './linear-model.ts';

const constraints = {
  penalty: {
    type: 'number',
    min: 0,
    max: 1e12,
    default: 1,
    summary:
      'What half the squared coefficients are multiplied with, beside the mean half deviance.',
  },
  intercept: { type: 'flag', default: true, summary: 'Whether a constant is added, unpenalised.' },
  tolerance: {
    type: 'number',
    min: 1e-15,
    max: 0.1,
    default: 1e-9,
    scale: 'log',
    summary: 'Stops when the objective is within about this part of its minimum.',
  },
  maxIterations: {
    type: 'integer',
    min: 1,
    max: 100_000,
    default: 500,
    summary: 'Steps of the solver.',
  },
} as const;

const powerConstraint = {
  power: {
    type: 'number',
    min: 1.01,
    max: 1.99,
    default: 1.5,
    summary: 'The variance is the mean to this power: between that of counts (1) and gamma (2).',
  },
} as const;

const tweedieConstraints: typeof constraints & typeof powerConstraint = {
  ...constraints,
  ...powerConstraint,
};

type Values = ParametersOf<typeof constraints>;
type TweedieValues = Values & ParametersOf<typeof powerConstraint>;
export type PoissonRegression = Specification<'poissonRegression', Values>;
export type GammaRegression = Specification<'gammaRegression', Values>;
export type TweedieRegression = Specification<'tweedieRegression', TweedieValues>;

/**
 * Means of counts, e to a linear score: the weighted mean of half the Poisson deviance plus
 * penalty |w|^2 / 2 (McCullagh and Nelder 1989). Targets from 0.
 *
 * @example
 * const model = await fit(poissonRegression({ penalty: 0.01 }), { features, target });
 */
export function poissonRegression(parameters: Partial<Values> = {}): PoissonRegression {
  return specify('poissonRegression', constraints, parameters);
}

/** As `poissonRegression` with the gamma deviance, for amounts above 0 whose spread grows with them. */
export function gammaRegression(parameters: Partial<Values> = {}): GammaRegression {
  return specify('gammaRegression', constraints, parameters);
}

/** As `poissonRegression` with the Tweedie deviance, for amounts of which some are exactly 0. */
export function tweedieRegression(parameters: Partial<TweedieValues> = {}): TweedieRegression {
  return specify('tweedieRegression', tweedieConstraints, parameters);
}

function logLinearKind<V extends Values>(
  kind: string,
  loss: RowLoss,
  target: 'nonnegative' | 'positive',
  own: Constraints,
  summary: string,
): TabularKind<V> {
  return {
    ...{ kind, summary, target, family: 'linear', roles: ['regressor'], constraints: own },
    ...{ accepts: ['dense', 'sparse'], missing: false },
    memory: (size) => linearMemory(size, 1),
    fit: async ({ parameters }, examples, options) => {
      const { penalty, ...rest } = parameters;
      const [mean, total] = meanOf(examples);
      const power = (parameters as { readonly power?: number }).power ?? 0;
      const problem = {
        ...{ kind, loss, first: power, outputs: 1, target: examples.target! },
        ...{ weights: examples.weights, l1: 0, l2: penalty * total, ...rest },
        startIntercept: Math.log(mean),
      };
      const found = await fitLinear(examples, problem, options);
      const { converged, iterations } = found;
      return { tensors: linearTensors(found), facts: { converged, iterations } };
    },
    tensors: ({ columns }) => linearShapes(1, columns),
    predict: async (model, features) => linearScores(linearOf(model), features).map(Math.exp),
    onnx: (model) => numberGraph(kind, linearOf(model), 'exponential'),
  };
}

/** The weighted mean of the target, and the weight of all rows. */
function meanOf({ target, weights }: Examples): readonly [number, number] {
  let [sum, total] = [0, 0];
  target!.forEach((value, row) => {
    const weight = weights?.[row] ?? 1;
    sum += weight * value;
    total += weight;
  });
  if (!(sum > 0)) throw new InvalidExamples('the target is 0 throughout; some above are needed');
  return [sum / total, total];
}

export const poissonRegressionKind: TabularKind<Values> = logLinearKind(
  'poissonRegression',
  'poisson',
  'nonnegative',
  constraints,
  'Means of counts, e to a linear score.',
);

export const gammaRegressionKind: TabularKind<Values> = logLinearKind(
  'gammaRegression',
  'gamma',
  'positive',
  constraints,
  'Means of amounts above 0, e to a linear score.',
);

export const tweedieRegressionKind: TabularKind<TweedieValues> = logLinearKind(
  'tweedieRegression',
  'tweedie',
  'nonnegative',
  tweedieConstraints,
  'Means of amounts of which some are 0, e to a linear score.',
);
