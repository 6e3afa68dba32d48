import { bitOf, Candidate, Column, Feature, Leaf, setBit, TreePlan } from './tree-plan';

/** At most so many categories are tried one against the rest; more are sorted by their gradient. */
const oneAgainstRest: i32 = 4;
/** A group of categories smaller than this says nothing, when sorted by gradient. */
const groupRows: f64 = 100;

/** The best split of the leaf by the feature, from the column's histogram. */
export function findSplit(
  plan: TreePlan,
  leaf: Leaf,
  feature: Feature,
  column: Column,
  histogram: usize,
  out: Candidate,
  scratch: usize,
): void {
  // Not 0: what bounds allow may gain less than nothing and still more than the leaf as it is.
  out.gain = -Infinity;
  if (!feature.enabled) return;
  let bins = histogram + ((<usize>column.start) << 4);
  if (feature.hidden >= 0) {
    unbundle(leaf, feature, bins, scratch);
    bins = scratch;
  }
  if (feature.categorical) {
    findCategories(plan, leaf, feature, bins, out, scratch + 4352);
    return;
  }
  const missing = feature.missing >= 0 ? bins + ((<usize>feature.missing) << 4) : 0;
  const any = missing != 0 && load<f64>(missing, 8) > 0;
  const bounded = feature.monotone != 0 || leaf.lower > -Infinity || leaf.upper < Infinity;
  if (bounded) {
    scanBounded(plan, leaf, feature, bins, any ? missing : 0, false, out);
    if (any) scanBounded(plan, leaf, feature, bins, missing, true, out);
  } else {
    scan(plan, leaf, feature, bins, any ? missing : 0, false, out);
    if (any) scan(plan, leaf, feature, bins, missing, true, out);
  }
  // Without a missing value to learn from, one goes where most rows go.
  if (!any && out.gain > -Infinity) out.missingLeft = out.leftHessian * 2 >= leaf.hessian ? 1 : 0;
}

/** A feature's own bins, from those it has in a shared column: what it hides is the rest of the leaf. */
function unbundle(leaf: Leaf, feature: Feature, bins: usize, out: usize): void {
  let rest = f64x2.replace_lane(f64x2.splat(leaf.gradient), 1, leaf.hessian);
  let from = bins + ((<usize>feature.offset) << 4);
  const count = feature.missing >= 0 ? feature.bins + 1 : feature.bins;
  for (let bin: i32 = 0; bin < count; bin++) {
    if (bin == feature.hidden) continue;
    const entry = v128.load(from);
    v128.store(out + ((<usize>bin) << 4), entry);
    rest = f64x2.sub(rest, entry);
    from += 16;
  }
  v128.store(out + ((<usize>feature.hidden) << 4), rest);
}

/** The hessian that each child must have: its own least, and that of the least rows at the leaf's mean. */
@inline
function leastHessian(plan: TreePlan, leaf: Leaf): f64 {
  const rows = ((<f64>plan.minRows) - 0.5) * leaf.caution * (leaf.hessian / <f64>leaf.count);
  return max(max(plan.minHessian, rows), 0.5);
}

function scan(
  plan: TreePlan,
  leaf: Leaf,
  feature: Feature,
  bins: usize,
  missing: usize,
  missingLeft: bool,
  out: Candidate,
): void {
  const least = leastHessian(plan, leaf);
  const l2 = f64x2.splat(plan.l2);
  const total = f64x2.replace_lane(f64x2.splat(leaf.gradient), 1, leaf.hessian);
  let left = missingLeft ? v128.load(missing) : f64x2.splat(0);
  // With missing values on the right, all the others may go left.
  const end = missing != 0 && !missingLeft ? feature.bins : feature.bins - 1;
  let best = out.gain;
  let bestBin: i32 = -1;
  let bestLeft = left;
  for (let bin: i32 = 0; bin < end; bin++, bins += 16) {
    left = f64x2.add(left, v128.load(bins));
    if (f64x2.extract_lane(left, 1) < least) continue;
    const right = f64x2.sub(total, left);
    if (f64x2.extract_lane(right, 1) < least) break;
    const g = v128.shuffle<f64>(left, right, 0, 2);
    const h = f64x2.add(v128.shuffle<f64>(left, right, 1, 3), l2);
    const both = f64x2.div(f64x2.mul(g, g), h);
    const gain = f64x2.extract_lane(both, 0) + f64x2.extract_lane(both, 1);
    if (gain > best) {
      best = gain;
      bestBin = bin;
      bestLeft = left;
    }
  }
  if (bestBin < 0) return;
  out.gain = best;
  out.bin = bestBin;
  out.missingLeft = missingLeft ? 1 : 0;
  out.leftGradient = f64x2.extract_lane(bestLeft, 0);
  out.leftHessian = f64x2.extract_lane(bestLeft, 1);
}

