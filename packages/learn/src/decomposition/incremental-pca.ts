import { throwIfCancelled } from '@backlot/core';
import type { ParametersOf } from '../constraint.ts';
import { EmptyInput, InvalidExamples } from '../error.ts';
import { checkFeatures, featuresAs } from '../features.ts';
import type { FitOptions } from '../fit-options.ts';
import { float64, type TabularModel, tensorOf } from '../fitted-model.ts';
import type { Matrix } from '../matrix.ts';
import { turn } from '../recommenders/rank-rows.ts';
import { type Specification, specify } from '../specification.ts';
import type { TabularKind } from '../tabular-kind.ts';
import { type Components, foldRows, noComponents } from './incremental-components.ts';
import { directionsOf, project, projectionGraph } from './project.ts';

const constraints = {
  components: {
    type: 'integer',
    min: 1,
    max: 10_000,
    default: null,
    optional: true,
    scale: 'log',
    summary: 'How many directions are kept; as many as rows and columns allow when null.',
  },
  whiten: {
    type: 'flag',
    default: false,
    summary: 'Whether each output is divided by its standard deviation.',
  },
  batch: {
    type: 'integer',
    min: 1,
    max: 10_000_000,
    default: null,
    optional: true,
    scale: 'log',
    summary: 'Rows that are folded in at once; five times the columns when null.',
  },
} as const;

type Values = ParametersOf<typeof constraints>;
export type IncrementalPca = Specification<'incrementalPca', Values>;

/**
 * Principal components from batches of rows (Ross, Lim, Lin and Yang 2008), in doubles: memory grows with a
 * batch, not with the rows. With all components the result is that of `pca`; with fewer, each batch cuts
 * away what does not lead by then. `fitIncrementalPca` takes batches that are never together in memory.
 * Variances are over n - 1, or over the total weight less 1. Tensors and facts as of `pca`.
 *
 * @example
 * const model = await fit(incrementalPca({ components: 10, batch: 5000 }), { features });
 */
export function incrementalPca(parameters: Partial<Values> = {}): IncrementalPca {
  return specify('incrementalPca', constraints, parameters);
}

export const incrementalPcaKind: TabularKind<Values> = {
  kind: 'incrementalPca',
  family: 'decomposition',
  roles: ['transformer'],
  summary: 'Principal components from batches of rows, in bounded memory.',
  constraints,
  accepts: ['dense'],
  missing: false,
  target: 'none',
  memory: ({ columns }, { components, batch }) => {
    const height = (components ?? columns) + (batch ?? 5 * columns) + 1;
    return 2 ** 20 + 64 * columns * (height + columns);
  },
  fit: async ({ parameters }, examples, options) => {
    const matrix = featuresAs(examples.features, 'dense');
    const { rows, columns } = matrix;
    const kept = keptOf(parameters, columns);
    const size = parameters.batch ?? 5 * columns;
    let found = noComponents(columns);
    for (let first = 0; first < rows; first += size) {
      throwIfCancelled(options.signal, 'the fit');
      options.onProgress?.({ step: 'rows', done: first, total: rows });
      const last = Math.min(rows, first + size);
      const values = matrix.values.subarray(first * columns, last * columns);
      const weights = examples.weights?.subarray(first, last);
      found = foldRows(found, { rows: last - first, columns, values }, weights, kept);
      await turn();
    }
    return learnedOf(found, parameters, rows, columns);
  },
  tensors: ({ columns, outputs }) => ({
    components: { type: 'float64', shape: [outputs, columns] },
    means: { type: 'float64', shape: [columns] },
    variances: { type: 'float64', shape: [outputs] },
  }),
  transform: async (model, features) =>
    project(
      featuresAs(features, 'dense'),
      tensorOf(model, 'means', 'float64').data,
      directionsOf(model),
    ),
  onnx: (model) =>
    projectionGraph(
      'incrementalPca',
      tensorOf(model, 'means', 'float64').data,
      directionsOf(model),
    ),
};

/**
 * Fits `incrementalPca` to batches as they come: each is folded in and forgotten, so that rows may be more
 * than memory holds. The batches are folded in as they are given, whatever `batch` says. Throws
 * `InvalidExamples` where one has other columns or a number that is not finite, `EmptyInput`, `Cancelled`.
 *
 * @example
 * const model = await fitIncrementalPca(incrementalPca({ components: 20 }), readBatches(), { signal });
 */
export async function fitIncrementalPca(
  specification: IncrementalPca,
  batches: AsyncIterable<Matrix> | Iterable<Matrix>,
  options: Pick<FitOptions, 'signal'> = {},
): Promise<TabularModel> {
  const { parameters } = specification;
  let found: Components | undefined;
  let [rows, columns] = [0, 0];
  for await (const batch of batches) {
    throwIfCancelled(options.signal, 'the fit');
    checkFeatures(batch, false);
    if (found && batch.columns !== columns) {
      throw new InvalidExamples(`a batch has ${batch.columns} columns, the first ${columns}`);
    }
    columns = batch.columns;
    rows += batch.rows;
    if (columns === 0) throw new InvalidExamples('there is no column');
    found ??= noComponents(columns);
    found = foldRows(found, batch, undefined, keptOf(parameters, columns));
    await turn();
  }
  if (!found || rows === 0) throw new EmptyInput('rows');
  const { outputs, ...learned } = learnedOf(found, parameters, rows, columns);
  return {
    ...{ kind: specification.kind, specification, seed: 0 },
    signature: {
      ...{ form: 'matrix', rows, columns, names: null, outputs, classes: 0, classNames: null },
    },
    ...learned,
  };
}

function keptOf({ components }: Values, columns: number): number {
  if (components === null || components <= columns) return components ?? columns;
  throw new InvalidExamples(`rows of ${columns} columns have ${columns} components at most`);
}

function learnedOf(found: Components, { components }: Values, rows: number, columns: number) {
  const outputs = Math.min(components ?? columns, rows, columns);
  if (components !== null && components > outputs) {
    throw new InvalidExamples(`${rows} rows have ${outputs} components at most`);
  }
  const free = found.weight > 1 ? found.weight - 1 : 1;
  const variances = found.values.slice(0, outputs).map((value) => value ** 2 / free);
  return {
    tensors: {
      components: float64([outputs, columns], found.directions.slice(0, outputs * columns)),
      means: float64([columns], found.means),
      variances: float64([outputs], variances),
    },
    facts: { totalVariance: found.squares / free },
    outputs,
  };
}
