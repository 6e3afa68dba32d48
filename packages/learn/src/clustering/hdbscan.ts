import { throwIfCancelled } from '@backlot/core';
import type { ParametersOf } from '../constraint.ts';
import { InvalidModel } from '../error.ts';
import { featuresAs } from '../features.ts';
import { float64, int32, type TabularModel, tensorOf } from '../fitted-model.ts';
import { type Matrix, toFloat64 } from '../matrix.ts';
import { type Specification, specify } from '../specification.ts';
import type { TabularKind } from '../tabular-kind.ts';
import { condense, excessOfMass, labelRows } from './condensed-tree.ts';
import { inOrder } from './linkage.ts';
import { squaredDistance } from './nearest-centre.ts';

const constraints = {
  least: {
    type: 'integer',
    min: 2,
    max: 1_000_000,
    default: 5,
    scale: 'log',
    summary: 'The fewest rows of a cluster.',
  },
  neighbours: {
    type: 'integer',
    min: 1,
    max: 1000,
    default: null,
    optional: true,
    scale: 'log',
    summary:
      'A core distance is to the neighbour of this rank, the row itself first; least if null.',
  },
  single: {
    type: 'flag',
    default: false,
    summary: 'Whether all rows may be one cluster.',
  },
} as const;

type Values = ParametersOf<typeof constraints>;
export type Hdbscan = Specification<'hdbscan', Values>;

/**
 * HDBSCAN (Campello, Moulavi and Sander 2013): the clusters that last longest as the density rises, by excess of
 * mass in the tree of mutual reachability. Time grows with rows squared. A new row belongs with the fitted
 * row that is nearest by mutual reachability, unless it is farther than any core distance of that cluster; -1 for
 * none. Weights are not used. Tensors: `labels` and `strengths` of the fitted rows.
 *
 * @example
 * const model = await fit(hdbscan({ least: 15 }), { features });
 * const labels = model.tensors.labels.data;
 */
export function hdbscan(parameters: Partial<Values> = {}): Hdbscan {
  return specify('hdbscan', constraints, parameters);
}

export const hdbscanKind: TabularKind<Values> = {
  kind: 'hdbscan',
  family: 'clustering',
  roles: ['clusterer'],
  summary: 'The clusters that last longest as the density rises; other rows belong to none.',
  constraints,
  accepts: ['dense'],
  missing: false,
  target: 'none',
  memory: ({ rows, columns }) => rows * (16 * columns + 600) + 2 ** 16,
  fit: async ({ parameters }, { features }, { signal }) => {
    const matrix = featuresAs(features, 'dense');
    const { rows, columns } = matrix;
    const rank = Math.min(rows, parameters.neighbours ?? parameters.least);
    const cores = coreDistances(matrix, rank, signal);
    const merges = inOrder(spanningTree(matrix, cores, signal), rows);
    const tree = condense(merges, rows, parameters.least);
    const chosen = rows > 1 ? excessOfMass(tree, parameters.single) : [];
    const { labels, strengths } = labelRows(tree, chosen, rows);
    return {
      tensors: {
        rows: float64([rows, columns], toFloat64(matrix).slice()),
        cores: float64([rows], cores),
        labels: int32([rows], labels),
        strengths: float64([rows], strengths),
      },
      facts: { clusters: chosen.length },
    };
  },
  tensors: ({ rows, columns }) => ({
    rows: { type: 'float64', shape: [rows, columns] },
    cores: { type: 'float64', shape: [rows] },
    labels: { type: 'int32', shape: [rows] },
    strengths: { type: 'float64', shape: [rows] },
  }),
  checkModel(model) {
    if (tensorOf(model, 'labels', 'int32').data.every((label) => label >= -1)) return;
    throw new InvalidModel('a label is below -1');
  },
  predict: async (model, features) => predictAll(model, featuresAs(features, 'dense')),
};

/** The distance of each row to its neighbour of the rank, itself being the first. */
function coreDistances(
  { rows, columns, values }: Matrix,
  rank: number,
  signal: AbortSignal | undefined,
): Float64Array {
  const found = new Float64Array(rows);
  return Float64Array.from({ length: rows }, (_, row) => {
    if (row % 64 === 0) throwIfCancelled(signal, 'the fit');
    const nearest = new Float64Array(rank).fill(Infinity);
    for (let other = 0; other < rows; other++) {
      found[other] = squaredDistance(values, row * columns, values, other * columns, columns);
      insert(nearest, found[other]!);
    }
    return Math.sqrt(nearest[rank - 1]!);
  });
}

/** Keeps the smallest values, ascending. */
function insert(smallest: Float64Array, value: number): void {
  let at = smallest.length - 1;
  if (!(value < smallest[at]!)) return;
  for (; at > 0 && smallest[at - 1]! > value; at--) smallest[at] = smallest[at - 1]!;
  smallest[at] = value;
}

/** Prim's minimum spanning tree of mutual reachability: max(core a, core b, distance). */
function spanningTree(
  { rows, columns, values }: Matrix,
  cores: Float64Array,
  signal: AbortSignal | undefined,
): { readonly a: number; readonly b: number; readonly distance: number }[] {
  const edges: { a: number; b: number; distance: number }[] = [];
  const reach = new Float64Array(rows).fill(Infinity);
  const from = new Int32Array(rows);
  const done = new Uint8Array(rows);
  let last = 0;
  done[0] = 1;
  for (let step = 1; step < rows; step++) {
    if (step % 64 === 0) throwIfCancelled(signal, 'the fit');
    let next = -1;
    for (let row = 0; row < rows; row++) {
      if (done[row]) continue;
      const gap = squaredDistance(values, last * columns, values, row * columns, columns);
      const mutual = Math.max(cores[last]!, cores[row]!, Math.sqrt(gap));
      if (mutual < reach[row]!) {
        reach[row] = mutual;
        from[row] = last;
      }
      if (next < 0 || reach[row]! < reach[next]!) next = row;
    }
    edges.push({ a: from[next]!, b: next, distance: reach[next]! });
    done[next] = 1;
    last = next;
  }
  return edges;
}

function predictAll(model: TabularModel, { rows, columns, values }: Matrix): Float64Array {
  const known = tensorOf(model, 'rows', 'float64').data;
  const cores = tensorOf(model, 'cores', 'float64').data;
  const labels = tensorOf(model, 'labels', 'int32').data;
  const limits = farthestCores(labels, cores);
  return Float64Array.from({ length: rows }, (_, row) => {
    let [least, second, label] = [Infinity, Infinity, -1];
    for (let other = 0; other < labels.length; other++) {
      const gap = squaredDistance(values, row * columns, known, other * columns, columns);
      if (gap === 0) return labels[other]!;
      const mutual = Math.max(cores[other]!, Math.sqrt(gap));
      if (mutual > least || (mutual === least && gap >= second)) continue;
      [least, second, label] = [mutual, gap, labels[other]!];
    }
    return label >= 0 && least <= limits[label]! ? label : -1;
  });
}

/** The largest core distance within each cluster: a row farther than that never was dense enough. */
function farthestCores(labels: Int32Array, cores: Float64Array): Record<number, number> {
  const limits: Record<number, number> = {};
  labels.forEach((label, row) => {
    limits[label] = Math.max(limits[label] ?? 0, cores[row]!);
  });
  return limits;
}
