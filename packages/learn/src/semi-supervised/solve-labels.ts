import { throwIfCancelled } from '@backlot/core';
import { NotConverged } from '../error.ts';
import type { FitOptions } from '../fit-options.ts';
import { turn } from '../recommenders/rank-rows.ts';
import type { RowGraph } from './row-graph.ts';

/** (D - damping W) x = right over the free rows, x being 0 at the others; a system for each column. */
interface LabelSystem {
  readonly damping: number;
  /** By row: 1 where x is looked for. */
  readonly free: Uint8Array;
  /** rows x width. */
  readonly right: Float64Array;
  readonly width: number;
  readonly tolerance: number;
  readonly maxIterations: number;
}

/** Products of weights between two looks at the signal. */
const patience = 4e6;

/**
 * Conjugate gradients, preconditioned by the degrees D, all columns in one pass over the graph. It ends when
 * each column's residual, in the norm of D^-1, is below tolerance times what it was; else `NotConverged`.
 * Where a damping of 1 makes the matrix singular (a part of the graph that no label touches) the right side
 * is 0 and x stays 0.
 */
export async function solveLabels(
  kind: string,
  graph: RowGraph,
  system: LabelSystem,
  options: FitOptions,
): Promise<{ readonly values: Float64Array; readonly iterations: number }> {
  const { free, width, tolerance, maxIterations } = system;
  const { degrees } = graph;
  const x = new Float64Array(graph.rows * width);
  const residual = system.right.map((value, at) => (free[Math.floor(at / width)] ? value : 0));
  const direction = residual.map((value, at) => value / degreeOf(degrees, Math.floor(at / width)));
  const product = new Float64Array(x.length);
  const first = columnProducts(residual, direction, width);
  let energy = first;
  for (let iteration = 0; ; iteration++) {
    const worst = energy.reduce((most, value, c) => {
      return Math.max(most, first[c]! > 0 ? value / first[c]! : 0);
    }, 0);
    if (worst <= tolerance * tolerance) return { values: x, iterations: iteration };
    if (iteration === maxIterations) {
      const reason = `the residual is at ${Math.sqrt(worst)} after ${iteration} steps`;
      throw new NotConverged(kind, reason, 'allow more maxIterations or a larger tolerance');
    }
    options.onProgress?.({ step: 'labels', done: iteration, total: maxIterations });
    await applySystem(graph, system, direction, product, options);
    const curvature = columnProducts(direction, product, width);
    const step = energy.map((value, c) => (curvature[c]! > 0 ? value / curvature[c]! : 0));
    for (let at = 0; at < x.length; at++) {
      x[at]! += step[at % width]! * direction[at]!;
      residual[at]! -= step[at % width]! * product[at]!;
      // The product is not needed any more; its place holds the preconditioned residual.
      product[at] = residual[at]! / degreeOf(degrees, Math.floor(at / width));
    }
    const next = columnProducts(residual, product, width);
    const turnBy = next.map((value, c) =>
      energy[c]! > 0 && step[c]! > 0 ? value / energy[c]! : 0,
    );
    for (let at = 0; at < x.length; at++) {
      direction[at] = product[at]! + turnBy[at % width]! * direction[at]!;
    }
    // A column without curvature is at its end: nothing of its residual can be removed.
    energy = next.map((value, c) => (step[c]! > 0 ? value : 0));
  }
}

/** Rows that are next to alone count as alone: their degree of 1 keeps divisions finite. */
export function degreeOf(degrees: Float64Array, row: number): number {
  return degrees[row]! > 1e-200 ? degrees[row]! : 1;
}

function columnProducts(left: Float64Array, right: Float64Array, width: number): Float64Array {
  const sums = new Float64Array(width);
  for (let at = 0; at < left.length; at++) sums[at % width]! += left[at]! * right[at]!;
  return sums;
}

/** out = (D - damping W) values at the free rows, 0 at the others. */
async function applySystem(
  graph: RowGraph,
  { free, damping, width }: LabelSystem,
  values: Float64Array,
  out: Float64Array,
  options: FitOptions,
): Promise<void> {
  const { rows, stored, degrees } = graph;
  const block = Math.max(1, Math.floor((patience * rows) / (stored * width + 1)));
  for (let from = 0; from < rows; from += block) {
    throwIfCancelled(options.signal, 'the fit');
    await turn();
    const to = Math.min(rows, from + block);
    graph.multiply(values, width, out, from, to);
    for (let at = from * width; at < to * width; at++) {
      const row = Math.floor(at / width);
      out[at] = free[row] ? degreeOf(degrees, row) * values[at]! - damping * out[at]! : 0;
    }
  }
}
