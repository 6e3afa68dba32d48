import { addRows } from './forest-histogram';
import {
  featureAt,
  ForestNode,
  ForestPlan,
  Grower,
  histogramBytes,
  nodeAt,
  outputsOf,
} from './forest-plan';
import { logarithmic, trySplits } from './forest-split';
import { beginRandom, randomBelow, RandomState } from './philox';
import { takeChunk } from './work';

/** Grows trees, a thread one at a time: which thread grows a tree changes nothing in it. */
export function forest(thread: i32, control: usize, address: usize): void {
  const plan = changetype<ForestPlan>(address);
  const grower = placeGrower(plan, plan.scratch + (<usize>thread) * (<usize>plan.scratchBytes));
  for (;;) {
    const tree = takeChunk(control, 1, plan.trees);
    if (tree < 0) return;
    growTree(plan, grower, tree, control);
  }
}

function placeGrower(plan: ForestPlan, scratch: usize): Grower {
  const grower = changetype<Grower>(scratch);
  // The rows come behind the 256 bytes of the grower and its random numbers.
  grower.random = changetype<RandomState>(scratch + 192);
  grower.entries = scratch + 256;
  grower.spare = scratch + <usize>plan.spareAt;
  grower.order = scratch + <usize>plan.orderAt;
  grower.bins = scratch + <usize>plan.binsAt;
  grower.touched = scratch + <usize>plan.touchedAt;
  const bytes = (<usize>plan.slots) << 3;
  grower.total = scratch + <usize>plan.sumsAt;
  grower.left = grower.total + bytes;
  grower.missing = grower.left + bytes;
  grower.open = scratch + <usize>plan.openAt;
  grower.draws = scratch + <usize>plan.drawsAt;
  return grower;
}

function growTree(plan: ForestPlan, grower: Grower, tree: i32, control: usize): void {
  const out = plan.out + (<usize>tree) * (<usize>plan.outBytes);
  grower.nodes = out + 64;
  grower.values = out + <usize>plan.valuesAt;
  const key = plan.keys + ((<usize>tree) << 3);
  beginRandom(grower.random, load<u32>(key), load<u32>(key, 4));
  for (let k: i32 = 0; k < plan.featureCount; k++) {
    store<i32>(grower.order + ((<usize>k) << 2), k);
  }
  grower.nodeCount = 1;
  grower.openCount = 0;
  grower.leafCount = 1;
  placeNode(nodeAt(grower, 0), 0, fillEntries(plan, grower, tree), 0);
  sumNode(plan, grower, 0);
  grower.totalWeight = nodeAt(grower, 0).weight;
  consider(plan, grower, 0);
  while (grower.openCount > 0 && (plan.leaves == 0 || grower.leafCount < plan.leaves)) {
    if (atomic.load<i32>(control, 4) != 0) return;
    part(plan, grower, plan.leaves == 0 ? takeLast(grower) : takeBest(grower));
  }
  finish(plan, grower);
  store<i32>(out, grower.nodeCount);
}

/** The rows of a tree: all, or as many draws with repeats; a row that was drawn twice weighs twice. */
function fillEntries(plan: ForestPlan, grower: Grower, tree: i32): i32 {
  const count = plan.usedCount;
  const draws = grower.draws;
  if (plan.bootstrap) {
    memory.fill(draws, 0, (<usize>count) << 2);
    for (let k: i32 = 0; k < count; k++) {
      const at = draws + ((<usize>randomBelow(grower.random, <u32>count)) << 2);
      store<i32>(at, load<i32>(at) + 1);
    }
  }
  const bag = plan.bags == 0 ? 0 : plan.bags + (<usize>tree) * (<usize>plan.bagBytes);
  if (bag != 0) memory.fill(bag, 0, <usize>plan.bagBytes);
  let entry = grower.entries;
  for (let k: i32 = 0; k < count; k++) {
    const times = plan.bootstrap ? load<i32>(draws + ((<usize>k) << 2)) : 1;
    if (times == 0) continue;
    const row = <usize>load<i32>(plan.used + ((<usize>k) << 2));
    if (bag != 0) {
      const byte = bag + ((<usize>k) >> 3);
      store<u8>(byte, load<u8>(byte) | <u8>((<u32>1) << (<u32>(k & 7))));
    }
    const weight = <f64>times * load<f64>(plan.weights + (row << 3));
    store<i32>(entry, <i32>row);
    store<f64>(entry, weight, 8);
    if (plan.classes > 0) store<i32>(entry, load<i32>(plan.labels + (row << 2)) << 3, 4);
    else {
      store<f32>(entry, <f32>load<f64>(plan.targets + (row << 3)), 4);
      store<f64>(entry, <f64>times * load<f64>(plan.products + (row << 3)), 16);
    }
    entry += <usize>plan.entryBytes;
  }
  return <i32>((entry - grower.entries) / <usize>plan.entryBytes);
}

