import { arrive, meet, release } from './barrier';
import { addColumns, addRows, clearSums, flush } from './histogram';
import { chunkRows, countLeft, moveChunks, partChunks } from './partition';
import { fillTable, findSplit, gainOf, valueOf } from './split';
import {
  Candidate,
  candidateAt,
  Column,
  columnAt,
  featureAt,
  Leaf,
  leafAt,
  nodeAt,
  setBit,
  stateTable,
  stateUsed,
  TreeNode,
  TreePlan,
  TreeState,
} from './tree-plan';

const modeSplit: i32 = 0;
const modeRoot: i32 = 1;
const modeAgain: i32 = 2;

/** Of so many rows, columns are shared out and not rows: clearing and joining sums would take longer. */
const fewRows: i32 = 4096;

/**
 * Grows one tree, best leaf first, all threads together; the thread that comes last to a meeting decides
 * for all. Sums are of whole numbers, so that nothing depends on who added what.
 */
export function grow(thread: i32, control: usize, planAddress: usize): void {
  const plan = changetype<TreePlan>(planAddress);
  const state = changetype<TreeState>(plan.state);
  const meeting = plan.state;
  const threads = plan.threads;
  histogramOf(plan, state, 0, plan.grown, thread);
  meet(meeting, threads);
  scanColumns(plan, state, thread);
  if (arrive(meeting, threads)) {
    decide(plan, state, control);
    release(meeting, threads);
  }
  while (!state.done) {
    partChunks(plan, state, plan.state + offsetof<TreeState>('partitionTaken'));
    if (arrive(meeting, threads)) {
      split(plan, state);
      release(meeting, threads);
    }
    if (state.mode == modeSplit) moveAndSum(plan, state, thread);
    if (state.scans) scanColumns(plan, state, thread);
    if (arrive(meeting, threads)) {
      decide(plan, state, control);
      release(meeting, threads);
    }
  }
  finish(plan, state);
}

function moveAndSum(plan: TreePlan, state: TreeState, thread: i32): void {
  if (state.count > chunkRows) {
    moveChunks(plan, state, state.leftRows, plan.state + offsetof<TreeState>('moveTaken'));
    meet(plan.state, plan.threads);
  }
  if (!state.scans) return;
  const small: Leaf = leafAt(plan, smallOf(plan, state));
  histogramOf(plan, state, small.start, small.count, thread);
  meet(plan.state, plan.threads);
}

@inline
function smallOf(plan: TreePlan, state: TreeState): i32 {
  const left: Leaf = leafAt(plan, state.leaf);
  return left.count <= leafAt(plan, state.sibling).count ? state.leaf : state.sibling;
}

function histogramOf(plan: TreePlan, state: TreeState, start: i32, count: i32, thread: i32): void {
  const used = plan.state + stateUsed + ((<usize>thread) << 2);
  if (plan.threads > 1 && count <= fewRows && plan.columns > 8 * (plan.threads - 1)) {
    addColumns(plan, plan.index + ((<usize>start) << 2), count, thread);
    store<i32>(used, thread == 0 ? 1 : 0);
    return;
  }
  const counter = plan.state + offsetof<TreeState>('histogramTaken');
  const size = max(512, min(8192, (count / (plan.threads * 4)) & ~255));
  let pending: i32 = 0;
  let any = false;
  for (;;) {
    const first = atomic.add<i32>(counter, size);
    if (first >= count) break;
    if (!any) clearSums(plan, thread);
    any = true;
    const at = plan.index + ((<usize>(start + first)) << 2);
    pending = addRows(plan, at, min(size, count - first), thread, pending);
  }
  if (any) flush(plan, thread);
  store<i32>(used, any ? 1 : 0);
}

function scanColumns(plan: TreePlan, state: TreeState, thread: i32): void {
  const counter = plan.state + offsetof<TreeState>('columnTaken');
  const scratch = plan.gathered + thread * plan.gatheredBytes;
  if (state.mode == modeRoot) sumRoot(plan);
  for (;;) {
    const c = atomic.add<i32>(counter, 1);
    if (c >= plan.columns) return;
    const column: Column = columnAt(plan, c);
    if (state.mode == modeRoot) mergeRoot(plan, column);
    else if (state.mode == modeSplit) mergeChildren(plan, state, column);
    scanLeaf(plan, state.leaf, 0, column, scratch);
    if (state.mode == modeSplit) scanLeaf(plan, state.sibling, 1, column, scratch);
  }
}

function scanLeaf(plan: TreePlan, l: i32, side: i32, column: Column, scratch: usize): void {
  const leaf: Leaf = leafAt(plan, l);
  const pool = poolAt(plan, l);
  const can = canSplit(plan, leaf);
  for (let f = column.firstFeature; f < column.endFeature; f++) {
    const out = candidateAt(plan, side, f);
    if (can) findSplit(plan, leaf, featureAt(plan, f), column, pool, out, scratch);
    else out.gain = -Infinity;
  }
}

