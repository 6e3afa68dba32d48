import { takeChunk } from './work';

/** Units (rows, or blocks of a flat buffer) in a chunk hold about this many numbers. */
const chunkNumbers: i32 = 16384;

/**
 * One step of an optimiser. Unit u has `width` numbers, a multiple of 4: its gradient is the u-th; its
 * parameter and state are too where `rows` is 0, else those of row rows[u]. Kinds: 0 momentum, 1 Adam,
 * 2 Adagrad. `scale` multiplies the gradient first (clipping by its norm), `decay` times the parameter is
 * added to it, and of the parameter itself `kept` is kept.
 */
export function optimise(
  thread: i32,
  control: usize,
  kind: i32,
  parameters: usize,
  gradients: usize,
  first: usize,
  second: usize,
  rows: usize,
  units: i32,
  width: i32,
  rate: f32,
  correction: f32,
  beta1: f32,
  beta2: f32,
  epsilon: f32,
  decay: f32,
  kept: f32,
  scale: f32,
): void {
  const chunk = max(1, chunkNumbers / width);
  for (;;) {
    const begin = takeChunk(control, chunk, units);
    if (begin < 0) return;
    const end = min(begin + chunk, units);
    for (let unit = begin; unit < end; unit++) {
      const row = rows == 0 ? unit : load<i32>(rows + ((<usize>unit) << 2));
      const at = ((<usize>row) * (<usize>width)) << 2;
      const g = gradients + (((<usize>unit) * (<usize>width)) << 2);
      const p = parameters + at;
      const m = first + at;
      const v = second + at;
      const bytes = (<usize>width) << 2;
      if (kind == 0) momentum(p, g, m, bytes, rate, beta1, decay, scale);
      else if (kind == 2) adagrad(p, g, v, bytes, rate, epsilon, decay, scale);
      else adam(p, g, m, v, bytes, rate, correction, beta1, beta2, epsilon, decay, kept, scale);
    }
  }
}

/** p = kept p - rate m / (sqrt(v) correction + epsilon), as Kingma and Ba 2015, algorithm 1. */
function adam(
  p: usize,
  g: usize,
  m: usize,
  v: usize,
  bytes: usize,
  rate: f32,
  correction: f32,
  beta1: f32,
  beta2: f32,
  epsilon: f32,
  coupled: f32,
  kept: f32,
  scale: f32,
): void {
  const keepFirst = f32x4.splat(beta1);
  const addFirst = f32x4.splat(1 - beta1);
  const keepSecond = f32x4.splat(beta2);
  const addSecond = f32x4.splat(1 - beta2);
  for (let at: usize = 0; at < bytes; at += 16) {
    const old = v128.load(p + at);
    const slope = f32x4.add(
      f32x4.mul(v128.load(g + at), f32x4.splat(scale)),
      f32x4.mul(old, f32x4.splat(coupled)),
    );
    const mean = f32x4.add(
      f32x4.mul(keepFirst, v128.load(m + at)),
      f32x4.mul(addFirst, slope),
    );
    const square = f32x4.add(
      f32x4.mul(keepSecond, v128.load(v + at)),
      f32x4.mul(addSecond, f32x4.mul(slope, slope)),
    );
    v128.store(m + at, mean);
    v128.store(v + at, square);
    const root = f32x4.add(
      f32x4.mul(f32x4.sqrt(square), f32x4.splat(correction)),
      f32x4.splat(epsilon),
    );
    const move = f32x4.div(f32x4.mul(f32x4.splat(rate), mean), root);
    v128.store(p + at, f32x4.sub(f32x4.mul(old, f32x4.splat(kept)), move));
  }
}

/** m = beta m + g; p -= rate m. */
function momentum(
  p: usize,
  g: usize,
  m: usize,
  bytes: usize,
  rate: f32,
  beta: f32,
  decay: f32,
  scale: f32,
): void {
  for (let at: usize = 0; at < bytes; at += 16) {
    const old = v128.load(p + at);
    const slope = f32x4.add(
      f32x4.mul(v128.load(g + at), f32x4.splat(scale)),
      f32x4.mul(old, f32x4.splat(decay)),
    );
    const speed = f32x4.add(f32x4.mul(f32x4.splat(beta), v128.load(m + at)), slope);
    v128.store(m + at, speed);
    v128.store(p + at, f32x4.sub(old, f32x4.mul(f32x4.splat(rate), speed)));
  }
}

