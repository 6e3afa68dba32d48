import { takeChunk } from './work';

/** What stays the same over the columns of a sweep; addresses where the name says no number. */
@unmanaged
class MachinePass {
  rows: i32;
  columns: i32;
  /** 1 + factors and that rounded up to an even number, which is the width of a record. */
  size: i32;
  width: i32;
  logistic: i32;
  /** The class that counts as 1, or -1 for the target itself. */
  label: i32;
  columnOffsets: usize;
  columnRows: usize;
  columnValues: usize;
  target: usize;
  weights: usize;
  linearPenalty: f64;
  factorPenalty: f64;
  parameters: usize;
  records: usize;
  feature: usize;
  matrix: usize;
  right: usize;
}

/**
 * One sweep of alternating minimisation over the parameters of factorisation machines, one machine for each
 * output: the constant, then for each column its coefficient and its factors at once, for the score is linear
 * in those. Parameters of an output: a record for the constant and one for each column, (w, v, padding).
 * `sums` gets each output's objective before the sweep. A thread takes an output whole.
 */
export function machineSweep(
  thread: i32,
  control: usize,
  outputs: i32,
  rows: i32,
  columns: i32,
  factors: i32,
  columnOffsets: usize,
  columnRows: usize,
  columnValues: usize,
  logistic: i32,
  target: usize,
  weights: usize,
  linearPenalty: f64,
  factorPenalty: f64,
  parameters: usize,
  sums: usize,
  scratch: usize,
  scratchBytes: i32,
): void {
  const pass = changetype<MachinePass>(scratch + <usize>thread * <usize>scratchBytes);
  pass.rows = rows;
  pass.columns = columns;
  pass.size = factors + 1;
  pass.width = (factors + 2) & ~1;
  pass.logistic = logistic;
  pass.columnOffsets = columnOffsets;
  pass.columnRows = columnRows;
  pass.columnValues = columnValues;
  pass.target = target;
  pass.weights = weights;
  pass.linearPenalty = linearPenalty;
  pass.factorPenalty = factorPenalty;
  const bytes = (<usize>pass.width) << 3;
  pass.feature = changetype<usize>(pass) + 192;
  pass.right = pass.feature + bytes;
  pass.matrix = pass.right + bytes;
  pass.records = pass.matrix + bytes * <usize>pass.width;
  const span = bytes * <usize>(columns + 1);
  for (;;) {
    const output = takeChunk(control, 1, outputs);
    if (output < 0) return;
    pass.label = outputs > 1 ? output : logistic ? 1 : -1;
    pass.parameters = parameters + <usize>output * span;
    const penalties = buildRecords(pass);
    store<f64>(sums + ((<usize>output) << 3), penalties + rowLosses(pass));
    moveConstant(pass);
    for (let column: i32 = 0; column < columns; column++) {
      if (atomic.load<i32>(control, 4) != 0) return;
      moveColumn(pass, column);
    }
  }
}

/** Scores and sums of factors of all rows from nothing; returns the penalties. */
function buildRecords(pass: MachinePass): f64 {
  const bytes = (<usize>pass.width) << 3;
  const constant = load<f64>(pass.parameters);
  memory.fill(pass.records, 0, bytes * <usize>pass.rows);
  let penalties: f64 = 0;
  for (let column: i32 = 0; column < pass.columns; column++) {
    const own = pass.parameters + bytes * <usize>(column + 1);
    let squares: f64 = 0;
    for (let k: usize = 8; k < bytes; k += 8) squares += load<f64>(own + k) * load<f64>(own + k);
    const w = load<f64>(own);
    penalties += pass.linearPenalty * w * w + pass.factorPenalty * squares;
    const end = load<i32>(pass.columnOffsets + ((<usize>column) << 2), 4);
    for (let at = load<i32>(pass.columnOffsets + ((<usize>column) << 2)); at < end; at++) {
      const row = load<i32>(pass.columnRows + ((<usize>at) << 2));
      const x = load<f64>(pass.columnValues + ((<usize>at) << 3));
      const record = pass.records + bytes * <usize>row;
      addTo(record, own, x, bytes);
      store<f64>(record, load<f64>(record) - 0.5 * x * x * squares);
    }
  }
  for (let row: i32 = 0; row < pass.rows; row++) {
    const record = pass.records + bytes * <usize>row;
    let squares: f64 = 0;
    for (let k: usize = 8; k < bytes; k += 8) {
      squares += load<f64>(record + k) * load<f64>(record + k);
    }
    store<f64>(record, load<f64>(record) + constant + 0.5 * squares);
  }
  return 0.5 * penalties;
}