@inline
function canSplit(plan: TreePlan, leaf: Leaf): bool {
  return leaf.depth < plan.maxDepth && leaf.count >= 2 * plan.minRows && leaf.hessian > 0;
}

@inline
function poolAt(plan: TreePlan, leaf: i32): usize {
  return plan.pool + ((<usize>leaf * <usize>plan.totalBins) << 4);
}

/** All threads write the same sums of the whole, from the first column. */
function sumRoot(plan: TreePlan): void {
  const bins = columnAt(plan, 0).bins;
  let gradient: f64 = 0;
  let hessian: f64 = 0;
  for (let thread: i32 = 0; thread < plan.threads; thread++) {
    if (!load<i32>(plan.state + stateUsed + ((<usize>thread) << 2))) continue;
    let from = plan.sums + thread * plan.sumsBytes;
    for (let bin: i32 = 0; bin < bins; bin++, from += 16) {
      gradient += load<f64>(from);
      hessian += load<f64>(from, 8);
    }
  }
  const leaf: Leaf = leafAt(plan, 0);
  leaf.gradient = gradient;
  leaf.hessian = hessian;
}

/** The sum over the threads of one bin. */
@inline
function sumOf(plan: TreePlan, at: usize): v128 {
  let sum = f64x2.splat(0);
  for (let thread: i32 = 0; thread < plan.threads; thread++) {
    if (!load<i32>(plan.state + stateUsed + ((<usize>thread) << 2))) continue;
    sum = f64x2.add(sum, v128.load(plan.sums + thread * plan.sumsBytes + at));
  }
  return sum;
}

function mergeRoot(plan: TreePlan, column: Column): void {
  const end = (<usize>(column.start + column.bins)) << 4;
  for (let at = (<usize>column.start) << 4; at < end; at += 16) {
    v128.store(plan.pool + at, sumOf(plan, at));
  }
}

/** The smaller child has the threads' sums, the larger what is left of the parent. */
function mergeChildren(plan: TreePlan, state: TreeState, column: Column): void {
  const small = smallOf(plan, state);
  const parent = poolAt(plan, state.leaf);
  const smallPool = poolAt(plan, small);
  const largePool = poolAt(plan, small == state.leaf ? state.sibling : state.leaf);
  const end = (<usize>(column.start + column.bins)) << 4;
  for (let at = (<usize>column.start) << 4; at < end; at += 16) {
    const sum = sumOf(plan, at);
    const rest = f64x2.sub(v128.load(parent + at), sum);
    v128.store(smallPool + at, sum);
    v128.store(largePool + at, rest);
  }
}

/** Takes in what the scan found, and chooses the next leaf. */
function decide(plan: TreePlan, state: TreeState, control: usize): void {
  if (state.scans) {
    takeBest(plan, state.leaf, 0);
    if (state.mode == modeSplit) takeBest(plan, state.sibling, 1);
  }
  const best = bestLeaf(plan, state);
  if (best < 0 || state.leaves >= plan.maxLeaves || atomic.load<i32>(control, 4) != 0) {
    state.done = 1;
    return;
  }
  const leaf: Leaf = leafAt(plan, best);
  state.leaf = best;
  state.start = leaf.start;
  state.count = leaf.count;
  state.partitionTaken = 0;
  state.moveTaken = 0;
  state.histogramTaken = 0;
  state.columnTaken = 0;
  fillTable(leaf, featureAt(plan, leaf.feature), plan.state + stateTable);
}

function bestLeaf(plan: TreePlan, state: TreeState): i32 {
  let best: i32 = -1;
  let gain: f64 = 0;
  for (let l: i32 = 0; l < state.leaves; l++) {
    const found = leafAt(plan, l).gain;
    if (found > gain) {
      gain = found;
      best = l;
    }
  }
  return best;
}

/** The best candidate of all features, the first of equals; gain is over not splitting. */
function takeBest(plan: TreePlan, l: i32, side: i32): void {
  const leaf: Leaf = leafAt(plan, l);
  const own = valueOf(leaf.gradient, leaf.hessian, plan.l2, leaf.lower, leaf.upper);
  const floor = gainOf(leaf.gradient, leaf.hessian, plan.l2, own) + plan.minGain;
  // A relative margin, so that rounding alone never splits a leaf.
  let best = floor + 1e-10 * abs(floor);
  leaf.gain = 0;
  for (let f: i32 = 0; f < plan.features; f++) {
    const found: Candidate = candidateAt(plan, side, f);
    if (!(found.gain > best)) continue;
    best = found.gain;
    leaf.feature = f;
    leaf.gain = best - floor + plan.minGain;
    leaf.bin = found.bin;
    leaf.missingLeft = found.missingLeft;
    leaf.leftGradient = found.leftGradient;
    leaf.leftHessian = found.leftHessian;
    memory.copy(changetype<usize>(leaf) + 96, changetype<usize>(found) + 32, 32);
  }
}

