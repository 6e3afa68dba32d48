import { lossCurvature, lossSlope, lossValue, rowLoss, softmax } from './row-loss';
import { blockRows, packedWidth, packRows } from './standardise';
import { takeChunk } from './work';

/** What stays the same over the blocks of a pass; addresses where the name says no number. */
@unmanaged
class LossPass {
  columns: i32;
  width: i32;
  outputs: i32;
  loss: i32;
  first: f64;
  second: f64;
  shifts: usize;
  scales: usize;
  coefficients: usize;
  packed: usize;
  scores: usize;
  slopes: usize;
}

/**
 * The weighted loss of linear scores and its gradient: scores are standardised x times the coefficients
 * (outputs x width, the intercept at `columns`). Segment s writes its loss and its gradient (outputs x
 * width) at sums + s (1 + outputs width). With `curvature`, each row's weighted second derivative (for
 * softmax that of class `first`) is written there.
 */
export function linearLoss(
  thread: i32,
  control: usize,
  x: usize,
  single: i32,
  rows: i32,
  columns: i32,
  shifts: usize,
  scales: usize,
  coefficients: usize,
  outputs: i32,
  loss: i32,
  first: f64,
  second: f64,
  target: usize,
  weights: usize,
  curvature: usize,
  segments: i32,
  segmentRows: i32,
  sums: usize,
  scratch: usize,
  scratchBytes: i32,
): void {
  const pass = changetype<LossPass>(scratch + <usize>thread * <usize>scratchBytes);
  const width = packedWidth(columns);
  pass.columns = columns;
  pass.width = width;
  pass.outputs = outputs;
  pass.loss = loss;
  pass.first = first;
  pass.second = second;
  pass.shifts = shifts;
  pass.scales = scales;
  pass.coefficients = coefficients;
  pass.packed = changetype<usize>(pass) + 128;
  pass.scores = pass.packed + <usize>width * <usize>blockRows * 8;
  pass.slopes = pass.scores + <usize>outputs * <usize>blockRows * 16;
  const sumBytes = (1 + <usize>outputs * <usize>width) << 3;
  const stride = <usize>columns << (single ? 2 : 3);
  for (;;) {
    const segment = takeChunk(control, 1, segments);
    if (segment < 0) return;
    const out = sums + <usize>segment * sumBytes;
    memory.fill(out, 0, sumBytes);
    const end = min(rows, (segment + 1) * segmentRows);
    for (let row: i32 = segment * segmentRows; row < end; row += blockRows) {
      const count = min(blockRows, end - row);
      const at = (<usize>row) << 3;
      const from = x + <usize>row * stride;
      const w = weights ? weights + at : 0;
      const h = curvature ? curvature + at : 0;
      if (single) addBlock<f32>(pass, from, count, target + at, w, h, out);
      else addBlock<f64>(pass, from, count, target + at, w, h, out);
    }
  }
}

function addBlock<T>(
  pass: LossPass,
  x: usize,
  rows: i32,
  target: usize,
  weights: usize,
  curvature: usize,
  out: usize,
): void {
  packRows<T>(x, rows, pass.columns, pass.shifts, pass.scales, 0, 0, pass.packed);
  for (let k: i32 = 0; k < pass.outputs; k++) scoreBlock<T>(pass, rows, k);
  const loss =
    pass.loss == softmax
      ? softmaxBlock(pass, rows, target, weights, curvature)
      : lossBlock(pass, rows, target, weights, curvature);
  store<f64>(out, load<f64>(out) + loss);
  for (let k: i32 = 0; k < pass.outputs; k++) {
    addGradient<T>(pass, rows, k, out + 8 + ((<usize>k * <usize>pass.width) << 3));
  }
}

// @ts-ignore: decorator
@inline
function pair<T>(at: usize, k: usize): v128 {
  if (sizeof<T>() == 8) return v128.load(at + (k << 3));
  return f64x2.promote_low_f32x4(v128.load64_zero(at + (k << 2)));
}

