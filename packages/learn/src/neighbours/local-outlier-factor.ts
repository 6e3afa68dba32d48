import type { ParametersOf } from '../constraint.ts';
import { InvalidExamples, InvalidModel } from '../error.ts';
import { featuresAs } from '../features.ts';
import type { FitOptions } from '../fit-options.ts';
import { factOf, float64, type TabularModel, tensorOf } from '../fitted-model.ts';
import type { Matrix } from '../matrix.ts';
import { quantileOf } from '../preprocessing/column-statistics.ts';
import { type Specification, specify } from '../specification.ts';
import type { ApplyOptions, TabularKind } from '../tabular-kind.ts';
import { checkIndex, indexOf, indexTensors, learnedIndex } from './index-model.ts';
import { emptyFound, type FoundRows } from './nearest-list.ts';
import { buildIndex, findRows, type RowIndex } from './row-index.ts';
import { indexMemory, type SearchParameters, searchConstraints } from './search-parameters.ts';

const own = {
  k: {
    type: 'integer',
    min: 1,
    max: 10_000,
    default: 20,
    scale: 'log',
    summary:
      'How many of the nearest rows a row is held against; all others where there are fewer.',
  },
  contamination: {
    type: 'number',
    min: 0,
    above: true,
    max: 0.5,
    default: null,
    optional: true,
    summary: 'The share of the fitted rows that is unusual; null takes scores below -1.5.',
  },
  metric: {
    type: 'choice',
    options: ['euclidean', 'cosine'],
    default: 'euclidean',
    summary: 'What near means: Euclidean distance, or 1 less the cosine.',
  },
} as const;

const { metric: _, ...graphConstraints } = searchConstraints;
const constraints = { ...own, ...graphConstraints };

type Values = ParametersOf<typeof own> & Omit<SearchParameters, 'metric'>;
export type LocalOutlierFactor = Specification<'localOutlierFactor', Values>;

/**
 * Local outlier factor (Breunig, Kriegel, Ng and Sander 2000) for new rows: how much less dense a row's
 * surroundings are than those of its k nearest fitted rows. `scoreRows` is the negative factor, near -1
 * where rows are usual; `predict` 1, or -1 below the threshold. A fitted row that is scored again counts
 * itself among its nearest; `factors` holds the fitted rows' own scores, which the share is taken of. Weights
 * are not used. Tensors: `factors`, `reaches` (distance to the k-th), `densities`.
 *
 * @example
 * const model = await fit(localOutlierFactor({ contamination: 0.01 }), { features });
 * const usual = await predict(model, later);
 */
export function localOutlierFactor(parameters: Partial<Values> = {}): LocalOutlierFactor {
  return specify('localOutlierFactor', constraints, parameters);
}

export const localOutlierFactorKind: TabularKind<Values> = {
  kind: 'localOutlierFactor',
  family: 'neighbours',
  roles: ['detector'],
  summary: 'Rows whose surroundings are less dense than those of their nearest rows are unusual.',
  constraints,
  accepts: ['dense'],
  missing: false,
  target: 'none',
  memory: (size, parameters) =>
    indexMemory(size, parameters, 2 * Math.min(parameters.k + 1, size.rows)) + 64 * size.rows,
  fit: async ({ parameters }, { features }, options) => {
    const matrix = featuresAs(features, 'dense');
    if (matrix.rows < 2) throw new InvalidExamples('one row has no neighbours; two are needed');
    const index = await buildIndex(matrix, parameters, options);
    const others = await nearestOthers(index, parameters, options);
    const reaches = reachesOf(others);
    const densities = densitiesOf(others, reaches);
    const factors = factorsOf(others, densities, densities);
    const { contamination } = parameters;
    const sorted = factors.slice().sort();
    const threshold = contamination === null ? -1.5 : quantileOf(sorted, contamination);
    const { tensors, facts } = learnedIndex(index);
    const shape = [matrix.rows];
    return {
      tensors: {
        ...tensors,
        reaches: float64(shape, reaches),
        densities: float64(shape, densities),
        factors: float64(shape, factors),
      },
      facts: { ...facts, threshold },
    };
  },
  tensors: (signature, parameters, facts) => ({
    ...indexTensors(signature, parameters, facts),
    reaches: { type: 'float64', shape: [signature.rows] },
    densities: { type: 'float64', shape: [signature.rows] },
    factors: { type: 'float64', shape: [signature.rows] },
  }),
  checkModel(model) {
    checkIndex(model);
    if (indexOf(model).rows.rows !== model.signature.rows || model.signature.rows < 2) {
      throw new InvalidModel('its rows and densities do not match');
    }
    if (typeof factOf(model, 'threshold') !== 'number') {
      throw new InvalidModel('its threshold is no number');
    }
  },
  scoreRows: (model, features, options) => scoresOf(model, featuresAs(features, 'dense'), options),
  predict: async (model, features, options) => {
    const threshold = factOf<number>(model, 'threshold');
    const scores = await scoresOf(model, featuresAs(features, 'dense'), options);
    return scores.map((score) => (score < threshold ? -1 : 1));
  },
};

