/** Rows that are packed together and stay in the caches. */
export const blockRows: i32 = 128;

/** Columns of a packed block: those of x, a column of ones, the target, zeros up to a multiple of 8. */
export function packedWidth(columns: i32): i32 {
  return (columns + 9) & ~7;
}

/**
 * Packs rows of x by panels of 8 columns, each number less its column's shift, times its scale: column
 * `columns` holds ones, the next the target (0 without one). With weights, rows are times their root.
 * Shifts and scales are of the type of x, padded to panels; the target's lie behind the columns'.
 */
export function packRows<T>(
  x: usize,
  rows: i32,
  columns: i32,
  shifts: usize,
  scales: usize,
  target: usize,
  weights: usize,
  packed: usize,
): void {
  const panelBytes = <usize>blockRows * 8 * sizeof<T>();
  const whole = columns & ~7;
  const width = packedWidth(columns);
  for (let row: i32 = 0; row < rows; row++) {
    const at = (<usize>row) << 3;
    const root: f64 = weights ? sqrt(load<f64>(weights + at)) : 1;
    let from = x + <usize>row * <usize>columns * sizeof<T>();
    let to = packed + <usize>row * 8 * sizeof<T>();
    for (let j: i32 = 0; j < whole; j += 8) {
      const place = <usize>j * sizeof<T>();
      standardisePanel<T>(from, shifts + place, scales + place, <T>root, to);
      from += 8 * sizeof<T>();
      to += panelBytes;
    }
    const y: f64 = target ? load<f64>(target + at) : 0;
    for (let j: i32 = whole; j < width; j++) {
      const place = <usize>j * sizeof<T>();
      let value: f64 = 0;
      if (j < columns) value = <f64>load<T>(from + <usize>(j - whole) * sizeof<T>());
      else if (j == columns) value = 1;
      else if (j == columns + 1) value = y;
      const moved = (value - <f64>load<T>(shifts + place)) * <f64>load<T>(scales + place) * root;
      const panel = to + <usize>((j - whole) >> 3) * panelBytes;
      store<T>(panel + <usize>(j & 7) * sizeof<T>(), <T>moved);
    }
  }
}

// @ts-ignore: decorator
@inline
function standardisePanel<T>(from: usize, shifts: usize, scales: usize, root: T, to: usize): void {
  const factor = v128.splat<T>(root);
  for (let k: usize = 0; k < 8 * sizeof<T>(); k += 16) {
    const moved = v128.sub<T>(v128.load(from + k), v128.load(shifts + k));
    v128.store(to + k, v128.mul<T>(v128.mul<T>(moved, v128.load(scales + k)), factor));
  }
}