// @ts-ignore: decorator
@inline
function targetOf(pass: MachinePass, row: i32): f64 {
  const y = load<f64>(pass.target + ((<usize>row) << 3));
  return pass.label < 0 ? y : <f64>(<i32>y == pass.label);
}

// @ts-ignore: decorator
@inline
function weightOf(pass: MachinePass, row: i32): f64 {
  return pass.weights ? load<f64>(pass.weights + ((<usize>row) << 3)) : 1;
}

function rowLosses(pass: MachinePass): f64 {
  let total: f64 = 0;
  for (let row: i32 = 0; row < pass.rows; row++) {
    const score = load<f64>(pass.records + (<usize>row * <usize>pass.width << 3));
    const y = targetOf(pass, row);
    const loss = pass.logistic
      ? Math.log1p(Math.exp(-abs(score))) + max<f64>(0, score) - y * score
      : 0.5 * (score - y) * (score - y);
    total += weightOf(pass, row) * loss;
  }
  return total;
}

let slope: f64 = 0;
let curvature: f64 = 0;

/**
 * A parabola that touches the row's loss at its score and lies above it elsewhere: the loss itself, or for the
 * logistic one of curvature tanh(s / 2) / (2 s) (Jaakkola and Jordan 2000). So no step raises the objective.
 */
function rowParabola(pass: MachinePass, row: i32, score: f64): void {
  const weight = weightOf(pass, row);
  const y = targetOf(pass, row);
  if (!pass.logistic) {
    slope = weight * (score - y);
    curvature = weight;
    return;
  }
  const power = Math.exp(-abs(score));
  const share = score >= 0 ? 1 / (1 + power) : power / (1 + power);
  slope = weight * (share - y);
  const size = abs(score);
  const bend = size > 1e-3 ? (1 - power) / (1 + power) / (2 * size) : 0.25;
  curvature = weight * bend;
}

function moveConstant(pass: MachinePass): void {
  const bytes = (<usize>pass.width) << 3;
  let slopes: f64 = 0;
  let curvatures: f64 = 0;
  for (let row: i32 = 0; row < pass.rows; row++) {
    rowParabola(pass, row, load<f64>(pass.records + bytes * <usize>row));
    slopes += slope;
    curvatures += curvature;
  }
  const step = curvatures > 0 ? -slopes / curvatures : 0;
  store<f64>(pass.parameters, load<f64>(pass.parameters) + step);
  for (let row: i32 = 0; row < pass.rows; row++) {
    const record = pass.records + bytes * <usize>row;
    store<f64>(record, load<f64>(record) + step);
  }
}

/** Newton's step of a column's coefficient and factors on the parabolas of its rows. */
function moveColumn(pass: MachinePass, column: i32): void {
  const bytes = (<usize>pass.width) << 3;
  const own = pass.parameters + bytes * <usize>(column + 1);
  const begin = load<i32>(pass.columnOffsets + ((<usize>column) << 2));
  const end = load<i32>(pass.columnOffsets + ((<usize>column) << 2), 4);
  startSystem(pass, own);
  for (let at = begin; at < end; at++) {
    const row = load<i32>(pass.columnRows + ((<usize>at) << 2));
    const x = load<f64>(pass.columnValues + ((<usize>at) << 3));
    const record = pass.records + bytes * <usize>row;
    rowParabola(pass, row, load<f64>(record));
    setFeature(pass, record, own, x);
    addTo(pass.right, pass.feature, -slope, bytes);
    for (let i: i32 = 0; i < pass.size; i++) {
      const by = curvature * load<f64>(pass.feature + ((<usize>i) << 3));
      const from = (<usize>(i & ~1)) << 3;
      const line = pass.matrix + bytes * <usize>i;
      addTo(line + from, pass.feature + from, by, bytes - from);
    }
  }
  if (!solveSystem(pass)) return;
  for (let at = begin; at < end; at++) {
    const row = load<i32>(pass.columnRows + ((<usize>at) << 2));
    const x = load<f64>(pass.columnValues + ((<usize>at) << 3));
    const record = pass.records + bytes * <usize>row;
    setFeature(pass, record, own, x);
    let move: f64 = 0;
    for (let k: usize = 0; k < bytes; k += 8) {
      move += load<f64>(pass.feature + k) * load<f64>(pass.right + k);
    }
    const score = load<f64>(record) + move;
    addTo(record, pass.right, x, bytes);
    store<f64>(record, score);
  }
  addTo(own, pass.right, 1, bytes);
}

