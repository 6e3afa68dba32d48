import { seededRandom, throwIfCancelled } from '@backlot/core';
import { squaredDistance } from '../clustering/nearest-centre.ts';
import type { ParametersOf } from '../constraint.ts';
import { InvalidExamples } from '../error.ts';
import { featuresAs } from '../features.ts';
import type { FitOptions } from '../fit-options.ts';
import { float64, tensorOf } from '../fitted-model.ts';
import { type Matrix, toFloat64, zeros } from '../matrix.ts';
import { type Specification, specify } from '../specification.ts';
import type { TabularKind } from '../tabular-kind.ts';
import { type Affinities, affinitiesOf } from './affinities.ts';
import { QuadTree } from './quad-tree.ts';

const constraints = {
  perplexity: {
    type: 'number',
    min: 1,
    max: 300,
    default: 30,
    scale: 'log',
    summary: 'How many neighbours a row has, about; at most a third of the rows.',
  },
  rounds: {
    type: 'integer',
    min: 1,
    max: 100_000,
    default: 1000,
    scale: 'log',
    summary: 'Steps of gradient descent; the first quarter, at most 250, exaggerates nearness.',
  },
  angle: {
    type: 'number',
    min: 0,
    max: 1,
    default: 0.5,
    summary: 'How coarsely far rows are summed up; 0 is exact.',
  },
} as const;

type Values = ParametersOf<typeof constraints>;
export type Tsne = Specification<'tsne', Values>;

/**
 * t-SNE in two dimensions by Barnes and Hut's approximation (van der Maaten 2014), for pictures: near rows stay near,
 * distances between clusters mean little. A new row comes to the mean of its three nearest fitted rows,
 * weighted by 1 / squared distance; a fitted row stays at its place. Weights are not used. Fact:
 * `divergence` (Kullback and Leibler's, of the sparse affinities).
 *
 * @example
 * const model = await fit(tsne({ perplexity: 20 }), { features }, { seed: 1 });
 * const picture = model.tensors.places.data; // rows x 2
 */
export function tsne(parameters: Partial<Values> = {}): Tsne {
  return specify('tsne', constraints, parameters);
}

export const tsneKind: TabularKind<Values> = {
  kind: 'tsne',
  family: 'decomposition',
  roles: ['transformer'],
  summary: 'Rows in the plane for pictures, near ones near each other.',
  constraints,
  accepts: ['dense'],
  missing: false,
  target: 'none',
  memory: ({ rows, columns }, { perplexity }) =>
    rows * (24 * columns + 200 * 3 * perplexity + 2000) + 2 ** 24,
  fit: async ({ parameters }, { features }, options) => {
    const matrix = featuresAs(features, 'dense');
    const { rows, columns } = matrix;
    if (rows < 4) throw new InvalidExamples(`${rows} rows; at least 4 are needed`);
    const perplexity = Math.min(parameters.perplexity, (rows - 1) / 3);
    const affinities = await affinitiesOf(matrix, perplexity, options);
    const random = seededRandom(options.seed ?? 0);
    const places = Float64Array.from({ length: 2 * rows }, () => 1e-4 * random.normal());
    const divergence = await descend(places, affinities, parameters, options);
    return {
      tensors: {
        rows: float64([rows, columns], toFloat64(matrix).slice()),
        places: float64([rows, 2], places),
      },
      facts: { divergence },
      outputs: 2,
    };
  },
  tensors: ({ rows, columns }) => ({
    rows: { type: 'float64', shape: [rows, columns] },
    places: { type: 'float64', shape: [rows, 2] },
  }),
  transform: async (model, features) => {
    const known = tensorOf(model, 'rows', 'float64').data;
    return placeRows(
      featuresAs(features, 'dense'),
      known,
      tensorOf(model, 'places', 'float64').data,
    );
  },
};

const exaggeration = 12;