@inline
export function valueOf(gradient: f64, hessian: f64, l2: f64, lower: f64, upper: f64): f64 {
  return max(lower, min(upper, -gradient / (hessian + l2)));
}

/** What a value within bounds gains; without bounds g^2 / (h + l2). */
@inline
export function gainOf(gradient: f64, hessian: f64, l2: f64, value: f64): f64 {
  return -value * (2 * gradient + (hessian + l2) * value);
}

function scanBounded(
  plan: TreePlan,
  leaf: Leaf,
  feature: Feature,
  bins: usize,
  missing: usize,
  missingLeft: bool,
  out: Candidate,
): void {
  const least = leastHessian(plan, leaf);
  const direction = <f64>feature.monotone;
  let g: f64 = missingLeft ? load<f64>(missing) : 0;
  let h: f64 = missingLeft ? load<f64>(missing, 8) : 0;
  const end = missing != 0 && !missingLeft ? feature.bins : feature.bins - 1;
  for (let bin: i32 = 0; bin < end; bin++, bins += 16) {
    g += load<f64>(bins);
    h += load<f64>(bins, 8);
    const rightG = leaf.gradient - g;
    const rightH = leaf.hessian - h;
    if (h < least) continue;
    if (rightH < least) break;
    const left = valueOf(g, h, plan.l2, leaf.lower, leaf.upper);
    const right = valueOf(rightG, rightH, plan.l2, leaf.lower, leaf.upper);
    if ((right - left) * direction < 0) continue;
    const gain = gainOf(g, h, plan.l2, left) + gainOf(rightG, rightH, plan.l2, right);
    if (gain > out.gain) {
      out.gain = gain;
      out.bin = bin;
      out.missingLeft = missingLeft ? 1 : 0;
      out.leftGradient = g;
      out.leftHessian = h;
    }
  }
}

/**
 * Subsets of categories: one against the rest when they are few, else the best run of those sorted by
 * gradient over hessian (Fisher 1958, as LightGBM does it), from either end.
 */
function findCategories(
  plan: TreePlan,
  leaf: Leaf,
  feature: Feature,
  bins: usize,
  out: Candidate,
  scratch: usize,
): void {
  const count = feature.missing >= 0 ? feature.bins + 1 : feature.bins;
  if (count <= oneAgainstRest) {
    for (let bin: i32 = 0; bin < count; bin++) {
      const entry = bins + ((<usize>bin) << 4);
      if (improves(plan, leaf, load<f64>(entry), load<f64>(entry, 8), plan.l2, out)) {
        clearBits(out);
        setBit(bitsOf(out), bin);
      }
    }
    return;
  }
  const keys = scratch;
  const order = scratch + 2056;
  const used = sortCategories(plan, leaf, bins, count, keys, order);
  scanCategories(plan, leaf, bins, order, used, 0, 1, out);
  scanCategories(plan, leaf, bins, order, used, used - 1, -1, out);
}

@inline
function bitsOf(out: Candidate): usize {
  return changetype<usize>(out) + 32;
}

@inline
function clearBits(out: Candidate): void {
  out.left0 = 0;
  out.left1 = 0;
  out.left2 = 0;
  out.left3 = 0;
}

