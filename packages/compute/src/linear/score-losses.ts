import type { RowLoss } from './row-loss.ts';
import { rowLoss } from './row-loss.ts';

/** Rows' targets and what they lose at scores. */
export interface ScoreQuery {
  readonly loss: RowLoss;
  readonly first?: number;
  readonly second?: number;
  /** Above 1 for softmax, and for losses of one score each: output k then is 1 where the target is k. */
  readonly outputs: number;
  readonly target: Float64Array;
  readonly weights?: Float64Array | undefined;
}

/** How far apart the outputs of a row lie, so that a product's width is 1 or even. */
export function outputStride(outputs: number): number {
  return outputs === 1 ? 1 : 2 * Math.ceil(outputs / 2);
}

/**
 * The losses of rows by their linear scores (rows x stride), with slopes and curvatures. More than one
 * output is softmax, or one class against the rest with the targets 1 and -1 (hinges).
 */
export class ScoreLosses {
  readonly #query: ScoreQuery;
  readonly stride: number;
  /** Weighted slopes by score; what fills up the stride stays 0. */
  readonly slopes: Float64Array;
  /** Weighted second derivatives by score, for softmax the diagonal ones. */
  readonly curvatures: Float64Array;
  /** Softmax's shares. */
  readonly #shares: Float64Array;

  /** Where to write slopes and curvatures (rows x stride each). */
  constructor(query: ScoreQuery, slopes: Float64Array, curvatures: Float64Array) {
    this.#query = query;
    this.stride = outputStride(query.outputs);
    this.slopes = slopes;
    this.curvatures = curvatures;
    this.#shares = query.loss === 'softmax' ? new Float64Array(slopes.length) : curvatures;
  }

  #weight(row: number): number {
    return this.#query.weights?.[row] ?? 1;
  }

  /** The weighted sum of losses at scores + step direction; nothing else is changed. */
  value(scores: Float64Array, direction: Float64Array, step: number): number {
    const { loss, outputs, target, first = 0, second = 0 } = this.#query;
    let total = 0;
    for (let row = 0; row < target.length; row++) {
      const weight = this.#weight(row);
      if (weight === 0) continue;
      const from = row * this.stride;
      if (loss === 'softmax') {
        total += weight * softmaxValue(scores, direction, step, from, outputs, target[row]!);
        continue;
      }
      for (let k = 0; k < outputs; k++) {
        const score = scores[from + k]! + step * direction[from + k]!;
        total += weight * rowLoss(loss, score, this.#targetOf(row, k), first, second)[0];
      }
    }
    return total;
  }

  #targetOf(row: number, output: number): number {
    const { outputs, target } = this.#query;
    if (outputs === 1) return target[row]!;
    return target[row] === output ? 1 : -1;
  }

  /** The weighted sum of losses; writes the slopes and curvatures. */
  evaluate(scores: Float64Array): number {
    const { loss, outputs, target, first = 0, second = 0 } = this.#query;
    let total = 0;
    for (let row = 0; row < target.length; row++) {
      const weight = this.#weight(row);
      if (weight === 0) continue;
      if (loss === 'softmax') total += weight * this.#softmaxRow(scores, row, weight);
      else {
        for (let k = 0; k < outputs; k++) {
          const at = row * this.stride + k;
          const found = rowLoss(loss, scores[at]!, this.#targetOf(row, k), first, second);
          total += weight * found[0];
          this.slopes[at] = weight * found[1];
          this.curvatures[at] = weight * found[2];
        }
      }
    }
    return total;
  }

  #softmaxRow(scores: Float64Array, row: number, weight: number): number {
    const { outputs, target } = this.#query;
    const from = row * this.stride;
    const shares = this.#shares;
    let most = -Infinity;
    for (let k = 0; k < outputs; k++) most = Math.max(most, scores[from + k]!);
    let sum = 0;
    for (let k = from; k < from + outputs; k++) sum += shares[k] = Math.exp(scores[k]! - most);
    for (let k = from; k < from + outputs; k++) {
      const share = shares[k]! / sum;
      shares[k] = share;
      this.slopes[k] = weight * share;
      this.curvatures[k] = weight * share * (1 - share);
    }
    const own = from + target[row]!;
    this.slopes[own]! -= weight;
    return Math.log(sum) + most - scores[own]!;
  }

  /** The losses' second derivative at the last evaluation, times a direction of scores. */
  curve(direction: Float64Array, out: Float64Array): void {
    const { loss, outputs, target } = this.#query;
    if (loss !== 'softmax') {
      const { curvatures } = this;
      for (let at = 0; at < curvatures.length; at++) out[at] = curvatures[at]! * direction[at]!;
      return;
    }
    const shares = this.#shares;
    for (let row = 0; row < target.length; row++) {
      const from = row * this.stride;
      const weight = this.#weight(row);
      let mean = 0;
      for (let k = from; k < from + outputs; k++) mean += shares[k]! * direction[k]!;
      for (let k = from; k < from + outputs; k++) {
        out[k] = weight * shares[k]! * (direction[k]! - mean);
      }
    }
  }
}

function softmaxValue(
  scores: Float64Array,
  direction: Float64Array,
  step: number,
  from: number,
  outputs: number,
  label: number,
): number {
  let most = -Infinity;
  for (let k = from; k < from + outputs; k++) {
    most = Math.max(most, scores[k]! + step * direction[k]!);
  }
  let sum = 0;
  for (let k = from; k < from + outputs; k++) {
    sum += Math.exp(scores[k]! + step * direction[k]! - most);
  }
  return Math.log(sum) + most - scores[from + label]! - step * direction[from + label]!;
}