function placeNode(node: ForestNode, start: i32, count: i32, depth: i32): void {
  node.feature = -1;
  node.bin = 0;
  node.missingLeft = 0;
  node.left = -1;
  node.start = start;
  node.count = count;
  node.depth = depth;
  node.gain = 0;
}

/** Adds up the node's rows. */
function sumNode(plan: ForestPlan, grower: Grower, id: i32): void {
  if (plan.classes == 0) {
    sumNumbers(grower, id);
    return;
  }
  const node = nodeAt(grower, id);
  const values = grower.values + (<usize>id) * ((<usize>plan.classes) << 3);
  memory.fill(values, 0, (<usize>plan.classes) << 3);
  let entry = grower.entries + ((<usize>node.start) << 4);
  const end = entry + ((<usize>node.count) << 4);
  for (; entry < end; entry += 16) {
    const at = values + <usize>load<u32>(entry, 4);
    store<f64>(at, load<f64>(at) + load<f64>(entry, 8));
  }
  judgeClasses(plan, grower, id);
}

/** Weight, impurity and purity by the sums of the classes. */
function judgeClasses(plan: ForestPlan, grower: Grower, id: i32): void {
  const node = nodeAt(grower, id);
  const values = grower.values + (<usize>id) * ((<usize>plan.classes) << 3);
  const end = (<usize>plan.classes) << 3;
  let weight: f64 = 0;
  let held: i32 = 0;
  for (let k: usize = 0; k < end; k += 8) {
    const sum = load<f64>(values + k);
    weight += sum;
    held += sum > 0 ? 1 : 0;
  }
  node.weight = weight;
  node.pure = held < 2 ? 1 : 0;
  const term = classTerm(plan, values, weight);
  node.impurity = max(0, plan.criterion == 0 ? 1 - term / weight : -term / weight);
}

/** What the criterion makes larger: the sum of squares over the weight, or weight x less entropy. */
function classTerm(plan: ForestPlan, values: usize, weight: f64): f64 {
  let sum: f64 = 0;
  const end = (<usize>plan.classes) << 3;
  for (let k: usize = 0; k < end; k += 8) {
    const own = load<f64>(values + k);
    sum += plan.criterion == 0 ? own * own : logarithmic(own);
  }
  return plan.criterion == 0 ? sum / weight : sum - logarithmic(weight);
}

function sumNumbers(grower: Grower, id: i32): void {
  const node = nodeAt(grower, id);
  let entry = grower.entries + (<usize>node.start) * 24;
  const end = entry + (<usize>node.count) * 24;
  let weight: f64 = 0;
  let sum: f64 = 0;
  let squares: f64 = 0;
  // Numbers that are one float are as good as equal: nothing is left to split.
  let least: f32 = Infinity;
  let most: f32 = -Infinity;
  for (; entry < end; entry += 24) {
    const own = load<f64>(entry, 8);
    const product = load<f64>(entry, 16);
    const value = load<f32>(entry, 4);
    weight += own;
    sum += product;
    squares += (product * product) / own;
    least = min(least, value);
    most = max(most, value);
  }
  node.weight = weight;
  store<f64>(grower.values + ((<usize>id) << 3), sum);
  node.pure = least == most ? 1 : 0;
  const mean = sum / weight;
  node.impurity = node.pure ? 0 : max(0, squares / weight - mean * mean);
}

