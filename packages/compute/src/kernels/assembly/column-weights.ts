import { takeChunk } from './work';

/** Items that a thread takes at once: their cost differs much. */
const chunkItems: i32 = 8;

/**
 * For each item (a target) weights of other items that predict it, by coordinate descent on the normal
 * equations: w minimises w' G w / 2 - g' w + l1 |w| + w' P w / 2, where G holds sums of pairs of the
 * target's candidates, g those of candidates with the target, and P the candidates' penalties. Candidates
 * are the `candidates` items of the largest sum over the root of their own `diagonal`, equal ones by index.
 *
 * Row i of the sums (`offsets`, `others`, `sums`) holds item i itself, too. Weights that are not zero go to
 * `outItems` and `outWeights`, `candidates` places for each item, and their number to `outCounts`. The
 * scratch of a thread, all zeros: see `columnScratchBytes`.
 */
export function columnWeights(
  thread: i32,
  control: usize,
  items: i32,
  offsets: usize,
  others: usize,
  sums: usize,
  diagonal: usize,
  penalties: usize,
  candidates: i32,
  l1: f64,
  nonNegative: i32,
  tolerance: f64,
  maxSweeps: i32,
  outCounts: usize,
  outItems: usize,
  outWeights: usize,
  scratch: usize,
  scratchBytes: i32,
): void {
  const own = scratch + (<usize>thread) * (<usize>scratchBytes);
  // Places are kept one too high, so that 0, which zeroed memory holds, is no candidate's: column 0 of the
  // local rows takes what belongs to none.
  const stride = (<usize>((candidates + 4) & ~3)) << 2;
  const doubles = (<usize>((candidates + 1) & ~1)) << 3;
  const residual = own;
  const weights = residual + doubles;
  const scale = weights + doubles;
  const limit = scale + doubles;
  const keys = limit + doubles;
  const chosen = keys + doubles;
  const filled = chosen + doubles;
  const places = filled + doubles;
  const rows = places + ((<usize>((items + 3) & ~3)) << 2);
  for (;;) {
    const first = takeChunk(control, chunkItems, items);
    if (first < 0) return;
    const last = min(first + chunkItems, items);
    for (let item = first; item < last; item++) {
      const begin = load<i32>(offsets + ((<usize>item) << 2));
      const end = load<i32>(offsets + ((<usize>item) << 2), 4);
      const count = choose(item, begin, end, others, sums, diagonal, candidates, keys, chosen);
      for (let p: i32 = 0; p < count; p++) {
        const other = <usize>load<i32>(chosen + ((<usize>p) << 2));
        const at = (<usize>p) << 3;
        store<i32>(places + (other << 2), p + 1);
        store<f64>(weights + at, 0);
        store<f64>(scale + at, load<f64>(diagonal + (other << 3)));
        store<f64>(limit + at, load<f64>(penalties + (other << 3)));
        store<i32>(filled + ((<usize>p) << 2), 0);
      }
      for (let at = begin; at < end; at++) {
        const place = load<i32>(places + ((<usize>load<i32>(others + ((<usize>at) << 2))) << 2));
        if (place == 0) continue;
        const sum = <f64>load<f32>(sums + ((<usize>at) << 2));
        store<f64>(residual + ((<usize>(place - 1)) << 3), sum);
      }
      const enough = tolerance * load<f64>(diagonal + ((<usize>item) << 3));
      let all = true;
      for (let sweep: i32 = 0; sweep < maxSweeps; sweep++) {
        let change: f64 = 0;
        for (let p: i32 = 0; p < count; p++) {
          const at = (<usize>p) << 3;
          const before = load<f64>(weights + at);
          if (!all && before == 0) continue;
          const diag = load<f64>(scale + at);
          const curvature = diag + load<f64>(limit + at);
          const pull = load<f64>(residual + at) + diag * before;
          let after: f64 = 0;
          if (pull > l1) after = (pull - l1) / curvature;
          else if (!nonNegative && pull < -l1) after = (pull + l1) / curvature;
          const step = after - before;
          if (step == 0) continue;
          const row = rows + (<usize>p) * stride;
          if (load<i32>(filled + ((<usize>p) << 2)) == 0) {
            store<i32>(filled + ((<usize>p) << 2), 1);
            fill(row, stride, load<i32>(chosen + ((<usize>p) << 2)), offsets, others, sums, places);
          }
          subtractScaled(residual, row + 4, step, count);
          store<f64>(weights + at, after);
          change = max(change, abs(step) * curvature);
        }
        if (change <= enough) {
          if (all) break;
          all = true;
        } else all = false;
      }
      const out = (<usize>item) * (<usize>candidates) * 4;
      const kept = give(count, weights, chosen, outItems + out, outWeights + out);
      store<i32>(outCounts + ((<usize>item) << 2), kept);
      for (let p: i32 = 0; p < count; p++) {
        store<i32>(places + ((<usize>load<i32>(chosen + ((<usize>p) << 2))) << 2), 0);
      }
    }
  }
}

