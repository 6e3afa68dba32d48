import { takeChunk } from './work';

/**
 * Packs the rows of x (rows x depth) as panels of eight: panel p holds, for each of depth, the values of
 * rows 8 p to 8 p + 7 side by side. Rows past the last are zero.
 */
export function pack(
  thread: i32,
  control: usize,
  x: usize,
  rows: i32,
  depth: i32,
  panels: usize,
): void {
  const stride = (<usize>depth) << 2;
  for (;;) {
    const first = takeChunk(control, 8, rows);
    if (first < 0) return;
    const panel = panels + first * stride;
    for (let lane: i32 = 0; lane < 8; lane++) {
      const row = x + (first + lane) * stride;
      let to = panel + ((<usize>lane) << 2);
      const there = first + lane < rows;
      for (let k: usize = 0; k < stride; k += 4, to += 32) {
        store<f32>(to, there ? load<f32>(row + k) : 0);
      }
    }
  }
}
