import { type SeededRandom, seededRandom, throwIfCancelled } from '@backlot/core';
import type { ParametersOf } from '../constraint.ts';
import { InvalidExamples, InvalidModel } from '../error.ts';
import { type Features, featuresAs, formOf } from '../features.ts';
import { float64, tensorOf } from '../fitted-model.ts';
import { densify, type Matrix, zeros } from '../matrix.ts';
import { type Specification, specify } from '../specification.ts';
import type { TabularKind } from '../tabular-kind.ts';
import { divergenceOf, type Factors, improve, rowFactors } from './nmf-updates.ts';

const constraints = {
  components: {
    type: 'integer',
    min: 1,
    max: 10_000,
    default: 10,
    scale: 'log',
    summary: 'How many parts there are.',
  },
  divergence: {
    type: 'choice',
    options: ['squares', 'kullbackLeibler'],
    default: 'squares',
    summary: 'What is made small: half the squared differences, or the divergence of counts.',
  },
  rounds: {
    type: 'integer',
    min: 1,
    max: 1_000_000,
    default: 200,
    scale: 'log',
    summary: 'The most rounds of updates.',
  },
  tolerance: {
    type: 'number',
    min: 0,
    max: 1,
    default: 1e-5,
    summary: 'Ends when ten rounds lessen the divergence by less than this share of the first.',
  },
} as const;

type Values = ParametersOf<typeof constraints>;
export type Nmf = Specification<'nmf', Values>;

/**
 * Non-negative matrix factorisation X = W H: squares by hierarchical alternating least squares (Cichocki and Phan
 * 2009), Kullback-Leibler by multiplicative updates (Lee and Seung 2001). `transform` gives each row's W
 * for the fitted H. Sparse rows are written out. Weights are not used. Facts: `divergence`, `rounds`.
 *
 * @example
 * const model = await fit(nmf({ components: 20, divergence: 'kullbackLeibler' }), { features });
 */
export function nmf(parameters: Partial<Values> = {}): Nmf {
  return specify('nmf', constraints, parameters);
}

export const nmfKind: TabularKind<Values> = {
  kind: 'nmf',
  family: 'decomposition',
  roles: ['transformer'],
  summary: 'Rows as sums of parts, none of them negative.',
  constraints,
  accepts: ['dense', 'sparse'],
  missing: false,
  target: 'none',
  memory: ({ rows, columns }, { components }) =>
    8 * (2 * rows * columns + 3 * components * (rows + columns + components)) + 2 ** 16,
  fit: async ({ parameters }, { features }, { seed = 0, signal, onProgress }) => {
    const matrix = nonNegative(features);
    const { divergence, rounds, tolerance } = parameters;
    const factors = start(matrix, parameters.components, seededRandom(seed));
    const first = divergenceOf(matrix, factors, divergence);
    let [last, done] = [first, 0];
    while (done < rounds) {
      throwIfCancelled(signal, 'the fit');
      improve(matrix, factors, divergence);
      done++;
      if (done % 10 !== 0) continue;
      // A turn of the event loop, so that a signal is seen.
      await new Promise((resolve) => setTimeout(resolve, 0));
      const loss = divergenceOf(matrix, factors, divergence);
      onProgress?.({ step: 'rounds', done, total: rounds, loss });
      if (last - loss <= tolerance * first) break;
      last = loss;
    }
    const found = divergenceOf(matrix, factors, divergence);
    return {
      tensors: { parts: float64([parameters.components, matrix.columns], factors.h) },
      facts: { divergence: found, rounds: done },
      outputs: parameters.components,
    };
  },
  tensors: ({ columns }, { components }) => ({
    parts: { type: 'float64', shape: [components, columns] },
  }),
  checkModel(model) {
    if (tensorOf(model, 'parts', 'float64').data.every((value) => value >= 0)) return;
    throw new InvalidModel('a part is negative');
  },
  transform: async (model, features): Promise<Matrix> => {
    const matrix = nonNegative(features);
    const { components, divergence } = model.specification.parameters;
    const out = zeros(matrix.rows, components);
    const parts = tensorOf(model, 'parts', 'float64').data;
    rowFactors(matrix, parts, out.values, divergence);
    return out;
  },
};

function nonNegative(features: Features): Matrix {
  const matrix =
    formOf(features) === 'sparse'
      ? densify(featuresAs(features, 'sparse'))
      : featuresAs(features, 'dense');
  const { columns, values } = matrix;
  for (let at = 0; at < values.length; at++) {
    if (values[at]! >= 0) continue;
    const place = `row ${Math.floor(at / columns)}, column ${at % columns}`;
    throw new InvalidExamples(`${place} holds ${values[at]}; numbers from 0 are allowed`);
  }
  return matrix;
}

/** Random factors whose product is of the size of the mean. */
function start({ rows, columns, values }: Matrix, count: number, random: SeededRandom): Factors {
  let mean = 0;
  for (let at = 0; at < values.length; at++) mean += values[at]! / values.length;
  const size = Math.sqrt(mean / count);
  const draw = (length: number): Float64Array =>
    Float64Array.from({ length }, () => size * (0.5 + random.uniform()));
  return { count, w: draw(rows * count), h: draw(count * columns) };
}
