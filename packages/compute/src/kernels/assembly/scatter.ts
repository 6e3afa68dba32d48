import { addTile } from './gram';
import { takeChunk } from './work';

/** Rows that are packed together and stay in the second-level cache. */
const blockRows: i32 = 64;

/**
 * Partial sums of z' z for rows z = root (x - shift, 1, 0, ...), `padded` wide, a multiple of 8 above
 * `columns`: beside the products also the sums and the count, in column `columns`. `roots` holds the square
 * root of each row's weight, or is 0 for ones. Segment s adds its rows into its own upper triangle at
 * sums + s padded^2 (by tiles of 8), which it clears before.
 */
export function scatter(
  thread: i32,
  control: usize,
  x: usize,
  rows: i32,
  columns: i32,
  padded: i32,
  shift: usize,
  roots: usize,
  segments: i32,
  segmentRows: i32,
  sums: usize,
  scratch: usize,
  scratchBytes: i32,
): void {
  const stride = (<usize>columns) << 2;
  const packed = scratch + (<usize>thread) * (<usize>scratchBytes);
  const square = (<usize>(padded * padded)) << 2;
  for (;;) {
    const segment = takeChunk(control, 1, segments);
    if (segment < 0) return;
    const out = sums + (<usize>segment) * square;
    memory.fill(out, 0, square);
    const end = min(rows, (segment + 1) * segmentRows);
    for (let row: i32 = segment * segmentRows; row < end; row += blockRows) {
      const count = min(blockRows, end - row);
      const own = roots ? roots + ((<usize>row) << 2) : 0;
      packRows(x + (<usize>row) * stride, count, columns, padded, shift, own, packed);
      addBlock(packed, count, columns + 1, padded, out);
    }
  }
}

function packRows(
  x: usize,
  rows: i32,
  columns: i32,
  padded: i32,
  shift: usize,
  roots: usize,
  packed: usize,
): void {
  const step = (<usize>rows) << 5;
  const whole = columns & ~7;
  for (let row: i32 = 0; row < rows; row++) {
    const root: f32 = roots ? load<f32>(roots + ((<usize>row) << 2)) : 1;
    const scale = f32x4.splat(root);
    let from = x + ((<usize>(row * columns)) << 2);
    let less = shift;
    let to = packed + ((<usize>row) << 5);
    for (let k: i32 = 0; k < whole; k += 8, from += 32, less += 32, to += step) {
      v128.store(to, f32x4.mul(scale, f32x4.sub(v128.load(from), v128.load(less))));
      v128.store(to, f32x4.mul(scale, f32x4.sub(v128.load(from, 16), v128.load(less, 16))), 16);
    }
    let lane = to;
    for (let k: i32 = whole; k < columns; k++, from += 4, less += 4, lane += 4) {
      store<f32>(lane, root * (load<f32>(from) - load<f32>(less)));
    }
    store<f32>(lane, root);
    for (lane += 4; lane < to + 32; lane += 4) store<f32>(lane, 0);
  }
}

/** Products of the panels of the upper triangle; halves of tiles that nobody reads are left out. */
function addBlock(packed: usize, rows: i32, used: i32, padded: i32, out: usize): void {
  const stride = (<usize>padded) << 2;
  const panelBytes = (<usize>rows) << 5;
  for (let i: i32 = 0; i < padded; i += 8) {
    const left = packed + <usize>(i >> 3) * panelBytes;
    for (let j: i32 = i; j < padded; j += 8) {
      const right = packed + <usize>(j >> 3) * panelBytes;
      const to = out + i * stride + ((<usize>j) << 2);
      if (used - j <= 4) {
        addHalf(left, right, rows, to, stride);
        continue;
      }
      addTile<f32>(left, right, rows, to, stride);
      if (i == j) addQuarter(left + 16, right + 16, rows, to + 4 * stride + 16, stride);
      else addTile<f32>(left + 16, right, rows, to + 4 * stride, stride);
    }
  }
}

/** All eight columns of a panel with the first four of another. */
function addHalf(left: usize, right: usize, rows: i32, out: usize, stride: usize): void {
  let s0 = f32x4.splat(0);
  let s1 = f32x4.splat(0);
  let s2 = f32x4.splat(0);
  let s3 = f32x4.splat(0);
  let s4 = f32x4.splat(0);
  let s5 = f32x4.splat(0);
  let s6 = f32x4.splat(0);
  let s7 = f32x4.splat(0);
  for (const end = left + ((<usize>rows) << 5); left < end; left += 32, right += 32) {
    const b = v128.load(right);
    s0 = f32x4.add(s0, f32x4.mul(v128.load_splat<f32>(left), b));
    s1 = f32x4.add(s1, f32x4.mul(v128.load_splat<f32>(left, 4), b));
    s2 = f32x4.add(s2, f32x4.mul(v128.load_splat<f32>(left, 8), b));
    s3 = f32x4.add(s3, f32x4.mul(v128.load_splat<f32>(left, 12), b));
    s4 = f32x4.add(s4, f32x4.mul(v128.load_splat<f32>(left, 16), b));
    s5 = f32x4.add(s5, f32x4.mul(v128.load_splat<f32>(left, 20), b));
    s6 = f32x4.add(s6, f32x4.mul(v128.load_splat<f32>(left, 24), b));
    s7 = f32x4.add(s7, f32x4.mul(v128.load_splat<f32>(left, 28), b));
  }
  addTo(out, s0);
  addTo(out + stride, s1);
  addTo(out + 2 * stride, s2);
  addTo(out + 3 * stride, s3);
  addTo(out + 4 * stride, s4);
  addTo(out + 5 * stride, s5);
  addTo(out + 6 * stride, s6);
  addTo(out + 7 * stride, s7);
}

/** Four columns of a panel with four of another, from where the addresses point. */
function addQuarter(left: usize, right: usize, rows: i32, out: usize, stride: usize): void {
  let s0 = f32x4.splat(0);
  let s1 = f32x4.splat(0);
  let s2 = f32x4.splat(0);
  let s3 = f32x4.splat(0);
  for (const end = left + ((<usize>rows) << 5); left < end; left += 32, right += 32) {
    const b = v128.load(right);
    s0 = f32x4.add(s0, f32x4.mul(v128.load_splat<f32>(left), b));
    s1 = f32x4.add(s1, f32x4.mul(v128.load_splat<f32>(left, 4), b));
    s2 = f32x4.add(s2, f32x4.mul(v128.load_splat<f32>(left, 8), b));
    s3 = f32x4.add(s3, f32x4.mul(v128.load_splat<f32>(left, 12), b));
  }
  addTo(out, s0);
  addTo(out + stride, s1);
  addTo(out + 2 * stride, s2);
  addTo(out + 3 * stride, s3);
}

// @ts-ignore: decorator
@inline
function addTo(out: usize, value: v128): void {
  v128.store(out, f32x4.add(v128.load(out), value));
}
