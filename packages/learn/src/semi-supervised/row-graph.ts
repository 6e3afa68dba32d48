import { nearest } from '@backlot/compute';
import { throwIfCancelled } from '@backlot/core';
import type { FitOptions } from '../fit-options.ts';
import { type Matrix, toFloat32, toFloat64 } from '../matrix.ts';
import { turn } from '../recommenders/rank-rows.ts';

/** A symmetric graph of rows with weights, without loops: a loop changes no label. */
export interface RowGraph {
  readonly rows: number;
  /** Weights that are stored. */
  readonly stored: number;
  /** By row: the sum of its weights. */
  readonly degrees: Float64Array;
  /** The rows `from` to `to` of the weights times `values` (rows x width), into the same rows of `out`. */
  multiply(values: Float64Array, width: number, out: Float64Array, from: number, to: number): void;
}

/** How rows are joined. */
export interface GraphSettings {
  readonly graph: 'neighbours' | 'kernel';
  readonly neighbours: number;
  readonly rate: number;
}

/** The graph that the settings ask for. */
export function rowGraph(
  matrix: Matrix,
  { graph, neighbours, rate }: GraphSettings,
  options: FitOptions,
): Promise<RowGraph> {
  return graph === 'kernel'
    ? kernelGraph(matrix, rate, options)
    : neighbourGraph(matrix, Math.min(neighbours, matrix.rows - 1), options);
}

/** Every pair, by exp(-rate x squared distance). */
async function kernelGraph(matrix: Matrix, rate: number, options: FitOptions): Promise<RowGraph> {
  const { rows, columns } = matrix;
  const values = toFloat64(matrix);
  const weights = new Float64Array(rows * rows);
  const degrees = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    if (i % 64 === 0) {
      throwIfCancelled(options.signal, 'the fit');
      options.onProgress?.({ step: 'graph', done: i, total: rows });
      await turn();
    }
    for (let j = 0; j < i; j++) {
      const weight = Math.exp(
        -rate * squaredGap(values, i * columns, values, j * columns, columns),
      );
      weights[i * rows + j] = weight;
      weights[j * rows + i] = weight;
    }
  }
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < rows; j++) degrees[i]! += weights[i * rows + j]!;
  }
  return { rows, stored: rows * rows, degrees, multiply: denseProduct(weights, rows) };
}

/** The squared distance of two rows that begin at the given places. */
export function squaredGap(
  left: Float64Array,
  from: number,
  right: Float64Array,
  start: number,
  columns: number,
): number {
  let sum = 0;
  for (let column = 0; column < columns; column++) {
    const gap = left[from + column]! - right[start + column]!;
    sum += gap * gap;
  }
  return sum;
}

function denseProduct(weights: Float64Array, rows: number): RowGraph['multiply'] {
  return (values, width, out, from, to) => {
    out.fill(0, from * width, to * width);
    for (let i = from; i < to; i++) {
      for (let j = 0; j < rows; j++) {
        const weight = weights[i * rows + j]!;
        for (let c = 0; c < width; c++) out[i * width + c]! += weight * values[j * width + c]!;
      }
    }
  };
}

/** The mean of the graph of nearest rows and its transpose: rows that choose each other have weight 1. */
async function neighbourGraph(matrix: Matrix, k: number, options: FitOptions): Promise<RowGraph> {
  const { rows } = matrix;
  const chosen = await nearestOthers(matrix, k, options);
  const chooser = transposed(chosen, rows, k);
  const offsets = new Int32Array(rows + 1);
  const indices = new Int32Array(2 * rows * k);
  const weights = new Float64Array(2 * rows * k);
  const degrees = new Float64Array(rows);
  let at = 0;
  for (let row = 0; row < rows; row++) {
    const own = chosen.subarray(row * k, (row + 1) * k);
    const back = chooser.rows.subarray(chooser.offsets[row]!, chooser.offsets[row + 1]!);
    let [left, right] = [0, 0];
    while (left < own.length || right < back.length) {
      const a = own[left] ?? rows;
      const b = back[right] ?? rows;
      indices[at] = Math.min(a, b);
      weights[at] = a === b ? 1 : 0.5;
      degrees[row]! += weights[at]!;
      if (a <= b) left++;
      if (b <= a) right++;
      at++;
    }
    offsets[row + 1] = at;
  }
  return { rows, stored: at, degrees, multiply: sparseProduct(offsets, indices, weights) };
}

/** By row: its k nearest rows but itself, ascending. */
async function nearestOthers(matrix: Matrix, k: number, options: FitOptions): Promise<Int32Array> {
  const { rows, columns } = matrix;
  const others = new Int32Array(rows * k);
  if (k === 0) return others;
  const vectors = toFloat32(matrix);
  const query = { dimensions: columns, k: k + 1 };
  const { threads, signal } = options;
  const { indices } = await nearest(vectors, vectors, query, {
    ...(threads !== undefined && { threads }),
    ...(signal && { signal }),
  });
  for (let row = 0; row < rows; row++) {
    let at = row * k;
    // Of more equal rows than k + 1 the row itself may not be among those found: the last one goes then.
    for (let place = 0; place <= k && at < (row + 1) * k; place++) {
      const other = indices[row * (k + 1) + place]!;
      if (other !== row) others[at++] = other;
    }
    others.subarray(row * k, (row + 1) * k).sort();
  }
  return others;
}

function transposed(chosen: Int32Array, rows: number, k: number) {
  const offsets = new Int32Array(rows + 1);
  for (const row of chosen) offsets[row + 1]!++;
  for (let row = 0; row < rows; row++) offsets[row + 1]! += offsets[row]!;
  const next = offsets.slice();
  const choosers = new Int32Array(chosen.length);
  for (let at = 0; at < chosen.length; at++) {
    choosers[next[chosen[at]!]!++] = Math.floor(at / k);
  }
  return { offsets, rows: choosers };
}

function sparseProduct(
  offsets: Int32Array,
  indices: Int32Array,
  weights: Float64Array,
): RowGraph['multiply'] {
  return (values, width, out, from, to) => {
    out.fill(0, from * width, to * width);
    for (let row = from; row < to; row++) {
      for (let at = offsets[row]!; at < offsets[row + 1]!; at++) {
        const weight = weights[at]!;
        const other = indices[at]! * width;
        for (let c = 0; c < width; c++) out[row * width + c]! += weight * values[other + c]!;
      }
    }
  };
}