/** Scores of one output, as two halves of a sum beside each other. */
function scoreBlock<T>(pass: LossPass, rows: i32, output: i32): void {
  const scores = pass.scores + (<usize>output * <usize>blockRows << 4);
  memory.fill(scores, 0, <usize>rows << 4);
  let from = pass.packed;
  let b = pass.coefficients + ((<usize>output * <usize>pass.width) << 3);
  for (let j: i32 = 0; j < pass.width; j += 8) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const b2 = v128.load(b, 32);
    const b3 = v128.load(b, 48);
    for (let row: i32 = 0; row < rows; row++) {
      const z = from + <usize>row * 8 * sizeof<T>();
      const first = f64x2.add(f64x2.mul(pair<T>(z, 0), b0), f64x2.mul(pair<T>(z, 2), b1));
      const second = f64x2.add(f64x2.mul(pair<T>(z, 4), b2), f64x2.mul(pair<T>(z, 6), b3));
      const to = scores + (<usize>row << 4);
      v128.store(to, f64x2.add(v128.load(to), f64x2.add(first, second)));
    }
    from += <usize>blockRows * 8 * sizeof<T>();
    b += 64;
  }
}

// @ts-ignore: decorator
@inline
function scoreAt(pass: LossPass, output: i32, row: i32): f64 {
  const at = pass.scores + ((<usize>output * <usize>blockRows + <usize>row) << 4);
  return load<f64>(at) + load<f64>(at, 8);
}

function lossBlock(
  pass: LossPass,
  rows: i32,
  target: usize,
  weights: usize,
  curvature: usize,
): f64 {
  let total: f64 = 0;
  for (let row: i32 = 0; row < rows; row++) {
    const at = <usize>row << 3;
    const weight: f64 = weights ? load<f64>(weights + at) : 1;
    rowLoss(pass.loss, scoreAt(pass, 0, row), load<f64>(target + at), pass.first, pass.second);
    // A row of weight 0 must not count even where its loss is infinite.
    total += weight > 0 ? weight * lossValue : 0;
    store<f64>(pass.slopes + at, weight > 0 ? weight * lossSlope : 0);
    if (curvature) store<f64>(curvature + at, weight > 0 ? weight * lossCurvature : 0);
  }
  return total;
}

function softmaxBlock(
  pass: LossPass,
  rows: i32,
  target: usize,
  weights: usize,
  curvature: usize,
): f64 {
  let total: f64 = 0;
  for (let row: i32 = 0; row < rows; row++) {
    const at = <usize>row << 3;
    const weight: f64 = weights ? load<f64>(weights + at) : 1;
    const label = <i32>load<f64>(target + at);
    let most: f64 = -Infinity;
    for (let k: i32 = 0; k < pass.outputs; k++) most = max(most, scoreAt(pass, k, row));
    let sum: f64 = 0;
    for (let k: i32 = 0; k < pass.outputs; k++) {
      const power = Math.exp(scoreAt(pass, k, row) - most);
      store<f64>(pass.slopes + (<usize>k * <usize>blockRows << 3) + at, power);
      sum += power;
    }
    total += weight * (Math.log(sum) + most - scoreAt(pass, label, row));
    for (let k: i32 = 0; k < pass.outputs; k++) {
      const place = pass.slopes + (<usize>k * <usize>blockRows << 3) + at;
      const p = load<f64>(place) / sum;
      store<f64>(place, weight * (k == label ? p - 1 : p));
      if (curvature && k == <i32>pass.first) store<f64>(curvature + at, weight * p * (1 - p));
    }
  }
  return total;
}

function addGradient<T>(pass: LossPass, rows: i32, output: i32, out: usize): void {
  const slopes = pass.slopes + (<usize>output * <usize>blockRows << 3);
  let from = pass.packed;
  for (let j: i32 = 0; j < pass.width; j += 8) {
    let g0 = v128.load(out);
    let g1 = v128.load(out, 16);
    let g2 = v128.load(out, 32);
    let g3 = v128.load(out, 48);
    for (let row: i32 = 0; row < rows; row++) {
      const z = from + <usize>row * 8 * sizeof<T>();
      const slope = v128.load_splat<f64>(slopes + (<usize>row << 3));
      g0 = f64x2.add(g0, f64x2.mul(slope, pair<T>(z, 0)));
      g1 = f64x2.add(g1, f64x2.mul(slope, pair<T>(z, 2)));
      g2 = f64x2.add(g2, f64x2.mul(slope, pair<T>(z, 4)));
      g3 = f64x2.add(g3, f64x2.mul(slope, pair<T>(z, 6)));
    }
    v128.store(out, g0);
    v128.store(out, g1, 16);
    v128.store(out, g2, 32);
    v128.store(out, g3, 48);
    from += <usize>blockRows * 8 * sizeof<T>();
    out += 64;
  }
}
