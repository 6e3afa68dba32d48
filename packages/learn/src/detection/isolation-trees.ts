import type { SeededRandom } from '@backlot/core';
import type { Matrix } from '../matrix.ts';

/** Trees as flat lists of nodes, one tree after another. */
export interface IsolationTrees {
  /** Where each tree's nodes begin, and the end (trees + 1). */
  readonly starts: Int32Array;
  /** The column that a node asks for, or -1 for a leaf. */
  readonly columns: Int32Array;
  /** Rows at most this go to the left child; of a leaf the length of the path to it. */
  readonly values: Float64Array;
  /** The left child's place, counted over all trees; the right one follows it. */
  readonly children: Int32Array;
}

/** The mean length of an unsuccessful search in a tree of n rows (Liu, Ting and Zhou 2008, equation 1). */
export function meanPath(n: number): number {
  if (n <= 1) return 0;
  if (n === 2) return 1;
  return 2 * (Math.log(n - 1) + 0.5772156649015329) - (2 * (n - 1)) / n;
}

/** Grows nodes for one tree after another. */
export class TreeGrower {
  readonly #matrix: Matrix;
  readonly #maxDepth: number;
  readonly #starts: number[] = [0];
  readonly #columns: number[] = [];
  readonly #values: number[] = [];
  readonly #children: number[] = [];

  constructor(matrix: Matrix, sample: number) {
    this.#matrix = matrix;
    this.#maxDepth = Math.ceil(Math.log2(Math.max(sample, 2)));
  }

  /** A tree that splits the rows at random until each is alone or the tree is as deep as a full one. */
  grow(places: Int32Array, random: SeededRandom): void {
    this.#add();
    this.#split(this.#columns.length - 1, places, 0, random);
    this.#starts.push(this.#columns.length);
  }

  get trees(): IsolationTrees {
    return {
      starts: Int32Array.from(this.#starts),
      columns: Int32Array.from(this.#columns),
      values: Float64Array.from(this.#values),
      children: Int32Array.from(this.#children),
    };
  }

  #add(): void {
    this.#columns.push(-1);
    this.#values.push(0);
    this.#children.push(0);
  }

  #split(node: number, places: Int32Array, depth: number, random: SeededRandom): void {
    const column = depth < this.#maxDepth && places.length > 1 ? this.#draw(places, random) : -1;
    if (column < 0) {
      this.#values[node] = depth + meanPath(places.length);
      return;
    }
    const [low, high] = this.#range(places, column);
    const value = low + random.uniform() * (high - low);
    const { values, columns } = this.#matrix;
    const left = places.filter((row) => values[row * columns + column]! <= value);
    const right = places.filter((row) => values[row * columns + column]! > value);
    const child = this.#columns.length;
    this.#columns[node] = column;
    this.#values[node] = value;
    this.#children[node] = child;
    this.#add();
    this.#add();
    this.#split(child, left, depth + 1, random);
    this.#split(child + 1, right, depth + 1, random);
  }

  /** A random column among those that still tell rows apart, or -1. */
  #draw(places: Int32Array, random: SeededRandom): number {
    const { columns } = this.#matrix;
    const order = Array.from({ length: columns }, (_, column) => column);
    for (let left = columns; left > 0; left--) {
      const at = random.below(left);
      const column = order[at]!;
      const [low, high] = this.#range(places, column);
      if (high > low) return column;
      order[at] = order[left - 1]!;
    }
    return -1;
  }

  #range(places: Int32Array, column: number): readonly [number, number] {
    const { values, columns } = this.#matrix;
    let [low, high] = [Infinity, -Infinity];
    for (const row of places) {
      const value = values[row * columns + column]!;
      if (value < low) low = value;
      if (value > high) high = value;
    }
    return [low, high];
  }
}

/** The mean length of each row's paths. */
export function meanPaths(trees: IsolationTrees, matrix: Matrix): Float64Array {
  const { rows, columns, values } = matrix;
  const count = trees.starts.length - 1;
  const out = new Float64Array(rows);
  const block = 4096;
  // A block of rows stays in the cache while all trees pass.
  for (let first = 0; first < rows; first += block) {
    const last = Math.min(rows, first + block);
    for (let tree = 0; tree < count; tree++) {
      const root = trees.starts[tree]!;
      for (let row = first; row < last; row++) {
        out[row]! += pathLength(trees, root, values, row * columns);
      }
    }
  }
  return out.map((sum) => sum / count);
}

function pathLength(
  trees: IsolationTrees,
  root: number,
  values: Float32Array | Float64Array,
  start: number,
): number {
  let node = root;
  let column = trees.columns[node]!;
  while (column >= 0) {
    node = trees.children[node]! + (values[start + column]! <= trees.values[node]! ? 0 : 1);
    column = trees.columns[node]!;
  }
  return trees.values[node]!;
}
