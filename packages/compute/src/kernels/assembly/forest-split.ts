import { ForestFeature, ForestPlan, Grower } from './forest-plan';
import { randomBelow } from './philox';

/**
 * Tries the splits of a feature against the best so far, and leaves its histogram zeros. Whether there was
 * anything to split: two bins with rows.
 */
export function trySplits(
  plan: ForestPlan,
  grower: Grower,
  id: i32,
  feature: ForestFeature,
  bins: usize,
  touched: usize,
): bool {
  const bytes = (<usize>plan.slots) << 3;
  const missingBin = feature.bins;
  const missing = takeMissing(plan, grower, bins + (<usize>missingBin) * bytes, touched, missingBin);
  const least = firstBin(touched);
  if (least < 0) return false;
  const most = lastBin(touched);
  if (least == most && !missing) {
    clear(bins + (<usize>least) * bytes, bytes);
    store<u64>(touched + ((<usize>(least >> 6)) << 3), 0);
    return false;
  }
  let drawn: i32 = -1;
  if (plan.randomThresholds && least < most) {
    drawn = least + <i32>randomBelow(grower.random, <u32>(most - least));
  }
  if (missing || drawn >= 0 || plan.minRows > 1 || plan.slots != 2 || plan.criterion == 1) {
    walk(plan, grower, id, bins, touched, drawn, missing);
  } else if (plan.criterion == 0) walkTwo(grower, id, bins, touched, false);
  else walkTwo(grower, id, bins, touched, true);
  // All values on the one side, missing ones on the other.
  if (missing && (drawn < 0)) offer(plan, grower, id, missingBin - 1, 0);
  return true;
}

/** Passes the bins with rows in order, and offers what lies between two, or only what was drawn. */
function walk(
  plan: ForestPlan,
  grower: Grower,
  id: i32,
  bins: usize,
  touched: usize,
  drawn: i32,
  missing: bool,
): void {
  const bytes = (<usize>plan.slots) << 3;
  const left = grower.left;
  clear(left, bytes);
  let before: i32 = -1;
  let open = true;
  for (let word: i32 = 0; word < 4; word++) {
    let bits = load<u64>(touched + ((<usize>word) << 3));
    store<u64>(touched + ((<usize>word) << 3), 0);
    while (bits != 0) {
      const bin = (word << 6) + <i32>ctz(bits);
      bits &= bits - 1;
      if (before >= 0 && open) {
        if (drawn < 0) {
          offerBoth(plan, grower, id, (before + bin - 1) >> 1, missing);
        } else if (bin > drawn) {
          offerBoth(plan, grower, id, drawn, missing);
          open = false;
        }
      }
      const at = bins + (<usize>bin) * bytes;
      for (let k: usize = 0; k < bytes; k += 8) {
        store<f64>(left + k, load<f64>(left + k) + load<f64>(at + k));
        store<f64>(at + k, 0);
      }
      before = bin;
    }
  }
}

/** As `walk`, of two classes or of numbers, with nothing missing: what most nodes are. */
@inline
function walkTwo(grower: Grower, id: i32, bins: usize, touched: usize, squares: bool): void {
  const total = v128.load(grower.total);
  let left = f64x2.splat(0);
  let best = grower.best;
  let bestBin: i32 = -1;
  let bestWeight: f64 = 0;
  let before: i32 = -1;
  for (let word: usize = 0; word < 32; word += 8) {
    let bits = load<u64>(touched + word);
    store<u64>(touched + word, 0);
    while (bits != 0) {
      const bin = (<i32>word << 3) + <i32>ctz(bits);
      bits &= bits - 1;
      if (before >= 0) {
        // First numbers of both sides, then second ones.
        const right = f64x2.sub(total, left);
        const first = v128.shuffle<u64>(left, right, 0, 2);
        const second = v128.shuffle<u64>(left, right, 1, 3);
        const weights = squares ? first : f64x2.add(first, second);
        const seconds = f64x2.mul(second, second);
        const sums = squares ? seconds : f64x2.add(f64x2.mul(first, first), seconds);
        const terms = f64x2.div(sums, weights);
        const value = f64x2.extract_lane(terms, 0) + f64x2.extract_lane(terms, 1);
        if (value > best) {
          best = value;
          bestBin = (before + bin - 1) >> 1;
          bestWeight = f64x2.extract_lane(weights, 0);
        }
      }
      const at = bins + ((<usize>bin) << 4);
      left = f64x2.add(left, v128.load(at));
      v128.store(at, f64x2.splat(0));
      before = bin;
    }
  }
  if (bestBin < 0) return;
  grower.best = best;
  grower.bestWeight = bestWeight;
  grower.bestFeature = id;
  grower.bestBin = bestBin;
  grower.bestMissingLeft = -1;
}

