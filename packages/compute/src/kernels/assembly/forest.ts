import { addRows } from './forest-histogram';
import { rise, takeBest, takeLast } from './forest-open';
import { partRows } from './forest-part';
import {
  featureAt,
  ForestNode,
  ForestPlan,
  Grower,
  histogramBytes,
  nodeAt,
  outputsOf,
} from './forest-plan';
import { trySplits } from './forest-split';
import { classTerm, judgeClasses, sumNode, sumNumbers } from './forest-sums';
import { beginRandom, randomBelow, RandomState } from './philox';
import { takeChunk } from './work';

/** Grows trees, a thread one at a time: which thread grows a tree changes nothing in it. */
export function forest(thread: i32, control: usize, address: usize): void {
  const plan = changetype<ForestPlan>(address);
  if (thread >= plan.growers) return;
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