/** The penalties' part of matrix and right side. */
function startSystem(pass: MachinePass, own: usize): void {
  const bytes = (<usize>pass.width) << 3;
  memory.fill(pass.matrix, 0, bytes * <usize>pass.width);
  for (let i: i32 = 0; i < pass.width; i++) {
    const penalty = i == 0 ? pass.linearPenalty : pass.factorPenalty;
    const at = (<usize>i) << 3;
    store<f64>(pass.matrix + bytes * <usize>i + at, penalty);
    store<f64>(pass.right + at, -penalty * load<f64>(own + at));
  }
}

/** x (1, sums of factors without the column's own): what the score's slope is in its parameters. */
function setFeature(pass: MachinePass, record: usize, own: usize, x: f64): void {
  const by = f64x2.splat(x);
  for (let k: usize = 0, end = (<usize>pass.width) << 3; k < end; k += 16) {
    const rest = f64x2.sub(v128.load(record + k), f64x2.mul(by, v128.load(own + k)));
    v128.store(pass.feature + k, f64x2.mul(by, rest));
  }
  store<f64>(pass.feature, x);
}

/** By Cholesky in place of the upper triangle; false where it is not positive definite. */
function solveSystem(pass: MachinePass): bool {
  const bytes = (<usize>pass.width) << 3;
  const n = pass.size;
  for (let k: i32 = 0; k < n; k++) {
    const line = pass.matrix + bytes * <usize>k;
    const pivot = load<f64>(line + ((<usize>k) << 3));
    if (!(pivot > 0)) return false;
    const inverse = 1 / sqrt(pivot);
    for (let i: i32 = k; i < n; i++) {
      const at = line + ((<usize>i) << 3);
      store<f64>(at, load<f64>(at) * inverse);
    }
    for (let i: i32 = k + 1; i < n; i++) {
      const from = (<usize>(i & ~1)) << 3;
      const value = load<f64>(line + ((<usize>i) << 3));
      addTo(pass.matrix + bytes * <usize>i + from, line + from, -value, bytes - from);
    }
    const place = pass.right + ((<usize>k) << 3);
    const found = load<f64>(place) * inverse;
    for (let i: i32 = k + 1; i < n; i++) {
      const at = pass.right + ((<usize>i) << 3);
      store<f64>(at, load<f64>(at) - load<f64>(line + ((<usize>i) << 3)) * found);
    }
    store<f64>(place, found);
  }
  for (let k: i32 = n - 1; k >= 0; k--) {
    const line = pass.matrix + bytes * <usize>k;
    const place = pass.right + ((<usize>k) << 3);
    let rest = load<f64>(place);
    for (let i: i32 = k + 1; i < n; i++) {
      rest -= load<f64>(line + ((<usize>i) << 3)) * load<f64>(pass.right + ((<usize>i) << 3));
    }
    store<f64>(place, rest / load<f64>(line + ((<usize>k) << 3)));
  }
  return true;
}

// @ts-ignore: decorator
@inline
function addTo(to: usize, from: usize, factor: f64, bytes: usize): void {
  const by = f64x2.splat(factor);
  for (let at: usize = 0; at < bytes; at += 16) {
    v128.store(to + at, f64x2.add(v128.load(to + at), f64x2.mul(by, v128.load(from + at))));
  }
}