async function scoresOf(
  model: TabularModel,
  matrix: Matrix,
  options: ApplyOptions,
): Promise<Float64Array> {
  const { k, width } = model.specification.parameters as unknown as Values;
  const query = { k: Math.min(k, model.signature.rows - 1), width };
  const found = await findRows(indexOf(model), matrix, query, options);
  const densities = densitiesOf(found, tensorOf(model, 'reaches', 'float64').data);
  return factorsOf(found, densities, tensorOf(model, 'densities', 'float64').data);
}

/** The k nearest of each fitted row but itself. */
async function nearestOthers(
  index: RowIndex,
  { k, width }: Values,
  options: FitOptions,
): Promise<FoundRows> {
  const { rows } = index.rows;
  const wanted = Math.min(k, rows - 1);
  const all = await findRows(index, index.rows, { k: wanted + 1, width }, options);
  const others = emptyFound(rows, wanted);
  for (let row = 0; row < rows; row++) {
    let to = row * wanted;
    // Of more equal rows than k + 1 the row itself may not be among those found: the last one goes then.
    for (
      let at = row * (wanted + 1);
      to < (row + 1) * wanted && at < (row + 1) * (wanted + 1);
      at++
    ) {
      if (all.indices[at] === row) continue;
      others.indices[to] = all.indices[at]!;
      others.distances[to++] = all.distances[at]!;
    }
  }
  return others;
}

/** The distance to the k-th, or to the last that was found. */
function reachesOf({ k, distances }: FoundRows): Float64Array {
  return Float64Array.from({ length: distances.length / k }, (_, row) => {
    const own = distances.subarray(row * k, (row + 1) * k);
    return own.findLast((distance) => distance < Infinity) ?? 0;
  });
}

/** Keeps the density of rows that are all the same finite, as scikit-learn does. */
const least = 1e-10;

/** One over the mean reachability distance (definitions 5 and 6 of the paper). */
function densitiesOf(found: FoundRows, reaches: Float64Array): Float64Array {
  const { distances } = found;
  return meansOf(found, (row, at) => Math.max(distances[at]!, reaches[row]!)).map(
    (mean) => 1 / (mean + least),
  );
}

/** The negative factor: the mean density of those found over a row's own. */
function factorsOf(found: FoundRows, own: Float64Array, densities: Float64Array): Float64Array {
  return meansOf(found, (row) => densities[row]!).map((mean, row) => -mean / own[row]!);
}

function meansOf(
  { k, indices }: FoundRows,
  numberOf: (row: number, at: number) => number,
): Float64Array {
  return Float64Array.from({ length: indices.length / k }, (_, query) => {
    let [sum, count] = [0, 0];
    for (let at = query * k; at < (query + 1) * k && indices[at]! >= 0; at++) {
      sum += numberOf(indices[at]!, at);
      count++;
    }
    return count > 0 ? sum / count : 0;
  });
}