/** Takes the split when it is allowed and better. */
function improves(
  plan: TreePlan,
  leaf: Leaf,
  g: f64,
  h: f64,
  l2: f64,
  out: Candidate,
): bool {
  const least = leastHessian(plan, leaf);
  const rightG = leaf.gradient - g;
  const rightH = leaf.hessian - h;
  if (h < least || rightH < least) return false;
  const left = valueOf(g, h, l2, leaf.lower, leaf.upper);
  const right = valueOf(rightG, rightH, l2, leaf.lower, leaf.upper);
  const gain = gainOf(g, h, l2, left) + gainOf(rightG, rightH, l2, right);
  if (!(gain > out.gain)) return false;
  out.gain = gain;
  out.bin = 0;
  out.missingLeft = 0;
  out.leftGradient = g;
  out.leftHessian = h;
  return true;
}

/** Categories with enough rows, by the mean gradient that the smoothing pulls to nought. */
function sortCategories(
  plan: TreePlan,
  leaf: Leaf,
  bins: usize,
  count: i32,
  keys: usize,
  order: usize,
): i32 {
  const least = plan.categoricalRows * (leaf.hessian / <f64>leaf.count);
  const smooth = plan.categoricalSmooth;
  let used: i32 = 0;
  for (let bin: i32 = 0; bin < count; bin++) {
    const entry = bins + ((<usize>bin) << 4);
    const h = load<f64>(entry, 8);
    if (h < least || h <= 0) continue;
    const key = load<f64>(entry) / (h + smooth);
    let at = used;
    for (; at > 0 && load<f64>(keys + ((<usize>(at - 1)) << 3)) > key; at--) {
      store<f64>(keys + ((<usize>at) << 3), load<f64>(keys + ((<usize>(at - 1)) << 3)));
      store<i32>(order + ((<usize>at) << 2), load<i32>(order + ((<usize>(at - 1)) << 2)));
    }
    store<f64>(keys + ((<usize>at) << 3), key);
    store<i32>(order + ((<usize>at) << 2), bin);
    used++;
  }
  return used;
}

function scanCategories(
  plan: TreePlan,
  leaf: Leaf,
  bins: usize,
  order: usize,
  used: i32,
  first: i32,
  step: i32,
  out: Candidate,
): void {
  const most = min(plan.maxCategories, (used + 1) >> 1);
  const l2 = plan.l2 + plan.categoricalL2;
  const group = groupRows * (leaf.hessian / <f64>leaf.count);
  let g: f64 = 0;
  let h: f64 = 0;
  let since: f64 = 0;
  let best: i32 = -1;
  for (let taken: i32 = 0, at = first; taken < most; taken++, at += step) {
    const entry = bins + ((<usize>load<i32>(order + ((<usize>at) << 2))) << 4);
    g += load<f64>(entry);
    h += load<f64>(entry, 8);
    since += load<f64>(entry, 8);
    if (leaf.hessian - h < group) break;
    if (since < group) continue;
    since = 0;
    if (improves(plan, leaf, g, h, l2, out)) best = taken;
  }
  if (best < 0) return;
  clearBits(out);
  for (let taken: i32 = 0, at = first; taken <= best; taken++, at += step) {
    setBit(bitsOf(out), load<i32>(order + ((<usize>at) << 2)));
  }
}

/** Fills the table of the chosen column's bins: 1 where a row goes left. */
export function fillTable(leaf: Leaf, feature: Feature, table: usize): void {
  const bits = changetype<usize>(leaf) + 96;
  for (let at: i32 = 0; at < 256; at++) {
    const bin = logicalBin(feature, at);
    store<u8>(table + at, goesLeft(feature, bin, leaf.bin, leaf.missingLeft, bits) ? 1 : 0);
  }
}

@inline
function logicalBin(feature: Feature, at: i32): i32 {
  if (feature.hidden < 0) return at;
  const count = feature.missing >= 0 ? feature.bins + 1 : feature.bins;
  const bin = at - feature.offset;
  if (bin < 0 || bin >= count - 1) return feature.hidden;
  return bin >= feature.hidden ? bin + 1 : bin;
}

@inline
function goesLeft(feature: Feature, bin: i32, last: i32, missingLeft: i32, bits: usize): bool {
  if (feature.categorical) return bitOf(bits, bin);
  if (bin == feature.missing) return missingLeft != 0;
  return bin <= last;
}
