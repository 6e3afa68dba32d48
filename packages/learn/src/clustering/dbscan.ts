import { throwIfCancelled } from '@backlot/core';
import type { ParametersOf } from '../constraint.ts';
import { featuresAs } from '../features.ts';
import { tensorOf } from '../fitted-model.ts';
import { type Matrix, toFloat64 } from '../matrix.ts';
import { type Specification, specify } from '../specification.ts';
import type { TabularKind } from '../tabular-kind.ts';
import { learnedRows, nearestRowVerbs } from './labelled-rows.ts';
import { rootOf } from './linkage.ts';
import { squaredDistance } from './nearest-centre.ts';

const constraints = {
  radius: {
    type: 'number',
    min: 0,
    above: true,
    max: 1e150,
    default: 0.5,
    scale: 'log',
    summary: 'How near rows are neighbours, in Euclidean distance, the radius itself included.',
  },
  least: {
    type: 'number',
    min: 0,
    above: true,
    max: 1e9,
    default: 5,
    scale: 'log',
    summary: 'The weight of neighbours, the row itself included, that makes a row a core.',
  },
} as const;

type Values = ParametersOf<typeof constraints>;
export type Dbscan = Specification<'dbscan', Values>;

/**
 * DBSCAN (Ester, Kriegel, Sander and Xu 1996): cores within the radius of each other form clusters. Any row, new or
 * fitted, belongs with its nearest core within the radius, and to none (-1) where there is no such: a row
 * at the border of two clusters does not depend on the order of rows. Fact: `clusters`.
 *
 * @example
 * const model = await fit(dbscan({ radius: 0.3, least: 10 }), { features });
 */
export function dbscan(parameters: Partial<Values> = {}): Dbscan {
  return specify('dbscan', constraints, parameters);
}

export const dbscanKind: TabularKind<Values> = {
  ...nearestRowVerbs,
  kind: 'dbscan',
  family: 'clustering',
  roles: ['clusterer'],
  summary: 'Clusters are where rows lie densely; rows elsewhere belong to none.',
  constraints,
  accepts: ['dense'],
  missing: false,
  target: 'none',
  memory: ({ rows, columns }) => 16 * rows * columns + 64 * rows + 1024,
  fit: async ({ parameters }, { features, weights }, { signal }) => {
    const matrix = featuresAs(features, 'dense');
    const near = new NearPairs(matrix, parameters.radius);
    const density = weights ? weights.slice() : new Float64Array(matrix.rows).fill(1);
    near.forEach(signal, (a, b) => {
      density[a]! += weights?.[b] ?? 1;
      density[b]! += weights?.[a] ?? 1;
    });
    const parents = Int32Array.from({ length: matrix.rows }, (_, row) => row);
    const isCore = (row: number): boolean => density[row]! >= parameters.least;
    near.forEach(signal, (a, b) => {
      if (!isCore(a) || !isCore(b)) return;
      const [one, other] = [rootOf(parents, a), rootOf(parents, b)];
      parents[Math.max(one, other)] = Math.min(one, other);
    });
    return learnedCores(matrix, parents, isCore);
  },
  predict: async (model, features) => {
    const matrix = featuresAs(features, 'dense');
    const cores = tensorOf(model, 'rows', 'float64').data;
    const labels = tensorOf(model, 'labels', 'int32').data;
    const { radius } = model.specification.parameters;
    const { columns, values } = matrix;
    return Float64Array.from({ length: matrix.rows }, (_, row) => {
      let [least, label] = [radius ** 2, -1];
      for (let core = 0; core < labels.length; core++) {
        const found = squaredDistance(values, row * columns, cores, core * columns, columns);
        if (found > least || (found === least && label >= 0)) continue;
        [least, label] = [found, labels[core]!];
      }
      return label;
    });
  },
};

function learnedCores(
  matrix: Matrix,
  parents: Int32Array,
  isCore: (row: number) => boolean,
): ReturnType<typeof learnedRows> {
  const { rows, columns } = matrix;
  const places = Array.from({ length: rows }, (_, row) => row).filter(isCore);
  const names = new Map<number, number>();
  const labels = Int32Array.from(places, (row) => {
    const root = rootOf(parents, row);
    if (!names.has(root)) names.set(root, names.size);
    return names.get(root)!;
  });
  const values = toFloat64(matrix);
  const cores = new Float64Array(places.length * columns);
  places.forEach((row, at) => {
    cores.set(values.subarray(row * columns, (row + 1) * columns), at * columns);
  });
  const learned = learnedRows(cores, labels, { clusters: names.size });
  const { data } = learned.tensors.rows!;
  // No core still has as many columns as the rows.
  const core = { type: 'float64', shape: [places.length, columns], data } as const;
  return { ...learned, tensors: { ...learned.tensors, rows: core as never } };
}

/** Pairs of rows within a radius, found in the order of the column that spreads most. */
class NearPairs {
  readonly #matrix: Matrix;
  readonly #radius: number;
  readonly #column: number;
  readonly #order: Int32Array;

  constructor(matrix: Matrix, radius: number) {
    this.#matrix = matrix;
    this.#radius = radius;
    this.#column = widestColumn(matrix);
    const at = (row: number): number => matrix.values[row * matrix.columns + this.#column]!;
    this.#order = Int32Array.from({ length: matrix.rows }, (_, row) => row).sort(
      (a, b) => at(a) - at(b) || a - b,
    );
  }

  forEach(signal: AbortSignal | undefined, act: (a: number, b: number) => void): void {
    const { columns, values } = this.#matrix;
    const order = this.#order;
    const limit = this.#radius ** 2;
    for (let i = 0; i < order.length; i++) {
      if (i % 256 === 0) throwIfCancelled(signal, 'the fit');
      const from = order[i]! * columns;
      for (let j = i + 1; j < order.length; j++) {
        const to = order[j]! * columns;
        if (values[to + this.#column]! - values[from + this.#column]! > this.#radius) break;
        if (squaredDistance(values, from, values, to, columns) <= limit) act(order[i]!, order[j]!);
      }
    }
  }
}

function widestColumn({ rows, columns, values }: Matrix): number {
  let [widest, spread] = [0, -1];
  for (let column = 0; column < columns; column++) {
    let [low, high] = [Infinity, -Infinity];
    for (let row = 0; row < rows; row++) {
      low = Math.min(low, values[row * columns + column]!);
      high = Math.max(high, values[row * columns + column]!);
    }
    if (high - low > spread) [widest, spread] = [column, high - low];
  }
  return widest;
}
