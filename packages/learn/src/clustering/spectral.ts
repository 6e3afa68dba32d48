import { denseOperator, randomisedSvd, symmetricEigen } from '@backlot/compute';
import { throwIfCancelled } from '@backlot/core';
import type { ParametersOf } from '../constraint.ts';
import { InvalidExamples } from '../error.ts';
import { featuresAs } from '../features.ts';
import { type Matrix, toFloat64 } from '../matrix.ts';
import { type Specification, specify } from '../specification.ts';
import type { TabularKind } from '../tabular-kind.ts';
import { fitLloyd } from './fit-lloyd.ts';
import { learnedRows, nearestRowVerbs } from './labelled-rows.ts';
import { nearestCentres, squaredDistance } from './nearest-centre.ts';

const constraints = {
  clusters: {
    type: 'integer',
    min: 1,
    max: 1000,
    default: 2,
    scale: 'log',
    summary: 'How many clusters there are.',
  },
  affinity: {
    type: 'choice',
    options: ['neighbours', 'kernel'],
    default: 'neighbours',
    summary: 'Rows are joined to their nearest, or to all by exp(-rate x squared distance).',
  },
  neighbours: {
    type: 'integer',
    min: 1,
    max: 1000,
    default: 10,
    scale: 'log',
    summary: 'The nearest rows that a row is joined to, itself included.',
  },
  rate: {
    type: 'number',
    min: 0,
    above: true,
    max: 1e9,
    default: 1,
    scale: 'log',
    summary: 'How fast the kernel falls with the squared distance.',
  },
} as const;

type Values = ParametersOf<typeof constraints>;
export type Spectral = Specification<'spectral', Values>;

const mostRows = 10_000;
/** Up to so many rows all eigenvectors are computed, beyond only the leading ones. */
const exactRows = 400;

/**
 * Spectral clustering (Ng, Jordan and Weiss 2001; von Luxburg 2007): k-means on the leading eigenvectors of the
 * normalised affinity D^-1/2 A D^-1/2, rows scaled to length 1. All pairs are held, so at most 10,000 rows
 * are allowed. A new row belongs with its nearest fitted row. Weights are not used.
 *
 * @example
 * const model = await fit(spectral({ clusters: 2, neighbours: 8 }), { features });
 */
export function spectral(parameters: Partial<Values> = {}): Spectral {
  return specify('spectral', constraints, parameters);
}

export const spectralKind: TabularKind<Values> = {
  ...nearestRowVerbs,
  kind: 'spectral',
  family: 'clustering',
  roles: ['clusterer'],
  summary: 'Clusters that hang together in the graph of neighbours, of any form.',
  constraints,
  accepts: ['dense'],
  missing: false,
  target: 'none',
  memory: ({ rows, columns }, { clusters }) =>
    8 * (rows * rows * 4 + rows * (2 * columns + 10 * clusters + 4300)) + 2 ** 20,
  fit: async ({ parameters }, { features }, options) => {
    throwIfCancelled(options.signal, 'the fit');
    const matrix = featuresAs(features, 'dense');
    const { rows } = matrix;
    const { clusters } = parameters;
    if (rows < clusters) throw new InvalidExamples(`${rows} rows for ${clusters} clusters`);
    if (rows > mostRows) throw new InvalidExamples(`${rows} rows; at most ${mostRows} are allowed`);
    const affinity =
      parameters.affinity === 'kernel'
        ? kernelAffinity(matrix, parameters.rate)
        : neighbourAffinity(matrix, Math.min(rows, parameters.neighbours));
    normalise(affinity, rows);
    const values = embed(affinity, rows, clusters, options.seed ?? 0);
    const embedding = { rows, columns: clusters, values };
    const settings = { clusters, rounds: 300, tolerance: 1e-8, restarts: 10 };
    const { centres } = await fitLloyd(embedding, undefined, settings, options);
    const labels = Int32Array.from(nearestCentres(embedding, centres));
    return learnedRows(toFloat64(matrix).slice(), labels, { clusters });
  },
};

function kernelAffinity({ rows, columns, values }: Matrix, rate: number): Float64Array {
  const out = new Float64Array(rows * rows);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j <= i; j++) {
      const gap = squaredDistance(values, i * columns, values, j * columns, columns);
      out[i * rows + j] = Math.exp(-rate * gap);
      out[j * rows + i] = out[i * rows + j]!;
    }
  }
  return out;
}

/** The mean of the graph of nearest rows and its transpose. */
function neighbourAffinity({ rows, columns, values }: Matrix, k: number): Float64Array {
  const out = new Float64Array(rows * rows);
  for (let i = 0; i < rows; i++) {
    const gaps = Float64Array.from({ length: rows }, (_, j) =>
      squaredDistance(values, i * columns, values, j * columns, columns),
    );
    const order = Array.from(gaps.keys()).sort((a, b) => gaps[a]! - gaps[b]! || a - b);
    for (const j of order.slice(0, k)) {
      out[i * rows + j]! += 0.5;
      out[j * rows + i]! += 0.5;
    }
  }
  return out;
}

/** D^-1/2 A D^-1/2, moved to (that + 1) / 2, whose eigenvalues lie from 0 to 1. */
function normalise(affinity: Float64Array, rows: number): void {
  const scale = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    let degree = 0;
    for (let j = 0; j < rows; j++) degree += affinity[i * rows + j]!;
    scale[i] = degree > 0 ? 1 / Math.sqrt(degree) : 1;
  }
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < rows; j++) affinity[i * rows + j]! *= (scale[i]! * scale[j]!) / 2;
    affinity[i * rows + i]! += 0.5;
  }
}

/** The leading eigenvectors as columns (rows x count), each row at length 1. */
function embed(matrix: Float64Array, rows: number, count: number, seed: number): Float64Array {
  const leading = leadingVectors(matrix, rows, count, seed);
  const out = new Float64Array(rows * count);
  for (let row = 0; row < rows; row++) {
    let squares = 0;
    for (let j = 0; j < count; j++) squares += leading[j * rows + row]! ** 2;
    const length = squares > 0 ? Math.sqrt(squares) : 1;
    for (let j = 0; j < count; j++) out[row * count + j] = leading[j * rows + row]! / length;
  }
  return out;
}

function leadingVectors(
  values: Float64Array,
  rows: number,
  count: number,
  seed: number,
): Float64Array {
  if (rows > exactRows) {
    const operator = denseOperator({ rows, columns: rows, values });
    return randomisedSvd(operator, { rank: count, seed, powerIterations: 30 }).right;
  }
  const { vectors } = symmetricEigen(values, rows);
  return vectors.slice((rows - count) * rows);
}