/** Looks for the node's split, and opens it when it has one that is worth it. */
function consider(plan: ForestPlan, grower: Grower, id: i32): void {
  const node = nodeAt(grower, id);
  if (node.pure || node.depth >= plan.depth || node.count < 2 * plan.minRows) return;
  placeTotal(plan, grower, id);
  grower.best = -Infinity;
  grower.bestFeature = -1;
  findSplit(plan, grower, node);
  if (grower.bestFeature < 0) return;
  const values = grower.values + (<usize>id) * ((<usize>outputsOf(plan)) << 3);
  let term: f64;
  if (plan.classes > 0) term = classTerm(plan, values, node.weight);
  else term = (load<f64>(values) * load<f64>(values)) / node.weight;
  const gain = max(0, grower.best - term);
  if (gain / grower.totalWeight + 2.220446049250313e-16 < plan.minDecrease) return;
  node.gain = gain;
  node.feature = grower.bestFeature;
  node.bin = grower.bestBin;
  node.missingLeft = grower.bestMissingLeft;
  // Without a missing value to learn from, one goes where more weight goes.
  if (node.missingLeft < 0) node.missingLeft = grower.bestWeight * 2 > node.weight ? 1 : 0;
  store<i32>(grower.open + ((<usize>grower.openCount) << 2), id);
  grower.openCount++;
  if (plan.leaves != 0) rise(grower, grower.openCount - 1);
}

function placeTotal(plan: ForestPlan, grower: Grower, id: i32): void {
  const node = nodeAt(grower, id);
  const total = grower.total;
  if (plan.classes > 0) {
    const bytes = (<usize>plan.classes) << 3;
    memory.copy(total, grower.values + (<usize>id) * bytes, bytes);
  } else {
    store<f64>(total, node.weight);
    store<f64>(total, load<f64>(grower.values + ((<usize>id) << 3)), 8);
  }
  if (plan.minRows > 1) store<f64>(total + ((<usize>(plan.slots - 1)) << 3), <f64>node.count);
}

/** Looks at as many features as a split may, and on while all were the same in every row. */
function findSplit(plan: ForestPlan, grower: Grower, node: ForestNode): void {
  const featureCount = plan.featureCount;
  const perSplit = plan.perSplit;
  drawFeatures(plan, grower, 0, perSplit);
  addRows(plan, grower, node, 0, perSplit);
  let varies = false;
  for (let k: i32 = 0; k < perSplit; k++) {
    const id = load<i32>(grower.order + ((<usize>k) << 2));
    const bins = grower.bins + (<usize>k) * histogramBytes(plan);
    const touched = grower.touched + ((<usize>k) << 5);
    if (trySplits(plan, grower, id, featureAt(plan, id), bins, touched)) varies = true;
  }
  for (let k = perSplit; k < featureCount && !varies; k++) {
    drawFeatures(plan, grower, k, k + 1);
    addRows(plan, grower, node, k, 1);
    const id = load<i32>(grower.order + ((<usize>k) << 2));
    varies = trySplits(plan, grower, id, featureAt(plan, id), grower.bins, grower.touched);
  }
}

/** The next steps of a shuffle of the features; none is drawn where all are looked at. */
function drawFeatures(plan: ForestPlan, grower: Grower, from: i32, to: i32): void {
  const featureCount = plan.featureCount;
  if (plan.perSplit >= featureCount) return;
  for (let k = from; k < to; k++) {
    const other = k + <i32>randomBelow(grower.random, <u32>(featureCount - k));
    const a = grower.order + ((<usize>k) << 2);
    const b = grower.order + ((<usize>other) << 2);
    const held = load<i32>(a);
    store<i32>(a, load<i32>(b));
    store<i32>(b, held);
  }
}

/** Parts an open node's rows, in their order, and makes its two children. */
function part(plan: ForestPlan, grower: Grower, id: i32): void {
  const node = nodeAt(grower, id);
  const leftCount = partRows(plan, grower, node);
  const left = grower.nodeCount;
  grower.nodeCount += 2;
  grower.leafCount++;
  node.left = left;
  const right = node.count - leftCount;
  placeNode(nodeAt(grower, left), node.start, leftCount, node.depth + 1);
  placeNode(nodeAt(grower, left + 1), node.start + leftCount, right, node.depth + 1);
  if (plan.classes == 0) {
    sumNumbers(grower, left);
    sumNumbers(grower, left + 1);
  } else {
    // Sums are exact, so that one child is what is left of its parent.
    const small = leftCount <= right ? left : left + 1;
    sumNode(plan, grower, small);
    const large = 2 * left + 1 - small;
    const bytes = (<usize>plan.classes) << 3;
    for (let k: usize = 0; k < bytes; k += 8) {
      const whole = load<f64>(grower.values + (<usize>id) * bytes + k);
      const one = load<f64>(grower.values + (<usize>small) * bytes + k);
      store<f64>(grower.values + (<usize>large) * bytes + k, whole - one);
    }
    judgeClasses(plan, grower, large);
  }
  // The right one first: the left one is then the next that is parted.
  consider(plan, grower, left + 1);
  consider(plan, grower, left);
}