/** Puts the candidates of a row in `chosen`, best first, and gives their number. */
function choose(
  item: i32,
  begin: i32,
  end: i32,
  others: usize,
  sums: usize,
  diagonal: usize,
  candidates: i32,
  keys: usize,
  chosen: usize,
): i32 {
  // A heap whose root is the worst of the best.
  let count: i32 = 0;
  for (let at = begin; at < end; at++) {
    const other = load<i32>(others + ((<usize>at) << 2));
    if (other == item) continue;
    const sum = <f64>load<f32>(sums + ((<usize>at) << 2));
    const key = sum / sqrt(load<f64>(diagonal + ((<usize>other) << 3)));
    if (count < candidates) rise(keys, chosen, count++, key, other);
    else if (worse(load<f64>(keys), load<i32>(chosen), key, other)) {
      sink(keys, chosen, count, key, other);
    }
  }
  for (let left = count - 1; left > 0; left--) {
    const key = load<f64>(keys);
    const other = load<i32>(chosen);
    const lastKey = load<f64>(keys + ((<usize>left) << 3));
    const lastOther = load<i32>(chosen + ((<usize>left) << 2));
    sink(keys, chosen, left, lastKey, lastOther);
    store<f64>(keys + ((<usize>left) << 3), key);
    store<i32>(chosen + ((<usize>left) << 2), other);
  }
  return count;
}

// @ts-ignore: decorator
@inline
function worse(key: f64, item: i32, otherKey: f64, otherItem: i32): bool {
  return key < otherKey || (key == otherKey && item > otherItem);
}

function rise(keys: usize, chosen: usize, at: i32, key: f64, item: i32): void {
  while (at > 0) {
    const parent = (at - 1) >> 1;
    const parentKey = load<f64>(keys + ((<usize>parent) << 3));
    const parentItem = load<i32>(chosen + ((<usize>parent) << 2));
    if (!worse(key, item, parentKey, parentItem)) break;
    store<f64>(keys + ((<usize>at) << 3), parentKey);
    store<i32>(chosen + ((<usize>at) << 2), parentItem);
    at = parent;
  }
  store<f64>(keys + ((<usize>at) << 3), key);
  store<i32>(chosen + ((<usize>at) << 2), item);
}

/** Puts an entry in the root's place and restores the heap of `count`. */
function sink(keys: usize, chosen: usize, count: i32, key: f64, item: i32): void {
  let at: i32 = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= count) break;
    let childKey = load<f64>(keys + ((<usize>child) << 3));
    let childItem = load<i32>(chosen + ((<usize>child) << 2));
    if (child + 1 < count) {
      const nextKey = load<f64>(keys + ((<usize>child) << 3), 8);
      const nextItem = load<i32>(chosen + ((<usize>child) << 2), 4);
      if (worse(nextKey, nextItem, childKey, childItem)) {
        child++;
        childKey = nextKey;
        childItem = nextItem;
      }
    }
    if (!worse(childKey, childItem, key, item)) break;
    store<f64>(keys + ((<usize>at) << 3), childKey);
    store<i32>(chosen + ((<usize>at) << 2), childItem);
    at = child;
  }
  store<f64>(keys + ((<usize>at) << 3), key);
  store<i32>(chosen + ((<usize>at) << 2), item);
}

/** A candidate's row of sums at the places of all candidates. */
function fill(
  row: usize,
  bytes: usize,
  item: i32,
  offsets: usize,
  others: usize,
  sums: usize,
  places: usize,
): void {
  memory.fill(row, 0, bytes);
  const place = offsets + ((<usize>item) << 2);
  const end = (<usize>load<i32>(place, 4)) << 2;
  for (let at = (<usize>load<i32>(place)) << 2; at < end; at += 4) {
    const to = <usize>load<i32>(places + ((<usize>load<i32>(others + at)) << 2));
    store<f32>(row + (to << 2), load<f32>(sums + at));
  }
}

/** y -= factor x for doubles y and floats x. */
function subtractScaled(y: usize, x: usize, factor: f64, length: i32): void {
  const by = f64x2.splat(factor);
  let at: i32 = 0;
  for (; at + 2 <= length; at += 2, y += 16, x += 8) {
    const value = f64x2.promote_low_f32x4(v128.load64_zero(x));
    v128.store(y, f64x2.sub(v128.load(y), f64x2.mul(by, value)));
  }
  if (at < length) store<f64>(y, load<f64>(y) - factor * <f64>load<f32>(x));
}

function give(count: i32, weights: usize, chosen: usize, outItems: usize, outWeights: usize): i32 {
  let kept: i32 = 0;
  for (let p: i32 = 0; p < count; p++) {
    const weight = <f32>load<f64>(weights + ((<usize>p) << 3));
    if (weight == 0) continue;
    store<i32>(outItems + ((<usize>kept) << 2), load<i32>(chosen + ((<usize>p) << 2)));
    store<f32>(outWeights + ((<usize>kept) << 2), weight);
    kept++;
  }
  return kept;
}
