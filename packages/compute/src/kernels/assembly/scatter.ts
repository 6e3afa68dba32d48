import { addBlock } from './gram';
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
      addBlock(packed, count, padded, out);
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
