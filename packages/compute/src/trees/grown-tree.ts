/** A tree over bins as the kernel grew it. Leaf values are not here: who trains says what they are. */
export interface GrownTree {
  readonly nodes: readonly GrownNode[];
  readonly leaves: readonly GrownLeaf[];
}

export interface GrownNode {
  readonly feature: number;
  /** The last bin of values that goes left; of no meaning for categories. */
  readonly bin: number;
  readonly missingLeft: boolean;
  /** For categories: the bins that go left. */
  readonly leftBins: readonly number[];
  /** A node, or the complement (~) of a leaf. */
  readonly left: number;
  readonly right: number;
  readonly count: number;
  readonly gain: number;
  readonly gradient: number;
  readonly hessian: number;
}

export interface GrownLeaf {
  /** Where its rows are in the order that the tree left, and how many. */
  readonly start: number;
  readonly count: number;
  readonly gradient: number;
  readonly hessian: number;
  /** From monotone splits above; infinite without. */
  readonly lower: number;
  readonly upper: number;
}
