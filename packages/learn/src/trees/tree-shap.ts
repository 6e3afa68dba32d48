import { nodeCovers, type TreeEnsemble } from './tree-ensemble.ts';

/**
 * The contributions of columns to what trees say of a row (Lundberg et al. 2020, algorithm 2): Shapley values
 * where a column that is not known is averaged over by the shares in which training rows parted. In time
 * proportional to leaves times the square of the depth.
 */
export class TreeShap {
  readonly #trees: TreeEnsemble;
  readonly #covers: Float64Array;
  /**
   * The path of columns from the root, one copy for each depth: of every column on it, the share of training
   * rows that went this way, whether the row does, and the weight of subsets of so many columns.
   */
  readonly #columns: Int32Array;
  readonly #shares: Float64Array;
  readonly #follows: Float64Array;
  readonly #weights: Float64Array;

  constructor(trees: TreeEnsemble) {
    this.#trees = trees;
    this.#covers = nodeCovers(trees);
    const depth = deepest(trees) + 2;
    const places = (depth * (depth + 1)) / 2;
    this.#columns = new Int32Array(places);
    this.#shares = new Float64Array(places);
    this.#follows = new Float64Array(places);
    this.#weights = new Float64Array(places);
  }

  /** What all trees say where nothing is known of a row, by output; without the start. */
  expected(): Float64Array {
    const { roots, left, right, outputs, scale } = this.#trees;
    const sums = new Float64Array(outputs);
    roots.forEach((root, tree) => {
      const visit = (at: number, weight: number): void => {
        if (weight === 0) return;
        if (at < 0) {
          this.#trees.addLeaf(tree, ~at, weight, sums, 0);
          return;
        }
        visit(left[at]!, weight * this.#shareOf(at, left[at]!));
        visit(right[at]!, weight * this.#shareOf(at, right[at]!));
      };
      visit(root, scale);
    });
    return sums;
  }

  /** Adds a row's contributions, columns x outputs, to `sums` from `to`; `x` holds the row from `from`. */
  add(x: ArrayLike<number>, from: number, sums: Float64Array, to: number): void {
    this.#trees.roots.forEach((root, tree) => {
      if (root >= 0) this.#visit({ tree, x, from, sums, to }, root, 0, 0, 1, 1, -1);
    });
  }

  #coverOf(at: number): number {
    return at >= 0 ? this.#covers[at]! : this.#trees.covers[~at]!;
  }

  /** The share of a node's training rows that went on to a child; a half where no row weighed anything. */
  #shareOf(node: number, child: number): number {
    const all = this.#covers[node]!;
    return all > 0 ? this.#coverOf(child) / all : 0.5;
  }

  /** `begin` is where the path of the node above lies, with so many columns. */
  #visit(
    row: Row,
    at: number,
    length: number,
    begin: number,
    share: number,
    follows: number,
    column: number,
  ): void {
    // What no training row and not this row does weighs nothing.
    if (share === 0 && follows === 0) return;
    const path = begin + length;
    this.#copy(begin, path, length);
    this.#extend(path, length, share, follows, column);
    if (at < 0) {
      this.#leaf(row, ~at, path, length);
      return;
    }
    const { features, left, right } = this.#trees;
    const own = features[at]!;
    const value = row.x[row.from + own]!;
    const hot = this.#trees.goesLeft(at, value) ? left[at]! : right[at]!;
    const cold = hot === left[at] ? right[at]! : left[at]!;
    let [count, beforeShare, beforeFollows] = [length, 1, 1];
    // A column counts once on a path: what it did further up is taken out and joined to this.
    for (let place = 1; place <= length; place++) {
      if (this.#columns[path + place] !== own) continue;
      beforeShare = this.#shares[path + place]!;
      beforeFollows = this.#follows[path + place]!;
      this.#unwind(path, length, place);
      count--;
      break;
    }
    const on = count + 1;
    this.#visit(row, hot, on, path, beforeShare * this.#shareOf(at, hot), beforeFollows, own);
    this.#visit(row, cold, on, path, beforeShare * this.#shareOf(at, cold), 0, own);
  }

  #copy(from: number, to: number, length: number): void {
    this.#columns.copyWithin(to, from, from + length);
    this.#shares.copyWithin(to, from, from + length);
    this.#follows.copyWithin(to, from, from + length);
    this.#weights.copyWithin(to, from, from + length);
  }

  /** One more column on the path of `length` columns. */
  #extend(path: number, length: number, share: number, follows: number, column: number): void {
    const weights = this.#weights;
    this.#columns[path + length] = column;
    this.#shares[path + length] = share;
    this.#follows[path + length] = follows;
    weights[path + length] = length === 0 ? 1 : 0;
    for (let at = length - 1; at >= 0; at--) {
      const weight = weights[path + at]!;
      weights[path + at + 1]! += (follows * weight * (at + 1)) / (length + 1);
      weights[path + at] = (share * weight * (length - at)) / (length + 1);
    }
  }

  /** Takes the column at a place out of the path whose last column is at `last`. */
  #unwind(path: number, last: number, place: number): void {
    const weights = this.#weights;
    const [follows, share] = [this.#follows[path + place]!, this.#shares[path + place]!];
    let next = weights[path + last]!;
    for (let at = last - 1; at >= 0; at--) {
      const weight = weights[path + at]!;
      if (follows !== 0) {
        weights[path + at] = (next * (last + 1)) / ((at + 1) * follows);
        next = weight - (weights[path + at]! * share * (last - at)) / (last + 1);
      } else weights[path + at] = (weight * (last + 1)) / (share * (last - at));
    }
    for (let at = path + place; at < path + last; at++) {
      this.#columns[at] = this.#columns[at + 1]!;
      this.#shares[at] = this.#shares[at + 1]!;
      this.#follows[at] = this.#follows[at + 1]!;
    }
  }

  /** The sum of the weights that `unwind` would leave. */
  #unwoundSum(path: number, last: number, place: number): number {
    const weights = this.#weights;
    const [follows, share] = [this.#follows[path + place]!, this.#shares[path + place]!];
    let [next, total] = [weights[path + last]!, 0];
    for (let at = last - 1; at >= 0; at--) {
      if (follows !== 0) {
        const own = (next * (last + 1)) / ((at + 1) * follows);
        total += own;
        next = weights[path + at]! - (own * share * (last - at)) / (last + 1);
      } else total += (weights[path + at]! * (last + 1)) / (share * (last - at));
    }
    return total;
  }

  #leaf({ tree, sums, to }: Row, leaf: number, path: number, last: number): void {
    const { outputs, scale } = this.#trees;
    for (let place = 1; place <= last; place++) {
      const change = this.#follows[path + place]! - this.#shares[path + place]!;
      const weight = scale * change * this.#unwoundSum(path, last, place);
      this.#trees.addLeaf(tree, leaf, weight, sums, to + this.#columns[path + place]! * outputs);
    }
  }
}

/** A row that is explained by a tree, and where its contributions go. */
interface Row {
  readonly tree: number;
  readonly x: ArrayLike<number>;
  readonly from: number;
  readonly sums: Float64Array;
  readonly to: number;
}

/** The most nodes on a way from a root to a leaf. */
function deepest({ roots, left, right }: TreeEnsemble): number {
  const depths = new Int32Array(left.length);
  for (let node = left.length - 1; node >= 0; node--) {
    const of = (child: number): number => (child >= 0 ? depths[child]! : 0);
    depths[node] = 1 + Math.max(of(left[node]!), of(right[node]!));
  }
  return roots.reduce((most, root) => Math.max(most, root >= 0 ? depths[root]! : 0), 0);
}
