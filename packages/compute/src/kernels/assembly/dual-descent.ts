import { takeChunk } from './work';

/** The problem that all classes share; addresses where the name says no number. */
@unmanaged
class Problem {
  control: usize;
  offsets: usize;
  indices: usize;
  values: usize;
  single: i32;
  rows: i32;
  columns: i32;
  target: usize;
  weights: usize;
  squares: usize;
  /** The square of what the intercept's column would hold, or 0 without an intercept. */
  lift: f64;
  l2: f64;
  hinge: i32;
  /** Of the class: its number, its place in memory. */
  own: i32;
  w: usize;
  alpha: usize;
  order: usize;
  centre: f64;
  shift: f64;
  state: u32;
  most: f64;
  least: f64;
  active: i32;
}

/** Results at the head of a class's memory, in doubles: intercept, epochs, gap, objective, converged. */
const headBytes: usize = 64;

/**
 * Linear support vector machines, one a chunk: the twin of linear/dual-descent.ts, which explains it. Class
 * k's memory at classes + k classBytes: the head, w (columns), alpha (rows), both doubles, order (rows, i32).
 */
export function dualDescent(
  thread: i32,
  control: usize,
  offsets: usize,
  indices: usize,
  values: usize,
  single: i32,
  rows: i32,
  columns: i32,
  target: usize,
  weights: usize,
  squares: usize,
  lift: f64,
  l2: f64,
  hinge: i32,
  firstClass: i32,
  count: i32,
  tolerance: f64,
  maxEpochs: i32,
  classes: usize,
  classBytes: i32,
  scratch: usize,
): void {
  const p = changetype<Problem>(scratch + ((<usize>thread) << 8));
  p.control = control;
  p.offsets = offsets;
  p.indices = indices;
  p.values = values;
  p.single = single;
  p.rows = rows;
  p.columns = columns;
  p.target = target;
  p.weights = weights;
  p.squares = squares;
  p.lift = lift;
  p.l2 = l2;
  p.hinge = hinge;
  for (;;) {
    const chunk = takeChunk(control, 1, count);
    if (chunk < 0) return;
    const head = classes + <usize>chunk * <usize>classBytes;
    p.own = firstClass + chunk;
    p.w = head + headBytes;
    p.alpha = p.w + ((<usize>columns) << 3);
    p.order = p.alpha + ((<usize>rows) << 3);
    descend(p, tolerance, maxEpochs, head);
  }
}

function descend(p: Problem, tolerance: f64, maxEpochs: i32, head: usize): void {
  const all = startOrder(p);
  p.centre = 0;
  p.shift = 0;
  p.state = 2463534242 ^ ((<u32>p.own + 1) * 2654435769);
  if (p.state == 0) p.state = 1;
  p.active = all;
  let upper = Infinity;
  let lower = -Infinity;
  let enough: f64 = 0.1;
  let epoch: i32 = 0;
  let done = false;
  while (epoch < maxEpochs && !done && atomic.load<i32>(p.control, 4) == 0) {
    epoch++;
    if (p.single) runEpoch<f32>(p, upper, lower);
    else runEpoch<f64>(p, upper, lower);
    const violation = p.most - p.least;
    const whole = p.active == all;
    upper = p.most > 0 ? p.most : Infinity;
    lower = p.least < 0 ? p.least : -Infinity;
    const moved = violation <= abs(p.shift);
    if (moved) p.centre += p.shift;
    const rests = violation <= enough;
    if (rests && whole && abs(p.shift) <= enough) {
      const gap = p.single ? gapOf<f32>(p, head) : gapOf<f64>(p, head);
      done = gap <= tolerance * load<f64>(head, 24) || enough < 1e-12;
      enough *= 0.1;
    }
    if ((rests && !whole) || moved) {
      p.active = all;
      upper = Infinity;
      lower = -Infinity;
    }
  }
  if (!done) {
    if (p.single) gapOf<f32>(p, head);
    else gapOf<f64>(p, head);
  }
  store<f64>(head, p.centre + p.shift);
  store<f64>(head, <f64>epoch, 8);
  store<f64>(head, done ? 1 : 0, 32);
}

/** Rows that count, and zeros elsewhere; how many count. */
function startOrder(p: Problem): i32 {
  memory.fill(p.w, 0, (<usize>p.columns) << 3);
  memory.fill(p.alpha, 0, (<usize>p.rows) << 3);
  let count: i32 = 0;
  for (let row: i32 = 0; row < p.rows; row++) {
    if (p.weights && load<f64>(p.weights + ((<usize>row) << 3)) == 0) continue;
    store<i32>(p.order + ((<usize>count) << 2), row);
    count++;
  }
  return count;
}

// @ts-ignore: decorator
@inline
function drawBelow(p: Problem, count: i32): i32 {
  let s = p.state;
  s ^= s << 13;
  s ^= s >> 17;
  s ^= s << 5;
  p.state = s;
  return <i32>(s % <u32>count);
}

