import { takeChunk } from './work';

/** How one feature's values become bins, and where those are written. */
@unmanaged
class BinRule {
  column: i32;
  /** Of a shared column: where this feature's bins begin, and the bin that is not written. */
  offset: i32;
  hidden: i32;
  missing: i32;
  categorical: i32;
  /** 256 doubles, ascending, Infinity past the last: the upper ends of bins, or the categories. */
  bounds: usize;
}

const chunkRows: i32 = 512;

/**
 * Writes the bins of rows of values (row-major), by row and by column. A value's bin is how many bounds
 * are below it; NaN, and a category that has no bin, is the missing bin.
 */
export function bin(
  thread: i32,
  control: usize,
  values: usize,
  width: i32,
  rows: i32,
  features: i32,
  rules: usize,
  binRows: usize,
  stride: i32,
  binColumns: usize,
  firstRow: i32,
  totalRows: i32,
): void {
  for (;;) {
    const first = takeChunk(control, chunkRows, rows);
    if (first < 0) return;
    const last = min(first + chunkRows, rows);
    for (let f: i32 = 0; f < features; f++) {
      const rule = changetype<BinRule>(rules + f * 24);
      let from = values + (<usize>first * <usize>features + <usize>f) * <usize>width;
      const step = <usize>features * <usize>width;
      const at = <usize>(firstRow + first);
      let byRow = binRows + at * <usize>stride + rule.column;
      let byColumn = binColumns + <usize>rule.column * <usize>totalRows + at;
      for (let row = first; row < last; row++) {
        const value = width == 8 ? load<f64>(from) : <f64>load<f32>(from);
        let found = binOf(rule, value);
        if (rule.hidden < 0 || found != rule.hidden) {
          if (rule.hidden >= 0) found = rule.offset + (found > rule.hidden ? found - 1 : found);
          store<u8>(byRow, <u8>found);
          store<u8>(byColumn, <u8>found);
        }
        from += step;
        byRow += <usize>stride;
        byColumn++;
      }
    }
  }
}

@inline
function binOf(rule: BinRule, value: f64): i32 {
  if (value != value) return rule.missing;
  let at = rule.bounds;
  at += load<f64>(at, 127 * 8) < value ? 128 * 8 : 0;
  at += load<f64>(at, 63 * 8) < value ? 64 * 8 : 0;
  at += load<f64>(at, 31 * 8) < value ? 32 * 8 : 0;
  at += load<f64>(at, 15 * 8) < value ? 16 * 8 : 0;
  at += load<f64>(at, 7 * 8) < value ? 8 * 8 : 0;
  at += load<f64>(at, 3 * 8) < value ? 4 * 8 : 0;
  at += load<f64>(at, 1 * 8) < value ? 2 * 8 : 0;
  at += load<f64>(at) < value ? 8 : 0;
  if (rule.categorical && load<f64>(at) != value) return rule.missing;
  return <i32>((at - rule.bounds) >> 3);
}
