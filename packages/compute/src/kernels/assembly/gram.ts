import { takeChunk } from './work';

/** Rows that are packed together and stay in the second-level cache. */
const blockRows: i32 = 64;

/**
 * Partial sums of x' x for x (rows x columns): segment s adds its rows into its own upper triangle at
 * sums + s columns^2 (by tiles of 8, which must be zero before). The segments do not depend on the number
 * of threads, and who adds them up does so in their order.
 */
export function gram(
  thread: i32,
  control: usize,
  x: usize,
  rows: i32,
  columns: i32,
  segments: i32,
  segmentRows: i32,
  sums: usize,
  scratch: usize,
  scratchBytes: i32,
): void {
  const stride = (<usize>columns) << 2;
  const packed = scratch + thread * scratchBytes;
  for (;;) {
    const segment = takeChunk(control, 1, segments);
    if (segment < 0) return;
    const end = min(rows, (segment + 1) * segmentRows);
    for (let row: i32 = segment * segmentRows; row < end; row += blockRows) {
      const count = min(blockRows, end - row);
      packColumns(x + row * stride, count, columns, packed);
      addBlock(packed, count, columns, sums + segment * columns * stride);
    }
  }
}

function packColumns(x: usize, rows: i32, columns: i32, packed: usize): void {
  const stride = (<usize>columns) << 2;
  for (let row: i32 = 0; row < rows; row++) {
    let from = x + row * stride;
    let to = packed + ((<usize>row) << 5);
    const step = (<usize>rows) << 5;
    for (const end = from + stride; from < end; from += 32, to += step) {
      v128.store(to, v128.load(from));
      v128.store(to, v128.load(from, 16), 16);
    }
  }
}

function addBlock(packed: usize, rows: i32, columns: i32, out: usize): void {
  const stride = (<usize>columns) << 2;
  const panelBytes = (<usize>rows) << 5;
  for (let i: i32 = 0; i < columns; i += 8) {
    const left = packed + <usize>(i >> 3) * panelBytes;
    for (let j: i32 = i; j < columns; j += 8) {
      const right = packed + <usize>(j >> 3) * panelBytes;
      const to = out + i * stride + ((<usize>j) << 2);
      addTile<f32>(left, right, rows, to, stride);
      addTile<f32>(left + 16, right, rows, to + 4 * stride, stride);
    }
  }
}

/** Adds the products of four columns of a panel with all eight of another to sums of type T, f32 or f64. */
export function addTile<T>(left: usize, right: usize, rows: i32, out: usize, stride: usize): void {
  let s00 = f32x4.splat(0);
  let s01 = f32x4.splat(0);
  let s10 = f32x4.splat(0);
  let s11 = f32x4.splat(0);
  let s20 = f32x4.splat(0);
  let s21 = f32x4.splat(0);
  let s30 = f32x4.splat(0);
  let s31 = f32x4.splat(0);
  for (const end = left + ((<usize>rows) << 5); left < end; left += 32, right += 32) {
    const b0 = v128.load(right);
    const b1 = v128.load(right, 16);
    let a = v128.load_splat<f32>(left);
    s00 = f32x4.add(s00, f32x4.mul(a, b0));
    s01 = f32x4.add(s01, f32x4.mul(a, b1));
    a = v128.load_splat<f32>(left, 4);
    s10 = f32x4.add(s10, f32x4.mul(a, b0));
    s11 = f32x4.add(s11, f32x4.mul(a, b1));
    a = v128.load_splat<f32>(left, 8);
    s20 = f32x4.add(s20, f32x4.mul(a, b0));
    s21 = f32x4.add(s21, f32x4.mul(a, b1));
    a = v128.load_splat<f32>(left, 12);
    s30 = f32x4.add(s30, f32x4.mul(a, b0));
    s31 = f32x4.add(s31, f32x4.mul(a, b1));
  }
  addPair<T>(out, s00, s01);
  addPair<T>(out + stride, s10, s11);
  addPair<T>(out + 2 * stride, s20, s21);
  addPair<T>(out + 3 * stride, s30, s31);
}

// @ts-ignore: decorator
@inline
function addPair<T>(out: usize, first: v128, second: v128): void {
  if (sizeof<T>() == 8) {
    addTo(out, f64x2.promote_low_f32x4(first));
    addTo(out + 16, f64x2.promote_low_f32x4(v128.shuffle<f64>(first, first, 1, 1)));
    addTo(out + 32, f64x2.promote_low_f32x4(second));
    addTo(out + 48, f64x2.promote_low_f32x4(v128.shuffle<f64>(second, second, 1, 1)));
    return;
  }
  v128.store(out, f32x4.add(v128.load(out), first));
  v128.store(out, f32x4.add(v128.load(out, 16), second), 16);
}

/** Adds two doubles to those in memory. */
// @ts-ignore: decorator
@inline
export function addTo(out: usize, value: v128): void {
  v128.store(out, f64x2.add(v128.load(out), value));
}
