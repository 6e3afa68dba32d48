import { seededRandom, throwIfCancelled } from '@backlot/core';
import type { ParametersOf } from '../constraint.ts';
import { InvalidExamples } from '../error.ts';
import { featuresAs } from '../features.ts';
import type { FitOptions } from '../fit-options.ts';
import type { Matrix } from '../matrix.ts';
import { type Specification, specify } from '../specification.ts';
import type { TabularKind } from '../tabular-kind.ts';
import { learnedCentres, nearestCentreVerbs } from './centres-model.ts';
import type { Centres } from './fit-lloyd.ts';
import { nearestCentres, squaredDistance } from './nearest-centre.ts';
import { seedCentres } from './seed-centres.ts';

const constraints = {
  clusters: {
    type: 'integer',
    min: 1,
    max: 10_000,
    default: 8,
    scale: 'log',
    summary: 'How many clusters there are.',
  },
  batches: {
    type: 'integer',
    min: 1,
    max: 1_000_000,
    default: 200,
    scale: 'log',
    summary: 'How many batches are drawn.',
  },
  batchRows: {
    type: 'integer',
    min: 1,
    max: 1_000_000,
    default: 1024,
    scale: 'log',
    summary: 'Rows of a batch, drawn with repeats.',
  },
} as const;

type Values = ParametersOf<typeof constraints>;
export type MiniBatchKMeans = Specification<'miniBatchKMeans', Values>;

/**
 * k-means by small batches (Sculley 2010): each centre is the running mean of the rows that were nearest to it
 * when they were drawn. Facts: `inertia` over all rows, `rounds` (batches).
 *
 * @example
 * const model = await fit(miniBatchKMeans({ clusters: 100 }), { features }, { seed: 1 });
 */
export function miniBatchKMeans(parameters: Partial<Values> = {}): MiniBatchKMeans {
  return specify('miniBatchKMeans', constraints, parameters);
}

export const miniBatchKMeansKind: TabularKind<Values> = {
  ...nearestCentreVerbs,
  kind: 'miniBatchKMeans',
  family: 'clustering',
  roles: ['clusterer', 'transformer'],
  summary: 'k-means by small batches of rows, for many rows.',
  constraints,
  accepts: ['dense'],
  missing: false,
  target: 'none',
  memory: ({ rows, columns }, { clusters, batchRows }) =>
    16 * rows + 8 * (columns + 2) * (4 * clusters + batchRows + 4096 + 8 * clusters) + 2 ** 16,
  fit: async ({ parameters }, { features, weights }, options) => {
    const matrix = featuresAs(features, 'dense');
    const { clusters } = parameters;
    if (matrix.rows < clusters) {
      throw new InvalidExamples(`${matrix.rows} rows for ${clusters} clusters`);
    }
    const centres = await runBatches(matrix, weights, parameters, options);
    return learnedCentres(measured(matrix, weights, centres, parameters.batches), matrix.columns);
  },
};

async function runBatches(
  matrix: Matrix,
  weights: Float64Array | undefined,
  { clusters, batches, batchRows }: Values,
  { seed = 0, signal, onProgress }: FitOptions,
): Promise<Float64Array> {
  const { rows, columns, values } = matrix;
  const random = seededRandom(seed);
  const centres = seedCentres(matrix, weights, clusters, random);
  const counts = new Float64Array(clusters);
  const batch = new Float64Array(batchRows * columns);
  for (let done = 0; done < batches; done++) {
    throwIfCancelled(signal, 'the fit');
    // A turn of the event loop now and then, so that a signal is seen.
    if (done % 16 === 15) await new Promise((resolve) => setTimeout(resolve, 0));
    const places = Int32Array.from({ length: batchRows }, () => random.below(rows));
    places.forEach((row, at) => {
      batch.set(values.subarray(row * columns, (row + 1) * columns), at * columns);
    });
    const labels = nearestCentres({ rows: batchRows, columns, values: batch }, centres);
    labels.forEach((label, at) => {
      const weight = weights?.[places[at]!] ?? 1;
      counts[label]! += weight;
      if (weight === 0) return;
      const rate = weight / counts[label]!;
      for (let k = 0; k < columns; k++) {
        centres[label * columns + k]! +=
          rate * (batch[at * columns + k]! - centres[label * columns + k]!);
      }
    });
    onProgress?.({ step: 'batches', done: done + 1, total: batches });
  }
  return centres;
}

function measured(
  matrix: Matrix,
  weights: Float64Array | undefined,
  centres: Float64Array,
  rounds: number,
): Centres {
  const { columns, values } = matrix;
  let inertia = 0;
  nearestCentres(matrix, centres).forEach((label, row) => {
    const gap = squaredDistance(values, row * columns, centres, label * columns, columns);
    inertia += gap * (weights?.[row] ?? 1);
  });
  return { centres, inertia, rounds };
}
