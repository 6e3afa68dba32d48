import { takeChunk } from './work';
import { tile } from './tile';

/** Rows of the left side that stay in the second-level cache while the panels pass. */
const blockRows: i32 = 64;

/**
 * c = a b for a (rows x depth) and packed panels b (depth x 8 each); c has 8 x depth / 8 columns, so b is
 * square. Shape: 0 dense, 1 upper triangular (rows of b up to the panel), 2 lower triangular (from it).
 * c must not be a. Rows are padded to a multiple of 4 by the caller.
 */
export function multiply(
  thread: i32,
  control: usize,
  a: usize,
  rows: i32,
  depth: i32,
  panels: usize,
  shape: i32,
  c: usize,
): void {
  const stride = (<usize>depth) << 2;
  for (;;) {
    const first = takeChunk(control, blockRows, rows);
    if (first < 0) return;
    const last = min(first + blockRows, rows);
    multiplyBlock(a + first * stride, last - first, depth, panels, shape, c + first * stride);
  }
}

export function multiplyBlock(
  a: usize,
  rows: i32,
  depth: i32,
  panels: usize,
  shape: i32,
  c: usize,
): void {
  const stride = (<usize>depth) << 2;
  for (let column: i32 = 0; column < depth; column += 8) {
    const from = shape == 2 ? column : 0;
    const to = shape == 1 ? column + 8 : depth;
    const panel = panels + column * stride + ((<usize>from) << 5);
    const out = c + ((<usize>column) << 2);
    for (let row: i32 = 0; row < rows; row += 4) {
      const at = a + row * stride + ((<usize>from) << 2);
      const to4 = out + row * stride;
      tile(
        at,
        at + stride,
        at + 2 * stride,
        at + 3 * stride,
        panel,
        to - from,
        to4,
        to4 + stride,
        to4 + 2 * stride,
        to4 + 3 * stride,
      );
    }
  }
}
