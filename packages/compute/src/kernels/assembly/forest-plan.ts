import { RandomState } from './philox';

/** What all trees of a forest are grown from and by; trees/forest-trainer.ts writes it. */
@unmanaged
export class ForestPlan {
  /** The least decrease of impurity, as a share of the tree's weight. */
  minDecrease: f64;
  rows: i32;
  stride: i32;
  binRows: usize;
  binColumns: usize;
  features: usize;
  featureCount: i32;
  /** Rows with weight, ascending. */
  used: usize;
  usedCount: i32;
  /** By row: the class (i32), or nothing for numbers. */
  labels: usize;
  /** By row: the number less the mean of all. */
  targets: usize;
  /** By row: its weight times the number. */
  products: usize;
  weights: usize;
  /** 0 for numbers. */
  classes: i32;
  /** Numbers of a bin in a histogram, and bytes of a row in a tree's list. */
  slots: i32;
  entryBytes: i32;
  /** 0 gini, 1 entropy, 2 squares. */
  criterion: i32;
  perSplit: i32;
  randomThresholds: i32;
  bootstrap: i32;
  depth: i32;
  /** 0 for any number. */
  leaves: i32;
  minRows: i32;
  /** Two words a tree. */
  keys: usize;
  trees: i32;
  scratch: usize;
  scratchBytes: i32;
  /** Where parts of a thread's scratch begin. */
  spareAt: i32;
  orderAt: i32;
  binsAt: i32;
  touchedAt: i32;
  sumsAt: i32;
  openAt: i32;
  drawsAt: i32;
  out: usize;
  outBytes: i32;
  valuesAt: i32;
  /** By tree and row, one bit: whether the tree saw it; none without votes. */
  bags: usize;
  bagBytes: i32;
  votes: usize;
  voters: usize;
  /** Threads that have memory to grow a tree in; the others have nothing to do. */
  growers: i32;
}

@unmanaged
export class ForestFeature {
  column: i32;
  /** Bins of values; the next one is that of missing values. */
  bins: i32;
  /** In a shared column: 256 bytes, its bin for each bin of the column. Otherwise 0. */
  map: usize;
  unused: i32;
}

@unmanaged
export class ForestNode {
  /** -1 where no split was found. */
  feature: i32;
  bin: i32;
  missingLeft: i32;
  /** The left child, before the right one; -1 in a leaf. */
  left: i32;
  start: i32;
  count: i32;
  depth: i32;
  pure: i32;
  /** By how much its split lowers the weighted impurity. */
  gain: f64;
  weight: f64;
  impurity: f64;
  unused: f64;
}

/** What one thread holds while it grows a tree. */
@unmanaged
export class Grower {
  /** Of the best split so far; without one the feature is -1. */
  best: f64;
  bestWeight: f64;
  totalWeight: f64;
  bestFeature: i32;
  bestBin: i32;
  bestMissingLeft: i32;
  nodeCount: i32;
  openCount: i32;
  leafCount: i32;
  entries: usize;
  spare: usize;
  order: usize;
  bins: usize;
  touched: usize;
  /** Slots of the node, of what is left of a split, and of missing values. */
  total: usize;
  left: usize;
  missing: usize;
  open: usize;
  draws: usize;
  nodes: usize;
  values: usize;
  random: RandomState;
}

/** Bytes of the bins of one feature in a histogram. */
@inline
export function histogramBytes(plan: ForestPlan): usize {
  return (<usize>plan.slots) << 11;
}

@inline
export function nodeAt(grower: Grower, node: i32): ForestNode {
  return changetype<ForestNode>(grower.nodes + ((<usize>node) << 6));
}

@inline
export function featureAt(plan: ForestPlan, feature: i32): ForestFeature {
  return changetype<ForestFeature>(plan.features + ((<usize>feature) << 4));
}

/** Numbers that are held of a node: one a class, or a sum. */
@inline
export function outputsOf(plan: ForestPlan): i32 {
  return plan.classes > 0 ? plan.classes : 1;
}