/** Makes the node and its two leaves, unless the rows turned out fewer than the hessian promised. */
function split(plan: TreePlan, state: TreeState): void {
  const leftRows = countLeft(plan, state.count);
  const left: Leaf = leafAt(plan, state.leaf);
  if (leftRows < plan.minRows || state.count - leftRows < plan.minRows) {
    state.mode = modeAgain;
    state.scans = 1;
    left.caution *= 2;
    return;
  }
  state.mode = modeSplit;
  state.leftRows = leftRows;
  state.sibling = state.leaves;
  const right: Leaf = leafAt(plan, state.sibling);
  writeNode(plan, state, left);
  memory.copy(changetype<usize>(right), changetype<usize>(left), 128);
  right.start = left.start + leftRows;
  right.count = state.count - leftRows;
  right.gradient = left.gradient - left.leftGradient;
  right.hessian = left.hessian - left.leftHessian;
  left.count = leftRows;
  left.gradient = left.leftGradient;
  left.hessian = left.leftHessian;
  narrow(plan, left, right);
  settle(left, state.nodes - 1, 0);
  settle(right, state.nodes - 1, 1);
  const more = state.leaves < plan.maxLeaves;
  state.scans = more && (canSplit(plan, left) || canSplit(plan, right)) ? 1 : 0;
}

function settle(leaf: Leaf, parent: i32, isRight: i32): void {
  leaf.depth++;
  leaf.parent = parent;
  leaf.isRight = isRight;
  leaf.gain = 0;
  leaf.caution = 1;
}

function writeNode(plan: TreePlan, state: TreeState, leaf: Leaf): void {
  const node: TreeNode = nodeAt(plan, state.nodes);
  node.feature = leaf.feature;
  node.bin = leaf.bin;
  node.missingLeft = leaf.missingLeft;
  node.left = ~state.leaf;
  node.right = ~state.sibling;
  node.count = leaf.count;
  node.gain = leaf.gain;
  node.gradient = leaf.gradient;
  node.hessian = leaf.hessian;
  // The node keeps the table of the column's bins as bits, for walking.
  memory.fill(changetype<usize>(node) + 48, 0, 32);
  for (let bin: i32 = 0; bin < 256; bin++) {
    if (load<u8>(plan.state + stateTable + bin)) setBit(changetype<usize>(node) + 48, bin);
  }
  if (leaf.parent >= 0) {
    const above: TreeNode = nodeAt(plan, leaf.parent);
    if (leaf.isRight) above.right = state.nodes;
    else above.left = state.nodes;
  }
  state.nodes++;
  state.leaves++;
}

/** A monotone split parts the range that values below it may take at the middle of its two values. */
function narrow(plan: TreePlan, left: Leaf, right: Leaf): void {
  const monotone = featureAt(plan, left.feature).monotone;
  if (monotone == 0) return;
  const a = valueOf(left.gradient, left.hessian, plan.l2, left.lower, left.upper);
  const b = valueOf(right.gradient, right.hessian, plan.l2, left.lower, left.upper);
  const middle = (a + b) / 2;
  if (monotone > 0) {
    left.upper = middle;
    right.lower = middle;
  } else {
    left.lower = middle;
    right.upper = middle;
  }
}

/** Writes the leaf of each row; rows that the tree did not grow on walk it. */
function finish(plan: TreePlan, state: TreeState): void {
  const counter = plan.state + offsetof<TreeState>('finishTaken');
  const chunks = (plan.restRows + 1023) / 1024;
  for (;;) {
    const unit = atomic.add<i32>(counter, 1);
    if (unit >= state.leaves + chunks) return;
    if (unit < state.leaves) {
      const leaf: Leaf = leafAt(plan, unit);
      let at = plan.index + ((<usize>leaf.start) << 2);
      for (const end = at + ((<usize>leaf.count) << 2); at < end; at += 4) {
        store<u16>(plan.leafOf + ((<usize>load<u32>(at)) << 1), <u16>unit);
      }
    } else {
      const first = (unit - state.leaves) << 10;
      walkRest(plan, state, first, min(first + 1024, plan.restRows));
    }
  }
}

function walkRest(plan: TreePlan, state: TreeState, first: i32, last: i32): void {
  for (let i = first; i < last; i++) {
    const row = load<u32>(plan.rest + ((<usize>i) << 2));
    const bins = plan.binRows + <usize>row * <usize>plan.stride;
    let at: i32 = state.nodes > 0 ? 0 : ~0;
    while (at >= 0) {
      const node: TreeNode = nodeAt(plan, at);
      const column = featureAt(plan, node.feature).column;
      const table = changetype<usize>(node) + 48;
      at = isSet(table, load<u8>(bins + column)) ? node.left : node.right;
    }
    store<u16>(plan.leafOf + ((<usize>row) << 1), <u16>~at);
  }
}

@inline
function isSet(table: usize, bin: u8): bool {
  return ((load<u8>(table + (bin >> 3)) >> (bin & 7)) & 1) != 0;
}
