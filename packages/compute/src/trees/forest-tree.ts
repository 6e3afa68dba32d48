/** A tree as a forest grew it. Node 0 is its root; both children come after their parent, side by side. */
export interface ForestTree {
  readonly nodes: number;
  /** The column that a node splits; of no meaning in a leaf. */
  readonly features: Int32Array;
  /** The last bin of values that goes left. */
  readonly bins: Int32Array;
  readonly missingLeft: Uint8Array;
  /** The left child, whose next one is the right; -1 in a leaf. */
  readonly left: Int32Array;
  /** Rows that reach it, each once. */
  readonly counts: Int32Array;
  /** By how much its split lowers the weighted impurity; 0 in a leaf. */
  readonly gains: Float64Array;
  readonly weights: Float64Array;
  /** Gini, entropy in bits, or variance. */
  readonly impurities: Float64Array;
  /** Nodes x outputs: shares of the classes, or means. */
  readonly values: Float64Array;
}
