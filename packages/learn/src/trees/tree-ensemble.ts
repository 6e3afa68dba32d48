import type { Matrix } from '../matrix.ts';

/** The trees of a model as what explains them sees them, whatever grew them. */
export interface TreeEnsemble {
  /** Numbers that the trees give a row. */
  readonly outputs: number;
  /** By output, what is there before any tree. */
  readonly start: Float64Array;
  /** What the sum over trees is multiplied by. */
  readonly scale: number;
  /** By tree, its first node; a child is a node, or the complement (~) of a leaf. */
  readonly roots: Int32Array;
  readonly left: Int32Array;
  readonly right: Int32Array;
  /** By node, the column that it asks for. */
  readonly features: Int32Array;
  /** By leaf, the weight of the training rows that came to it. */
  readonly covers: Float64Array;
  /** The rows as the nodes ask for them. */
  prepare(matrix: Matrix): Matrix;
  goesLeft(node: number, value: number): boolean;
  /** Adds a leaf's numbers times a weight at `to`, one for each output. */
  addLeaf(tree: number, leaf: number, weight: number, sums: Float64Array, to: number): void;
}

/** By node, the weight of the training rows that came to it. */
export function nodeCovers({ left, right, covers }: TreeEnsemble): Float64Array {
  const found = new Float64Array(left.length);
  const of = (child: number): number => (child >= 0 ? found[child]! : covers[~child]!);
  // Children come after their parents.
  for (let node = left.length - 1; node >= 0; node--) {
    found[node] = of(left[node]!) + of(right[node]!);
  }
  return found;
}

/**
 * Whether each split has one parent, or is a root, at most: one that is shared could stand for more paths
 * than can be counted.
 */
export function haveOneParent({
  roots,
  left,
  right,
}: Pick<TreeEnsemble, 'roots' | 'left' | 'right'>): boolean {
  const met = new Uint8Array(left.length);
  return [roots, left, right].every((children) =>
    children.every((child) => child < 0 || met[child]!++ === 0),
  );
}
