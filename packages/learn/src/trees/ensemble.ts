import { type GrownTree, openKernels, walkTrees, walkTreesOn } from '@backlot/compute';
import { InvalidModel } from '../error.ts';
import type { TensorShape } from '../fit-options.ts';
import {
  float64,
  int32,
  type TabularModel,
  type Tensor,
  tensorOf,
  uint8,
} from '../fitted-model.ts';
import type { Matrix } from '../matrix.ts';
import type { ApplyOptions } from '../tabular-kind.ts';
import { addCodedTrees } from './coded-trees.ts';
import { haveOneParent, type TreeEnsemble } from './tree-ensemble.ts';

/** What a model's bins are, as growing needs them and as thresholds are made of them. */
interface Binning {
  readonly categorical: boolean;
  /** Upper ends of bins of numbers; or the categories that have a bin. */
  readonly bounds: Float64Array;
}

/** A split or a value, as trees are flattened: children come after their parent. */
interface FlatNode {
  readonly feature: number;
  readonly threshold: number;
  readonly missingLeft: boolean;
  /** The categories that go left; none for numbers. */
  readonly categories: readonly number[];
  readonly left: number;
  readonly right: number;
}

/** Trees one after the other, in arrays that are walked fast. */
export class EnsembleWriter {
  readonly #nodes: FlatNode[] = [];
  readonly #values: number[] = [];
  readonly #covers: number[] = [];
  readonly #roots: number[] = [];

  get trees(): number {
    return this.#roots.length;
  }

