/**
 * What the growth of one tree reads and writes, laid out in memory; the TypeScript face
 * (`trees/tree-memory.ts`) writes the same words in the same order.
 */
@unmanaged
export class TreePlan {
  threads: i32;
  rows: i32;
  columns: i32;
  /** Bytes of a row of `binRows`, at least `columns`, a multiple of 4. */
  stride: i32;
  binRows: usize;
  /** Column c begins at c * rows. */
  binColumns: usize;
  /** By row: the gradient above, the hessian in the low 32 bits. */
  gradients: usize;
  /** Rows that the tree grows on; a leaf's rows are one after another, ascending. */
  index: usize;
  spare: usize;
  grown: i32;
  /** Rows that the tree is only walked with. */
  rest: usize;
  restRows: i32;
  features: i32;
  featureTable: usize;
  columnTable: usize;
  totalBins: i32;
  /** For each thread: packed sums of its batches, then its sums in doubles, then its gathered rows. */
  packed: usize;
  packedBytes: i32;
  sums: usize;
  sumsBytes: i32;
  gathered: usize;
  gatheredBytes: i32;
  /** A histogram for each leaf. */
  pool: usize;
  maxLeaves: i32;
  maxDepth: i32;
  minRows: i32;
  leaves: usize;
  candidates: usize;
  nodes: usize;
  chunkCounts: usize;
  state: usize;
  leafOf: usize;
  maxCategories: i32;
  /** In units of the quantised hessian and gain. */
  l2: f64;
  minHessian: f64;
  minGain: f64;
  categoricalL2: f64;
  categoricalSmooth: f64;
  /** A category of fewer rows says nothing. */
  categoricalRows: f64;
}

@unmanaged
export class Feature {
  column: i32;
  /** The column's bin at which those of this feature begin, when it shares its column. */
  offset: i32;
  /** Bins of values, or categories. */
  bins: i32;
  /** The bin of missing values, or -1. */
  missing: i32;
  /** The bin that is not written in a shared column, or -1. */
  hidden: i32;
  categorical: i32;
  monotone: i32;
  enabled: i32;
}

@unmanaged
export class Column {
  /** Where its bins begin in a histogram. */
  start: i32;
  bins: i32;
  firstFeature: i32;
  endFeature: i32;
}

@unmanaged
export class Leaf {
  start: i32;
  count: i32;
  depth: i32;
  feature: i32;
  bin: i32;
  missingLeft: i32;
  parent: i32;
  isRight: i32;
  gradient: f64;
  hessian: f64;
  /** Bounds of the value, from monotone splits above. */
  lower: f64;
  upper: f64;
  /** Of its best split; not above 0 when there is none. */
  gain: f64;
  leftGradient: f64;
  leftHessian: f64;
  /** Grows when a split left fewer rows than the hessian had promised. */
  caution: f64;
  left0: u64;
  left1: u64;
  left2: u64;
  left3: u64;
}

/** The best split of a leaf by one feature. */
@unmanaged
export class Candidate {
  gain: f64;
  leftGradient: f64;
  leftHessian: f64;
  bin: i32;
  missingLeft: i32;
  left0: u64;
  left1: u64;
  left2: u64;
  left3: u64;
}

@unmanaged
export class TreeNode {
  feature: i32;
  bin: i32;
  missingLeft: i32;
  /** A node, or the complement (~) of a leaf. */
  left: i32;
  right: i32;
  count: i32;
  gain: f64;
  gradient: f64;
  hessian: f64;
  left0: u64;
  left1: u64;
  left2: u64;
  left3: u64;
}

@unmanaged
export class TreeState {
  arrived: i32;
  turn: i32;
  partitionTaken: i32;
  moveTaken: i32;
  histogramTaken: i32;
  columnTaken: i32;
  finishTaken: i32;
  done: i32;
  nodes: i32;
  leaves: i32;
  leaf: i32;
  sibling: i32;
  leftRows: i32;
  /** Whether the leaves are scanned for a further split. */
  scans: i32;
  /** 1 for the root, 2 for a leaf that is scanned once more. */
  mode: i32;
  /** Rows of the leaf that is parted, before it is. */
  start: i32;
  count: i32;
}

/** After the state's words: which bins of the chosen column go left, then which threads hold sums. */
export const stateTable: usize = 128;
export const stateUsed: usize = 128 + 256;

@inline
export function featureAt(plan: TreePlan, feature: i32): Feature {
  return changetype<Feature>(plan.featureTable + ((<usize>feature) << 5));
}

@inline
export function columnAt(plan: TreePlan, column: i32): Column {
  return changetype<Column>(plan.columnTable + ((<usize>column) << 4));
}

@inline
export function leafAt(plan: TreePlan, leaf: i32): Leaf {
  return changetype<Leaf>(plan.leaves + (<usize>leaf) * 128);
}

@inline
export function nodeAt(plan: TreePlan, node: i32): TreeNode {
  return changetype<TreeNode>(plan.nodes + (<usize>node) * 80);
}

/** Side 0 is the leaf that was split and went on as the left child, 1 the new one. */
@inline
export function candidateAt(plan: TreePlan, side: i32, feature: i32): Candidate {
  return changetype<Candidate>(plan.candidates + ((<usize>(side * plan.features + feature)) << 6));
}

@inline
export function bitOf(words: usize, bin: i32): bool {
  return ((load<u64>(words + ((<usize>(bin >> 6)) << 3)) >> (<u64>(bin & 63))) & 1) != 0;
}

@inline
export function setBit(words: usize, bin: i32): void {
  const at = words + ((<usize>(bin >> 6)) << 3);
  store<u64>(at, load<u64>(at) | ((<u64>1) << (<u64>(bin & 63))));
}
