import type { ForestTree } from '@backlot/compute';
import { InvalidModel } from '../error.ts';
import type { TensorShape } from '../fit-options.ts';
import {
  float64,
  int32,
  type TabularModel,
  type TabularSignature,
  type Tensor,
  tensorOf,
  uint8,
} from '../fitted-model.ts';
import { haveOneParent, type TreeEnsemble } from './tree-ensemble.ts';

/** A tree's splits and leaves, as they are joined to those of others. */
interface FlatTree {
  readonly root: number;
  readonly features: Int32Array;
  readonly thresholds: Float64Array;
  readonly missingLeft: Uint8Array;
  readonly left: Int32Array;
  readonly right: Int32Array;
  /** Leaves x outputs. */
  readonly values: Float64Array;
  readonly covers: Float64Array;
}

/** Trees one after the other, whose leaves hold a number for each output. */
export class ForestWriter {
  readonly #outputs: number;
  readonly #trees: FlatTree[] = [];

  constructor(outputs: number) {
    this.#outputs = outputs;
  }

  /** Adds a tree: what can be reached from its root. `bounds` are the upper ends of each column's bins. */
  add(tree: ForestTree, bounds: readonly Float64Array[]): void {
    const reached = reachable(tree.left);
    const splits = reached.filter((node) => tree.left[node]! >= 0);
    const leaves = reached.filter((node) => tree.left[node]! < 0);
    const places = new Int32Array(tree.nodes);
    splits.forEach((node, at) => {
      places[node] = at;
    });
    leaves.forEach((node, at) => {
      places[node] = ~at;
    });
    const outputs = this.#outputs;
    const values = new Float64Array(leaves.length * outputs);
    leaves.forEach((node, at) => {
      values.set(tree.values.subarray(node * outputs, (node + 1) * outputs), at * outputs);
    });
    this.#trees.push({
      root: places[0]!,
      features: splits.map((node) => tree.features[node]!),
      // Past the last bin there is no end: all numbers go left, missing ones right.
      thresholds: Float64Array.from(
        splits,
        (node) => bounds[tree.features[node]!]![tree.bins[node]!] ?? Number.MAX_VALUE,
      ),
      missingLeft: Uint8Array.from(splits, (node) => tree.missingLeft[node]!),
      left: splits.map((node) => places[tree.left[node]!]!),
      right: splits.map((node) => places[tree.left[node]! + 1]!),
      values,
      covers: Float64Array.from(leaves, (node) => tree.weights[node]!),
    });
  }

  tensors(): Readonly<Record<string, Tensor>> {
    const trees = this.#trees;
    const outputs = this.#outputs;
    const sizes = trees.map(({ features }) => features.length);
    const nodes = sizes.reduce((sum, size) => sum + size, 0);
    const leaves = trees.reduce((sum, { values }) => sum + values.length / outputs, 0);
    const roots = new Int32Array(trees.length);
    const [features, left, right] = [0, 0, 0].map(() => new Int32Array(nodes)) as Triple;
    const thresholds = new Float64Array(nodes);
    const missingLeft = new Uint8Array(nodes);
    const values = new Float64Array(leaves * outputs);
    const covers = new Float64Array(leaves);
    let [node, leaf] = [0, 0];
    trees.forEach((tree, at) => {
      const place = (child: number): number => (child >= 0 ? node + child : ~(leaf + ~child));
      roots[at] = place(tree.root);
      features.set(tree.features, node);
      thresholds.set(tree.thresholds, node);
      missingLeft.set(tree.missingLeft, node);
      left.set(tree.left.map(place), node);
      right.set(tree.right.map(place), node);
      values.set(tree.values, leaf * outputs);
      covers.set(tree.covers, leaf);
      node += tree.features.length;
      leaf += tree.values.length / outputs;
    });
    return {
      roots: int32([trees.length], roots),
      features: int32([nodes], features),
      thresholds: float64([nodes], thresholds),
      missingLeft: uint8([nodes], missingLeft),
      left: int32([nodes], left),
      right: int32([nodes], right),
      values: float64([leaves, outputs], values),
      covers: float64([leaves], covers),
    };
  }
}

type Triple = [Int32Array<ArrayBuffer>, Int32Array<ArrayBuffer>, Int32Array<ArrayBuffer>];