@inline
function offerBoth(plan: ForestPlan, grower: Grower, id: i32, bin: i32, missing: bool): void {
  if (!missing) offer(plan, grower, id, bin, -1);
  else {
    offer(plan, grower, id, bin, 0);
    offerWithMissing(plan, grower, id, bin);
  }
}

function offerWithMissing(plan: ForestPlan, grower: Grower, id: i32, bin: i32): void {
  const bytes = (<usize>plan.slots) << 3;
  const held = grower.missing + bytes;
  for (let k: usize = 0; k < bytes; k += 8) {
    const own = load<f64>(grower.left + k);
    store<f64>(held + k, own);
    store<f64>(grower.left + k, own + load<f64>(grower.missing + k));
  }
  offer(plan, grower, id, bin, 1);
  memory.copy(grower.left, held, bytes);
}

/** Keeps the split into what `left` holds and the rest if it is better than the best so far. */
function offer(plan: ForestPlan, grower: Grower, id: i32, bin: i32, missingLeft: i32): void {
  const left = grower.left;
  const total = grower.total;
  if (plan.minRows > 1) {
    const at = (<usize>(plan.slots - 1)) << 3;
    const rows = load<f64>(left + at);
    const least = <f64>plan.minRows;
    if (rows < least || load<f64>(total + at) - rows < least) return;
  }
  let value: f64;
  let weight: f64 = 0;
  if (plan.criterion == 0) {
    let other: f64 = 0;
    let squares: f64 = 0;
    let others: f64 = 0;
    const end = (<usize>plan.classes) << 3;
    for (let k: usize = 0; k < end; k += 8) {
      const own = load<f64>(left + k);
      const rest = load<f64>(total + k) - own;
      weight += own;
      other += rest;
      squares += own * own;
      others += rest * rest;
    }
    value = squares / weight + others / other;
  } else if (plan.criterion == 1) {
    let other: f64 = 0;
    value = 0;
    const end = (<usize>plan.classes) << 3;
    for (let k: usize = 0; k < end; k += 8) {
      const own = load<f64>(left + k);
      const rest = load<f64>(total + k) - own;
      weight += own;
      other += rest;
      value += logarithmic(own) + logarithmic(rest);
    }
    value -= logarithmic(weight) + logarithmic(other);
  } else {
    weight = load<f64>(left);
    const sum = load<f64>(left, 8);
    const rest = load<f64>(total, 8) - sum;
    value = (sum * sum) / weight + (rest * rest) / (load<f64>(total) - weight);
  }
  if (!(value > grower.best)) return;
  grower.best = value;
  grower.bestWeight = weight;
  grower.bestFeature = id;
  grower.bestBin = bin;
  grower.bestMissingLeft = missingLeft;
}

/** x log2 x, 0 at 0. */
export function logarithmic(x: f64): f64 {
  return x > 0 ? x * Math.log(x) * 1.4426950408889634 : 0;
}

/** Takes the bin of missing values out of the histogram; whether it held any. */
function takeMissing(
  plan: ForestPlan,
  grower: Grower,
  at: usize,
  touched: usize,
  bin: i32,
): bool {
  const word = touched + ((<usize>(bin >> 6)) << 3);
  const bit = <u64>1 << <u64>(bin & 63);
  if ((load<u64>(word) & bit) == 0) return false;
  store<u64>(word, load<u64>(word) ^ bit);
  const bytes = (<usize>plan.slots) << 3;
  memory.copy(grower.missing, at, bytes);
  clear(at, bytes);
  return true;
}

@inline
function clear(at: usize, bytes: usize): void {
  for (let k: usize = 0; k < bytes; k += 8) store<f64>(at + k, 0);
}

function firstBin(touched: usize): i32 {
  for (let word: i32 = 0; word < 4; word++) {
    const bits = load<u64>(touched + ((<usize>word) << 3));
    if (bits != 0) return (word << 6) + <i32>ctz(bits);
  }
  return -1;
}

function lastBin(touched: usize): i32 {
  for (let word: i32 = 3; word >= 0; word--) {
    const bits = load<u64>(touched + ((<usize>word) << 3));
    if (bits != 0) return (word << 6) + 63 - <i32>clz(bits);
  }
  return -1;
}