// @ts-ignore: decorator
@inline
function swap(order: usize, i: i32, j: i32): void {
  const a = order + ((<usize>i) << 2);
  const b = order + ((<usize>j) << 2);
  const held = load<i32>(a);
  store<i32>(a, load<i32>(b));
  store<i32>(b, held);
}

// @ts-ignore: decorator
@inline
function costOf(p: Problem, row: i32): f64 {
  const weight: f64 = p.weights ? load<f64>(p.weights + ((<usize>row) << 3)) : 1;
  return weight / p.l2;
}

// @ts-ignore: decorator
@inline
function signOf(p: Problem, row: i32): f64 {
  return load<f64>(p.target + ((<usize>row) << 3)) == <f64>p.own ? 1 : -1;
}

function scoreOf<T>(p: Problem, row: i32): f64 {
  const from = load<i32>(p.offsets + ((<usize>row) << 2));
  const count = load<i32>(p.offsets + ((<usize>row) << 2), 4) - from;
  const index = p.indices + ((<usize>from) << 2);
  const value = p.values + <usize>from * sizeof<T>();
  let sum: f64 = 0;
  for (let at: i32 = 0; at < count; at++) {
    const j = <usize>load<i32>(index + ((<usize>at) << 2));
    sum += <f64>load<T>(value + <usize>at * sizeof<T>()) * load<f64>(p.w + (j << 3));
  }
  return sum;
}

function addRow<T>(p: Problem, row: i32, factor: f64): void {
  const from = load<i32>(p.offsets + ((<usize>row) << 2));
  const count = load<i32>(p.offsets + ((<usize>row) << 2), 4) - from;
  const index = p.indices + ((<usize>from) << 2);
  const value = p.values + <usize>from * sizeof<T>();
  for (let at: i32 = 0; at < count; at++) {
    const to = p.w + ((<usize>load<i32>(index + ((<usize>at) << 2))) << 3);
    store<f64>(to, load<f64>(to) + factor * <f64>load<T>(value + <usize>at * sizeof<T>()));
  }
}

function runEpoch<T>(p: Problem, upper: f64, lower: f64): void {
  for (let i: i32 = 0; i < p.active; i++) swap(p.order, i, i + drawBelow(p, p.active - i));
  p.most = -Infinity;
  p.least = Infinity;
  let at: i32 = 0;
  while (at < p.active) {
    const row = load<i32>(p.order + ((<usize>at) << 2));
    const place = p.alpha + ((<usize>row) << 3);
    const old = load<f64>(place);
    const cost = costOf(p, row);
    const ceiling = p.hinge ? cost : Infinity;
    const soft: f64 = p.hinge ? 0 : 0.5 / cost;
    const sign = signOf(p, row);
    const slope = sign * (scoreOf<T>(p, row) + p.centre + p.shift) - 1 + soft * old;
    const low = old == 0;
    const high = old == ceiling;
    if ((low && slope > upper) || (high && slope < lower)) {
      p.active -= 1;
      swap(p.order, at, p.active);
      continue;
    }
    at++;
    const projected = low ? min(slope, 0) : high ? max(slope, 0) : slope;
    p.most = max(p.most, projected);
    p.least = min(p.least, projected);
    const bend = load<f64>(p.squares + ((<usize>row) << 3)) + p.lift + soft;
    if (abs(projected) <= 1e-14) continue;
    const next = min(max(old - slope / bend, 0), ceiling);
    store<f64>(place, next);
    const by = (next - old) * sign;
    addRow<T>(p, row, by);
    p.shift += p.lift * by;
  }
  if (p.most < p.least) {
    p.most = 0;
    p.least = 0;
  }
}

/** The duality gap at the present intercept; writes it and the objective, both by l2. */
function gapOf<T>(p: Problem, head: usize): f64 {
  const intercept = p.centre + p.shift;
  let squares: f64 = 0;
  for (let j: i32 = 0; j < p.columns; j++) {
    const value = load<f64>(p.w + ((<usize>j) << 3));
    squares += value * value;
  }
  let losses: f64 = 0;
  let dual: f64 = 0;
  for (let row: i32 = 0; row < p.rows; row++) {
    const cost = costOf(p, row);
    if (cost == 0) continue;
    const sign = signOf(p, row);
    const alpha = load<f64>(p.alpha + ((<usize>row) << 3));
    const miss = max(0, 1 - sign * (scoreOf<T>(p, row) + intercept));
    losses += cost * (p.hinge ? miss : miss * miss);
    dual += alpha * (1 - sign * intercept);
    if (!p.hinge) dual -= (0.25 / cost) * alpha * alpha;
  }
  const objective = 0.5 * squares + losses;
  const gap = objective - (dual - 0.5 * squares);
  store<f64>(head, gap, 16);
  store<f64>(head, objective, 24);
  return gap;
}