/** Nodes that the root leads to, ascending: a pruned node leads nowhere. */
function reachable(left: Int32Array): Int32Array {
  const reached = new Uint8Array(left.length);
  reached[0] = 1;
  let count = 0;
  left.forEach((child, node) => {
    if (!reached[node]) return;
    count++;
    if (child >= 0) reached.fill(1, child, child + 2);
  });
  const nodes = new Int32Array(count);
  let at = 0;
  reached.forEach((yes, node) => {
    if (yes) nodes[at++] = node;
  });
  return nodes;
}

/** The tensors of a forest; a leaf has a share for each class, or a number. */
export function forestShapes(signature: TabularSignature): Readonly<Record<string, TensorShape>> {
  return {
    roots: { type: 'int32', shape: [-1] },
    features: { type: 'int32', shape: [-1] },
    thresholds: { type: 'float64', shape: [-1] },
    missingLeft: { type: 'uint8', shape: [-1] },
    left: { type: 'int32', shape: [-1] },
    right: { type: 'int32', shape: [-1] },
    values: { type: 'float64', shape: [-1, Math.max(1, signature.classes)] },
    covers: { type: 'float64', shape: [-1] },
  };
}

/** Trees in arrays; a child is a node, or the complement (~) of a leaf. */
export interface Forest {
  readonly roots: Int32Array;
  readonly features: Int32Array;
  readonly thresholds: Float64Array;
  readonly missingLeft: Uint8Array;
  readonly left: Int32Array;
  readonly right: Int32Array;
  /** Leaves x outputs. */
  readonly values: Float64Array;
  readonly outputs: number;
  /** By leaf, the weight of its training rows. */
  readonly covers: Float64Array;
}

export function forestOf(model: TabularModel): Forest {
  const ints = (name: string): Int32Array => tensorOf(model, name, 'int32').data;
  return {
    ...{ roots: ints('roots'), features: ints('features') },
    ...{ left: ints('left'), right: ints('right') },
    thresholds: tensorOf(model, 'thresholds', 'float64').data,
    missingLeft: tensorOf(model, 'missingLeft', 'uint8').data,
    values: tensorOf(model, 'values', 'float64').data,
    outputs: Math.max(1, model.signature.classes),
    covers: tensorOf(model, 'covers', 'float64').data,
  };
}

/** Children come after their parents, so that every walk ends; indices are in range. */
export function checkForest(model: TabularModel): void {
  const forest = forestOf(model);
  const { features, left, right, roots } = forest;
  const nodes = features.length;
  const leaves = forest.values.length / forest.outputs;
  const { columns } = model.signature;
  const same = [forest.thresholds, forest.missingLeft, left, right].every(
    (one) => one.length === nodes,
  );
  const reaches = (child: number, parent: number): boolean =>
    child >= 0 ? child > parent && child < nodes : ~child < leaves;
  const fits =
    same &&
    roots.length > 0 &&
    forest.covers.length === leaves &&
    forest.covers.every((cover) => cover >= 0) &&
    features.every((feature) => feature >= 0 && feature < columns) &&
    left.every((child, node) => reaches(child, node)) &&
    right.every((child, node) => reaches(child, node)) &&
    roots.every((root) => reaches(root, -1)) &&
    haveOneParent(forest);
  if (!fits) throw new InvalidModel('its trees do not hang together');
}

/** The trees for what explains them: the forest says their mean. */
export function forestTrees(model: TabularModel): TreeEnsemble {
  const forest = forestOf(model);
  const { outputs, values, thresholds, missingLeft } = forest;
  return {
    ...{ outputs, start: new Float64Array(outputs), scale: 1 / forest.roots.length },
    ...{ roots: forest.roots, left: forest.left, right: forest.right },
    ...{ features: forest.features, covers: forest.covers },
    prepare: (matrix) => matrix,
    goesLeft: (node, value) =>
      value <= thresholds[node]! || (missingLeft[node] === 1 && Number.isNaN(value)),
    addLeaf: (_, leaf, weight, sums, to) => {
      for (let k = 0; k < outputs; k++) sums[to + k]! += weight * values[leaf * outputs + k]!;
    },
  };
}