function partRows(plan: ForestPlan, grower: Grower, node: ForestNode): i32 {
  const sides = grower.bins;
  const feature = featureAt(plan, node.feature);
  for (let at: i32 = 0; at < 256; at++) {
    const bin: i32 = feature.map != 0 ? <i32>load<u8>(feature.map + <usize>at) : at;
    const goesLeft = bin == feature.bins ? node.missingLeft != 0 : bin <= node.bin;
    store<u8>(sides + <usize>at, goesLeft ? 1 : 0);
  }
  const byColumn = (<i64>node.count) * 64 > <i64>plan.rows;
  const column = byColumn
    ? plan.binColumns + (<usize>feature.column) * (<usize>plan.rows)
    : plan.binRows + <usize>feature.column;
  const step: usize = byColumn ? 1 : <usize>plan.stride;
  const bytes = <usize>plan.entryBytes;
  const first = grower.entries + (<usize>node.start) * bytes;
  const end = first + (<usize>node.count) * bytes;
  const left =
    plan.classes > 0
      ? moveEntries(first, end, column, step, sides, grower.spare, 16)
      : moveEntries(first, end, column, step, sides, grower.spare, 24);
  memory.copy(left, grower.spare, end - left);
  memory.fill(sides, 0, 256);
  return <i32>((left - first) / bytes);
}

/** Writes each row to both sides and keeps it on one: a side that cannot be foreseen costs no stall. */
@inline
function moveEntries(
  first: usize,
  end: usize,
  column: usize,
  step: usize,
  sides: usize,
  spare: usize,
  bytes: usize,
): usize {
  let left = first;
  let right = spare;
  for (let entry = first; entry < end; entry += bytes) {
    const head = v128.load(entry);
    const tail = bytes == 24 ? load<f64>(entry, 16) : 0;
    const bin = <usize>load<u8>(column + (<usize>load<u32>(entry)) * step);
    const goesLeft = <usize>load<u8>(sides + bin);
    v128.store(left, head);
    v128.store(right, head);
    if (bytes == 24) {
      store<f64>(left, tail, 16);
      store<f64>(right, tail, 16);
    }
    left += goesLeft * bytes;
    right += (1 - goesLeft) * bytes;
  }
  return left;
}

function takeLast(grower: Grower): i32 {
  grower.openCount--;
  return load<i32>(grower.open + ((<usize>grower.openCount) << 2));
}

/** The open node whose split gains most, of equals the older one, from a heap. */
function takeBest(grower: Grower): i32 {
  const best = load<i32>(grower.open);
  const last = takeLast(grower);
  if (grower.openCount == 0) return best;
  store<i32>(grower.open, last);
  let at: i32 = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= grower.openCount) break;
    if (child + 1 < grower.openCount && before(grower, child + 1, child)) child++;
    if (!before(grower, child, at)) break;
    swap(grower, at, child);
    at = child;
  }
  return best;
}

function rise(grower: Grower, from: i32): void {
  let at = from;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (!before(grower, at, parent)) return;
    swap(grower, at, parent);
    at = parent;
  }
}

function before(grower: Grower, left: i32, right: i32): bool {
  const a = load<i32>(grower.open + ((<usize>left) << 2));
  const b = load<i32>(grower.open + ((<usize>right) << 2));
  const x = nodeAt(grower, a).gain;
  const y = nodeAt(grower, b).gain;
  return x > y || (x == y && a < b);
}

function swap(grower: Grower, left: i32, right: i32): void {
  const a = grower.open + ((<usize>left) << 2);
  const b = grower.open + ((<usize>right) << 2);
  const held = load<i32>(a);
  store<i32>(a, load<i32>(b));
  store<i32>(b, held);
}

/** From sums to means. */
function finish(plan: ForestPlan, grower: Grower): void {
  const outputs = outputsOf(plan);
  let at = grower.values;
  for (let id: i32 = 0; id < grower.nodeCount; id++) {
    const weight = nodeAt(grower, id).weight;
    for (let k: i32 = 0; k < outputs; k++) {
      store<f64>(at, load<f64>(at) / weight);
      at += 8;
    }
  }
}