  /** Adds a tree whose leaves have these values. */
  add(tree: GrownTree, values: Float64Array, bins: readonly Binning[]): void {
    const [firstNode, firstValue] = [this.#nodes.length, this.#values.length];
    const place = (child: number): number =>
      child >= 0 ? firstNode + child : ~(firstValue + ~child);
    this.#roots.push(tree.nodes.length > 0 ? firstNode : ~firstValue);
    for (const node of tree.nodes) {
      const { categorical, bounds } = bins[node.feature]!;
      this.#nodes.push({
        ...{ feature: node.feature, missingLeft: node.missingLeft },
        // Where only missing ones go left, there is no category to tell, and no number is so low.
        threshold: categorical ? -Number.MAX_VALUE : (bounds[node.bin] ?? Number.MAX_VALUE),
        categories: categorical ? node.leftBins.map((bin) => bounds[bin]!) : [],
        ...{ left: place(node.left), right: place(node.right) },
      });
    }
    this.#values.push(...values);
    for (const { count } of tree.leaves) this.#covers.push(count);
  }

  /** Forgets all trees but the first so many. */
  keep(trees: number): void {
    this.#roots.length = Math.min(trees, this.#roots.length);
  }

  /** The trees, and by column the categories that have a bin. */
  tensors(bins: readonly Binning[]): Readonly<Record<string, Tensor>> {
    const known = bins.map(({ categorical, bounds }) => (categorical ? [...bounds] : []));
    const knownOffsets = new Int32Array(known.length + 1);
    known.forEach((own, column) => {
      knownOffsets[column + 1] = knownOffsets[column]! + own.length;
    });
    const nodes = this.#nodes;
    const ints = (of: (node: FlatNode) => number) =>
      int32([nodes.length], Int32Array.from(nodes, of));
    const offsets = new Int32Array(nodes.length + 1);
    nodes.forEach(({ categories }, at) => {
      offsets[at + 1] = offsets[at]! + categories.length;
    });
    const thresholds = Float64Array.from(nodes, ({ threshold }) => threshold);
    const categories = Float64Array.from(nodes.flatMap((node) => node.categories));
    return {
      roots: int32([this.#roots.length], Int32Array.from(this.#roots)),
      features: ints(({ feature }) => feature),
      thresholds: float64([nodes.length], thresholds),
      missingLeft: uint8(
        [nodes.length],
        Uint8Array.from(nodes, (node) => (node.missingLeft ? 1 : 0)),
      ),
      left: ints(({ left }) => left),
      right: ints(({ right }) => right),
      categoryOffsets: int32([offsets.length], offsets),
      categories: float64([categories.length], categories),
      knownOffsets: int32([knownOffsets.length], knownOffsets),
      known: float64([knownOffsets.at(-1)!], Float64Array.from(known.flat())),
      values: float64([this.#values.length], Float64Array.from(this.#values)),
      covers: float64([this.#covers.length], Float64Array.from(this.#covers)),
    };
  }
}

export const ensembleShapes: Readonly<Record<string, TensorShape>> = {
  roots: { type: 'int32', shape: [-1] },
  features: { type: 'int32', shape: [-1] },
  thresholds: { type: 'float64', shape: [-1] },
  missingLeft: { type: 'uint8', shape: [-1] },
  left: { type: 'int32', shape: [-1] },
  right: { type: 'int32', shape: [-1] },
  categoryOffsets: { type: 'int32', shape: [-1] },
  categories: { type: 'float64', shape: [-1] },
  knownOffsets: { type: 'int32', shape: [-1] },
  known: { type: 'float64', shape: [-1] },
  values: { type: 'float64', shape: [-1] },
  covers: { type: 'float64', shape: [-1] },
};

export interface Ensemble {
  readonly roots: Int32Array;
  readonly features: Int32Array;
  readonly thresholds: Float64Array;
  readonly missingLeft: Uint8Array;
  readonly left: Int32Array;
  readonly right: Int32Array;
  readonly categoryOffsets: Int32Array;
  readonly categories: Float64Array;
  readonly knownOffsets: Int32Array;
  readonly known: Float64Array;
  readonly values: Float64Array;
  /** Training rows by leaf. */
  readonly covers: Float64Array;
}

export function ensembleOf(model: TabularModel): Ensemble {
  const ints = (name: string): Int32Array => tensorOf(model, name, 'int32').data;
  const numbers = (name: string): Float64Array => tensorOf(model, name, 'float64').data;
  return {
    ...{
      roots: ints('roots'),
      features: ints('features'),
      left: ints('left'),
      right: ints('right'),
    },
    ...{ thresholds: numbers('thresholds'), values: numbers('values'), covers: numbers('covers') },
    ...{ categories: numbers('categories'), categoryOffsets: ints('categoryOffsets') },
    ...{ known: numbers('known'), knownOffsets: ints('knownOffsets') },
    missingLeft: tensorOf(model, 'missingLeft', 'uint8').data,
  };
}

/** Children come after their one parent, so that every walk ends; indices are in range. */
export function checkEnsemble(model: TabularModel): void {
  const trees = ensembleOf(model);
  const { features, left, right, values, categoryOffsets } = trees;
  const count = features.length;
  const same = [trees.thresholds, trees.missingLeft, left, right].every(
    (one) => one.length === count,
  );
  const reaches = (child: number, parent: number): boolean =>
    child >= 0 ? child > parent && child < count : ~child < values.length;
  const fits =
    same &&
    trees.covers.length === values.length &&
    trees.covers.every((cover) => cover >= 0) &&
    spans(categoryOffsets, count, trees.categories.length) &&
    spans(trees.knownOffsets, model.signature.columns, trees.known.length) &&
    features.every((feature) => feature >= 0 && feature < model.signature.columns) &&
    left.every((child, node) => reaches(child, node)) &&
    right.every((child, node) => reaches(child, node)) &&
    trees.roots.every((root) => reaches(root, -1)) &&
    haveOneParent(trees);
  if (!fits) throw new InvalidModel('its trees do not hang together');
}

function spans(offsets: Int32Array, parts: number, length: number): boolean {
  const rises = offsets.every((offset, at) => at === 0 || offset >= offsets[at - 1]!);
  return offsets.length === parts + 1 && offsets[0] === 0 && offsets[parts] === length && rises;
}

/** A category that was not seen is as good as missing: it was in the bin of missing ones in training. */
function withoutUnknown(trees: Ensemble, matrix: Matrix): Matrix {
  if (trees.known.length === 0) return matrix;
  const { rows, columns } = matrix;
  const values = Float64Array.from(matrix.values);
  for (let column = 0; column < columns; column++) {
    const [from, to] = [trees.knownOffsets[column]!, trees.knownOffsets[column + 1]!];
    if (from === to) continue;
    const known = new Set(trees.known.subarray(from, to));
    for (let at = column; at < rows * columns; at += columns) {
      if (!known.has(values[at]!)) values[at] = Number.NaN;
    }
  }
  return { rows, columns, values };
}

/** From so many walks of a row through a tree on, threads are worth their start. */
const threadedWalks = 200_000;

/**
 * Adds the values of all trees to the scores, rows x outputs; tree t belongs to output t mod outputs. The sums
 * are the same bit for bit however the trees are walked.
 */
export async function addTrees(
  trees: Ensemble,
  matrix: Matrix,
  scores: Float64Array,
  outputs: number,
  options: ApplyOptions,
): Promise<void> {
  if (trees.known.length > 0) {
    const add = matrix.rows < codedRows ? addCategoryTrees : addCodedTrees;
    add(trees, matrix, scores, outputs);
  } else if (matrix.rows * trees.roots.length < threadedWalks) {
    walkTrees(trees, matrix, scores, outputs);
  } else {
    await using session = await openKernels({
      ...(options.threads !== undefined && { threads: options.threads }),
      signal: options.signal,
    });
    await walkTreesOn(session, trees, matrix, scores, outputs);
  }
}

/** From so many rows on, coding the categories of all splits is worth it. */
const codedRows = 64;

/** Tree by tree over blocks of rows, so that a tree stays in the nearest cache. */
function addCategoryTrees(
  trees: Ensemble,
  matrix: Matrix,
  scores: Float64Array,
  outputs: number,
): void {
  const { rows, columns, values: x } = withoutUnknown(trees, matrix);
  const { roots, features, thresholds, missingLeft, left, right, categoryOffsets, values } = trees;
  const blockRows = 1024;
  for (let first = 0; first < rows; first += blockRows) {
    const last = Math.min(rows, first + blockRows);
    for (let tree = 0; tree < roots.length; tree++) {
      const root = roots[tree]!;
      const output = tree % outputs;
      for (let row = first; row < last; row++) {
        let at = root;
        const base = row * columns;
        while (at >= 0) {
          const value = x[base + features[at]!]!;
          const begin = categoryOffsets[at]!;
          let goesLeft: boolean;
          if (Number.isNaN(value)) goesLeft = missingLeft[at] === 1;
          else if (categoryOffsets[at + 1] === begin) goesLeft = value <= thresholds[at]!;
          else goesLeft = categoryGoesLeft(trees, at, value);
          at = goesLeft ? left[at]! : right[at]!;
        }
        scores[row * outputs + output]! += values[~at]!;
      }
    }
  }
}

/** Categories that were not seen are NaN by now. */
function categoryGoesLeft(
  { categoryOffsets, categories }: Ensemble,
  node: number,
  value: number,
): boolean {
  for (let at = categoryOffsets[node]!; at < categoryOffsets[node + 1]!; at++) {
    if (categories[at] === value) return true;
  }
  return false;
}

/** The trees for what explains them; tree t belongs to output t mod outputs. */
export function boostedTrees(model: TabularModel): TreeEnsemble {
  const trees = ensembleOf(model);
  const start = tensorOf(model, 'start', 'float64').data;
  const outputs = start.length;
  return {
    ...{ outputs, start, scale: 1, roots: trees.roots, left: trees.left, right: trees.right },
    ...{ features: trees.features, covers: trees.covers },
    prepare: (matrix) => withoutUnknown(trees, matrix),
    goesLeft: (node, value) => {
      if (Number.isNaN(value)) return trees.missingLeft[node] === 1;
      const numeric = trees.categoryOffsets[node] === trees.categoryOffsets[node + 1];
      return numeric ? value <= trees.thresholds[node]! : categoryGoesLeft(trees, node, value);
    },
    addLeaf: (tree, leaf, weight, sums, to) => {
      sums[to + (tree % outputs)]! += weight * trees.values[leaf]!;
    },
  };
}