/** v += g^2; p -= rate g / (sqrt(v) + epsilon) (Duchi et al. 2011). */
function adagrad(
  p: usize,
  g: usize,
  v: usize,
  bytes: usize,
  rate: f32,
  epsilon: f32,
  decay: f32,
  scale: f32,
): void {
  for (let at: usize = 0; at < bytes; at += 16) {
    const old = v128.load(p + at);
    const slope = f32x4.add(
      f32x4.mul(v128.load(g + at), f32x4.splat(scale)),
      f32x4.mul(old, f32x4.splat(decay)),
    );
    const total = f32x4.add(v128.load(v + at), f32x4.mul(slope, slope));
    v128.store(v + at, total);
    const move = f32x4.div(slope, f32x4.add(f32x4.sqrt(total), f32x4.splat(epsilon)));
    v128.store(p + at, f32x4.sub(old, f32x4.mul(f32x4.splat(rate), move)));
  }
}

/** The sum of squares of each block of 16,384 numbers, in doubles, to `sums`. */
export function sumSquares(
  thread: i32,
  control: usize,
  values: usize,
  length: i32,
  sums: usize,
): void {
  for (;;) {
    const begin = takeChunk(control, chunkNumbers, length);
    if (begin < 0) return;
    const end = min(begin + chunkNumbers, length);
    let total: f64 = 0;
    for (let at = begin; at < end; at++) {
      const value = <f64>load<f32>(values + ((<usize>at) << 2));
      total += value * value;
    }
    store<f64>(sums + ((<usize>(begin / chunkNumbers)) << 3), total);
  }
}

/** In how many ranges of rows a table's gradient is added up, each by one thread. */
const ranges: i32 = 16;

/**
 * table[places[i]] += values[i] for rows of `width` floats. Each range of the table is filled in the order
 * of i, so that sums never depend on the threads. Places are int64 of which the low half counts.
 */
export function scatterRows(
  thread: i32,
  control: usize,
  places: usize,
  count: i32,
  values: usize,
  table: usize,
  rows: i32,
  width: i32,
): void {
  const span = (rows + ranges - 1) / ranges;
  const bytes = (<usize>width) << 2;
  const whole = bytes & ~15;
  for (;;) {
    const range = takeChunk(control, 1, ranges);
    if (range < 0) return;
    const from = range * span;
    for (let i = 0; i < count; i++) {
      const row = load<i32>(places + ((<usize>i) << 3));
      if (<u32>(row - from) >= <u32>span) continue;
      const to = table + (<usize>row) * bytes;
      const value = values + (<usize>i) * bytes;
      let at: usize = 0;
      for (; at < whole; at += 16) {
        v128.store(to + at, f32x4.add(v128.load(to + at), v128.load(value + at)));
      }
      for (; at < bytes; at += 4) {
        store<f32>(to + at, load<f32>(to + at) + load<f32>(value + at));
      }
    }
  }
}

/**
 * 0 where a hash of (key, index) is below the threshold, else `kept`: the same numbers for the same key.
 * The hash is two rounds of a 32-bit mix whose constants were found by search (Wellons 2018).
 */
export function dropMask(
  thread: i32,
  control: usize,
  out: usize,
  length: i32,
  key: i32,
  threshold: i32,
  kept: f32,
): void {
  const limit = i32x4.splat(threshold);
  const value = f32x4.splat(kept);
  for (;;) {
    const begin = takeChunk(control, chunkNumbers, length);
    if (begin < 0) return;
    const end = min(begin + chunkNumbers, length);
    for (let at = begin; at < end; at += 4) {
      let x = i32x4.add(i32x4.splat(at), i32x4(0, 1, 2, 3));
      x = mix(v128.xor(mix(x), i32x4.splat(key)));
      const keep = i32x4.ge_u(x, limit);
      v128.store(out + ((<usize>at) << 2), v128.and(value, keep));
    }
  }
}

// @ts-ignore: decorator
@inline
function mix(given: v128): v128 {
  let x = v128.xor(given, i32x4.shr_u(given, 16));
  x = i32x4.mul(x, i32x4.splat(0x21f0aaad));
  x = v128.xor(x, i32x4.shr_u(x, 15));
  x = i32x4.mul(x, i32x4.splat(0x735a2d97));
  return v128.xor(x, i32x4.shr_u(x, 15));
}