/** Gradient descent with momentum and a gain for each coordinate (Jacobs 1988), as in the paper. */
async function descend(
  places: Float64Array,
  affinities: Affinities,
  { rounds, angle }: Values,
  { signal, onProgress }: FitOptions,
): Promise<number> {
  const rows = places.length / 2;
  const early = Math.min(250, Math.floor(rounds / 4));
  const rate = Math.max(50, rows / exaggeration / 4);
  const gradient = new Float64Array(places.length);
  const speed = new Float64Array(places.length);
  const gains = new Float64Array(places.length).fill(1);
  let loss = 0;
  for (let round = 0; round < rounds; round++) {
    throwIfCancelled(signal, 'the fit');
    // A turn of the event loop now and then, so that a signal is seen.
    if (round % 8 === 7) await new Promise((resolve) => setTimeout(resolve, 0));
    loss = gradientOf(places, affinities, round < early ? exaggeration : 1, angle, gradient);
    const momentum = round < early ? 0.5 : 0.8;
    for (let at = 0; at < places.length; at++) {
      const same = gradient[at]! > 0 === speed[at]! > 0;
      gains[at] = Math.max(0.01, same ? gains[at]! * 0.8 : gains[at]! + 0.2);
      speed[at] = momentum * speed[at]! - rate * gains[at]! * gradient[at]!;
      places[at]! += speed[at]!;
    }
    onProgress?.({ step: 'rounds', done: round + 1, total: rounds, loss });
  }
  return gradientOf(places, affinities, 1, angle, gradient);
}

/** The gradient of the divergence, attraction times `pull`; returns the divergence at a pull of 1. */
export function gradientOf(
  places: Float64Array,
  { offsets, indices, values }: Affinities,
  pull: number,
  angle: number,
  gradient: Float64Array,
): number {
  const rows = places.length / 2;
  const tree = new QuadTree(places);
  const repulsion = new Float64Array(places.length);
  let total = 0;
  for (let row = 0; row < rows; row++) {
    const force = repulsion.subarray(2 * row, 2 * row + 2);
    total += tree.repel(places[2 * row]!, places[2 * row + 1]!, angle, force) - 1;
  }
  let loss = 0;
  for (let row = 0; row < rows; row++) {
    let [x, y] = [0, 0];
    for (let at = offsets[row]!; at < offsets[row + 1]!; at++) {
      const other = indices[at]!;
      const dx = places[2 * row]! - places[2 * other]!;
      const dy = places[2 * row + 1]! - places[2 * other + 1]!;
      const q = 1 / (1 + dx * dx + dy * dy);
      const p = values[at]!;
      x += p * q * dx;
      y += p * q * dy;
      if (p > 0) loss += p * Math.log((p * total) / q);
    }
    gradient[2 * row] = 4 * (pull * x - repulsion[2 * row]! / total);
    gradient[2 * row + 1] = 4 * (pull * y - repulsion[2 * row + 1]! / total);
  }
  return loss;
}

const kept = 3;

function placeRows(
  { rows, columns, values }: Matrix,
  known: Float64Array,
  places: Float64Array,
): Matrix {
  const out = zeros(rows, 2);
  const count = places.length / 2;
  for (let row = 0; row < rows; row++) {
    const best: { gap: number; at: number }[] = [];
    for (let at = 0; at < count; at++) {
      const gap = squaredDistance(values, row * columns, known, at * columns, columns);
      if (best.length === kept && gap >= best[kept - 1]!.gap) continue;
      best.push({ gap, at });
      best.sort((a, b) => a.gap - b.gap || a.at - b.at);
      best.length = Math.min(best.length, kept);
    }
    const exact = best[0]?.gap === 0 ? best.slice(0, 1) : best;
    const weights = exact.map(({ gap }) => (gap === 0 ? 1 : 1 / gap));
    const sum = weights.reduce((total, one) => total + one, 0);
    exact.forEach(({ at }, place) => {
      out.values[2 * row]! += (weights[place]! / sum) * places[2 * at]!;
      out.values[2 * row + 1]! += (weights[place]! / sum) * places[2 * at + 1]!;
    });
  }
  return out;
}
