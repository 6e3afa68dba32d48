import { addTile, addTo } from './gram';
import { blockRows, packedWidth, packRows } from './standardise';
import { takeChunk } from './work';

/**
 * Sums over rows of w z z' for z = (standardised x, 1, standardised target): segment s writes the upper
 * triangle of its rows' sum at sums + s width^2, in doubles (entries below the diagonal are not meant).
 * Products of floats are added in floats within 128 rows. Segments do not depend on the threads.
 */
export function moments(
  thread: i32,
  control: usize,
  x: usize,
  single: i32,
  rows: i32,
  columns: i32,
  shifts: usize,
  scales: usize,
  target: usize,
  weights: usize,
  segments: i32,
  segmentRows: i32,
  sums: usize,
  scratch: usize,
  scratchBytes: i32,
): void {
  const width = packedWidth(columns);
  const sumBytes = (<usize>width * <usize>width) << 3;
  const packed = scratch + <usize>thread * <usize>scratchBytes;
  const stride = <usize>columns << (single ? 2 : 3);
  for (;;) {
    const segment = takeChunk(control, 1, segments);
    if (segment < 0) return;
    const out = sums + <usize>segment * sumBytes;
    memory.fill(out, 0, sumBytes);
    const end = min(rows, (segment + 1) * segmentRows);
    for (let row: i32 = segment * segmentRows; row < end; row += blockRows) {
      const count = min(blockRows, end - row);
      const from = x + <usize>row * stride;
      const y = target ? target + ((<usize>row) << 3) : 0;
      const w = weights ? weights + ((<usize>row) << 3) : 0;
      if (single) {
        packRows<f32>(from, count, columns, shifts, scales, y, w, packed);
        addSingles(packed, count, width, out);
      } else {
        packRows<f64>(from, count, columns, shifts, scales, y, w, packed);
        addDoubles(packed, count, width, out);
      }
    }
  }
}

function addSingles(packed: usize, rows: i32, width: i32, out: usize): void {
  const panelBytes = <usize>blockRows * 32;
  const stride = (<usize>width) << 3;
  for (let i: i32 = 0; i < width; i += 4) {
    const left = packed + <usize>(i >> 3) * panelBytes + (<usize>(i & 4) << 2);
    for (let j: i32 = i & ~7; j < width; j += 8) {
      const right = packed + <usize>(j >> 3) * panelBytes;
      addTile<f64>(left, right, rows, out + <usize>i * stride + ((<usize>j) << 3), stride);
    }
  }
}

function addDoubles(packed: usize, rows: i32, width: i32, out: usize): void {
  const panelBytes = <usize>blockRows * 64;
  const stride = (<usize>width) << 3;
  for (let i: i32 = 0; i < width; i += 4) {
    const left = packed + <usize>(i >> 3) * panelBytes + (<usize>(i & 4) << 3);
    for (let j: i32 = i; j < width; j += 4) {
      const right = packed + <usize>(j >> 3) * panelBytes + (<usize>(j & 4) << 3);
      addDoubleTile(left, right, rows, out + <usize>i * stride + ((<usize>j) << 3), stride);
    }
  }
}

function addDoubleTile(left: usize, right: usize, rows: i32, out: usize, stride: usize): void {
  let s00 = f64x2.splat(0);
  let s01 = f64x2.splat(0);
  let s10 = f64x2.splat(0);
  let s11 = f64x2.splat(0);
  let s20 = f64x2.splat(0);
  let s21 = f64x2.splat(0);
  let s30 = f64x2.splat(0);
  let s31 = f64x2.splat(0);
  for (const end = left + ((<usize>rows) << 6); left < end; left += 64, right += 64) {
    const b0 = v128.load(right);
    const b1 = v128.load(right, 16);
    let a = v128.load_splat<f64>(left);
    s00 = f64x2.add(s00, f64x2.mul(a, b0));
    s01 = f64x2.add(s01, f64x2.mul(a, b1));
    a = v128.load_splat<f64>(left, 8);
    s10 = f64x2.add(s10, f64x2.mul(a, b0));
    s11 = f64x2.add(s11, f64x2.mul(a, b1));
    a = v128.load_splat<f64>(left, 16);
    s20 = f64x2.add(s20, f64x2.mul(a, b0));
    s21 = f64x2.add(s21, f64x2.mul(a, b1));
    a = v128.load_splat<f64>(left, 24);
    s30 = f64x2.add(s30, f64x2.mul(a, b0));
    s31 = f64x2.add(s31, f64x2.mul(a, b1));
  }
  addTo(out, s00);
  addTo(out + 16, s01);
  addTo(out + stride, s10);
  addTo(out + stride + 16, s11);
  addTo(out + 2 * stride, s20);
  addTo(out + 2 * stride + 16, s21);
  addTo(out + 3 * stride, s30);
  addTo(out + 3 * stride + 16, s31);
}
