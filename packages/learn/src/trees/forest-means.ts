import { openKernels, walkTrees, walkTreesOn } from '@backlot/compute';
import type { Features } from '../features.ts';
import type { TabularModel } from '../fitted-model.ts';
import { denseBlocks, type Matrix, type SparseMatrix } from '../matrix.ts';
import type { ApplyOptions } from '../tabular-kind.ts';
import { type Forest, forestOf } from './forest-model.ts';

type Means = Matrix & { readonly values: Float64Array };

/** By row the mean of what the trees say, rows x outputs. */
export async function forestMeans(
  model: TabularModel,
  given: Features,
  options: ApplyOptions,
): Promise<Means> {
  const forest = forestOf(model);
  const { rows } = given as Matrix | SparseMatrix;
  const values = new Float64Array(rows * forest.outputs);
  let row = 0;
  for (const block of denseBlocks(given as Matrix | SparseMatrix)) {
    const means = await meansOf(forest, block, options);
    values.set(means.values, row * forest.outputs);
    row += block.rows;
  }
  return { rows, columns: forest.outputs, values };
}

async function meansOf(forest: Forest, matrix: Matrix, options: ApplyOptions): Promise<Means> {
  const trees = forest.roots.length;
  const { outputs } = forest;
  const { rows } = matrix;
  if (outputs > 2) {
    const sums = new Float64Array(rows * outputs);
    addForest(forest, matrix, sums);
    return { rows, columns: outputs, values: sums.map((sum) => sum / trees) };
  }
  const sums = new Float64Array(rows);
  await addLast(forest, matrix, sums, options);
  if (outputs === 1) return { rows, columns: 1, values: sums.map((sum) => sum / trees) };
  const values = new Float64Array(2 * rows);
  sums.forEach((sum, row) => {
    values[2 * row] = (trees - sum) / trees;
    values[2 * row + 1] = sum / trees;
  });
  return { rows, columns: 2, values };
}

/** From so many walks of a row through a tree on, threads are worth their start. */
const threadedWalks = 200_000;

/** Adds the last number of the leaves: of two classes the share of the second says both. */
async function addLast(
  forest: Forest,
  matrix: Matrix,
  sums: Float64Array,
  options: ApplyOptions,
): Promise<void> {
  const { outputs } = forest;
  const leaves = forest.values.length / outputs;
  const last = new Float64Array(leaves).map((_, at) => forest.values[(at + 1) * outputs - 1]!);
  const trees = { ...forest, values: last };
  if (matrix.rows * forest.roots.length < threadedWalks) {
    walkTrees(trees, matrix, sums, 1);
    return;
  }
  await using session = await openKernels({
    ...(options.threads !== undefined && { threads: options.threads }),
    signal: options.signal,
  });
  await walkTreesOn(session, trees, matrix, sums, 1);
}

const blockRows = 256;

/** Tree by tree over blocks of rows, so that a tree's upper nodes stay in the nearest cache. */
function addForest(forest: Forest, { rows, columns, values: x }: Matrix, sums: Float64Array): void {
  const { roots, features, thresholds, missingLeft, left, right, values, outputs } = forest;
  for (let first = 0; first < rows; first += blockRows) {
    const last = Math.min(rows, first + blockRows);
    for (const root of roots) {
      for (let row = first; row < last; row++) {
        let at = root;
        const base = row * columns;
        while (at >= 0) {
          const value = x[base + features[at]!]!;
          const goesLeft =
            value <= thresholds[at]! || (missingLeft[at] === 1 && Number.isNaN(value));
          at = goesLeft ? left[at]! : right[at]!;
        }
        const leaf = ~at * outputs;
        const to = row * outputs;
        for (let k = 0; k < outputs; k++) sums[to + k]! += values[leaf + k]!;
      }
    }
  }
}

/** By row the class of the largest share, of equals the first. */
export function largestShares({ rows, columns, values }: Matrix): Float64Array {
  return Float64Array.from({ length: rows }, (_, row) => {
    const from = row * columns;
    let best = 0;
    for (let k = 1; k < columns; k++) if (values[from + k]! > values[from + best]!) best = k;
    return best;
  });
}
