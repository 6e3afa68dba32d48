import { tile } from './tile';
import { dot } from './vector';
import { takeChunk } from './work';

/** Rows that stay in the second-level cache while the panels pass. */
const blockRows: i32 = 64;

/**
 * c = a b, or c += a b with `keep`, for a of rows x depth (depth even), packed panels b (depth x 8 each)
 * and c of rows x columns; strides in bytes, so that a and c may be columns of wider matrices. Rows are
 * padded to a multiple of 4 by the caller. `scratch` has 128 bytes a thread.
 */
export function product(
  thread: i32,
  control: usize,
  a: usize,
  strideA: i32,
  rows: i32,
  depth: i32,
  panels: usize,
  columns: i32,
  c: usize,
  strideC: i32,
  keep: i32,
  scratch: usize,
): void {
  const held = scratch + ((<usize>thread) << 7);
  for (;;) {
    const first = takeChunk(control, blockRows, rows);
    if (first < 0) return;
    const last = min(first + blockRows, rows);
    for (let column: i32 = 0; column < columns; column += 8) {
      const panel = panels + ((<usize>(column * depth)) << 2);
      for (let row: i32 = first; row < last; row += 4) {
        const from = a + <usize>row * <usize>strideA;
        const a1 = from + <usize>strideA;
        const a2 = a1 + <usize>strideA;
        const a3 = a2 + <usize>strideA;
        const c0 = c + <usize>row * <usize>strideC + ((<usize>column) << 2);
        const c1 = c0 + <usize>strideC;
        const c2 = c1 + <usize>strideC;
        const c3 = c2 + <usize>strideC;
        if (!keep) {
          tile(from, a1, a2, a3, panel, depth, c0, c1, c2, c3);
          continue;
        }
        tile(from, a1, a2, a3, panel, depth, held, held + 32, held + 64, held + 96);
        addEight(c0, held);
        addEight(c1, held + 32);
        addEight(c2, held + 64);
        addEight(c3, held + 96);
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function addEight(to: usize, from: usize): void {
  v128.store(to, f32x4.add(v128.load(to), v128.load(from)));
  v128.store(to, f32x4.add(v128.load(to, 16), v128.load(from, 16)), 16);
}

/** By entry of a sparse matrix: the product of its row of `left` with its column's row of `right`. */
export function entryProducts(
  thread: i32,
  control: usize,
  offsets: usize,
  indices: usize,
  rows: i32,
  left: usize,
  right: usize,
  columns: i32,
  out: usize,
): void {
  const stride = (<usize>columns) << 2;
  for (;;) {
    const first = takeChunk(control, blockRows, rows);
    if (first < 0) return;
    const last = min(first + blockRows, rows);
    for (let row: i32 = first; row < last; row++) {
      const from = left + <usize>row * stride;
      const end = (<usize>load<i32>(offsets + ((<usize>row) << 2), 4)) << 2;
      for (let at = (<usize>load<i32>(offsets + ((<usize>row) << 2))) << 2; at < end; at += 4) {
        const to = right + <usize>load<i32>(indices + at) * stride;
        store<f32>(out + at, dot(from, to, columns));
      }
    }
  }
}
