import { InvalidArgument } from '../../error.ts';
import { type RecommenderModel, tensorOf } from '../../fitted-model.ts';
import type { ImplicitALSValues } from '../implicit-als.ts';
import { rowPenalty } from './penalty.ts';

/**
 * The vector of someone the model has not seen, from the items they met (distinct, each of weight 1, or of
 * the weights given): exactly what fitting would give them beside the model's item vectors. O(factors^3)
 * once for each penalty, then O(items x factors^2).
 */
export function foldInItems(
  model: RecommenderModel,
  history: Int32Array,
  weights?: Float32Array,
): Float32Array {
  const items = tensorOf(model, 'itemFactors', 'float32');
  const [count, width] = [items.shape[0]!, items.shape[1]!];
  checkHistory(history, count);
  const hyper = model.specification.parameters as ImplicitALSValues;
  const matrix = tensorOf(model, 'itemGram', 'float64').data.slice();
  const penalty = rowPenalty(hyper, history.length, count);
  for (let k = 0; k < width; k++) matrix[k * width + k]! += penalty;
  const right = new Float64Array(width);
  history.forEach((item, at) => {
    const confidence = hyper.alpha * (weights?.[at] ?? 1);
    const vector = items.data.subarray(item * width, (item + 1) * width);
    addOuter(matrix, vector, confidence);
    for (let k = 0; k < width; k++) right[k]! += (1 + confidence) * vector[k]!;
  });
  return Float32Array.from(solveDefinite(matrix, right));
}

function checkHistory(history: Int32Array, items: number): void {
  if (new Set(history).size !== history.length) {
    throw new InvalidArgument('history', 'names an item twice; once is allowed');
  }
  for (const item of history) {
    if (item >= 0 && item < items) continue;
    throw new InvalidArgument('history', `holds item ${item}; 0 to ${items - 1} are allowed`);
  }
}

/** Adds factor v v' to the lower triangle. */
function addOuter(matrix: Float64Array, v: Float32Array, factor: number): void {
  const n = v.length;
  for (let i = 0; i < n; i++) {
    const scale = factor * v[i]!;
    for (let j = 0; j <= i; j++) matrix[i * n + j]! += scale * v[j]!;
  }
}

/** Solves by Cholesky in place of the lower triangle. The penalty makes the matrix positive definite. */
function solveDefinite(matrix: Float64Array, right: Float64Array): Float64Array {
  const n = right.length;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let rest = matrix[i * n + j]!;
      for (let k = 0; k < j; k++) rest -= matrix[i * n + k]! * matrix[j * n + k]!;
      matrix[i * n + j] = i === j ? Math.sqrt(rest) : rest / matrix[j * n + j]!;
    }
    for (let k = 0; k < i; k++) right[i]! -= matrix[i * n + k]! * right[k]!;
    right[i]! /= matrix[i * n + i]!;
  }
  for (let i = n - 1; i >= 0; i--) {
    right[i]! /= matrix[i * n + i]!;
    for (let k = 0; k < i; k++) right[k]! -= matrix[i * n + k]! * right[i]!;
  }
  return right;
}
