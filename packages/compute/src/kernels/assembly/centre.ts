import { takeChunk } from './work';

/** Sums of the columns in doubles, each segment's (columns wide) by itself, added in the order of rows. */
export function columnSums(
  thread: i32,
  control: usize,
  x: usize,
  rows: i32,
  columns: i32,
  segments: i32,
  segmentRows: i32,
  sums: usize,
): void {
  const stride = (<usize>columns) << 2;
  for (;;) {
    const segment = takeChunk(control, 1, segments);
    if (segment < 0) return;
    const first = segment * segmentRows;
    const out = sums + (<usize>segment) * (stride << 1);
    memory.fill(out, 0, stride << 1);
    const end = x + (<usize>min(rows, first + segmentRows)) * stride;
    for (let row = x + (<usize>first) * stride; row < end; row += stride) {
      let k: i32 = 0;
      let from = row;
      let to = out;
      for (; k + 4 <= columns; k += 4, from += 16, to += 32) {
        const value = v128.load(from);
        const high = v128.shuffle<f32>(value, value, 2, 3, 2, 3);
        v128.store(to, f64x2.add(v128.load(to), f64x2.promote_low_f32x4(value)));
        v128.store(to, f64x2.add(v128.load(to, 16), f64x2.promote_low_f32x4(high)), 16);
      }
      for (; k < columns; k++, from += 4, to += 8) {
        store<f64>(to, load<f64>(to) + <f64>load<f32>(from));
      }
    }
  }
}

/** Takes the shift (columns) from every row in its place, and gives each row's squared length. */
export function centre(
  thread: i32,
  control: usize,
  x: usize,
  rows: i32,
  columns: i32,
  shift: usize,
  squares: usize,
): void {
  const stride = (<usize>columns) << 2;
  for (;;) {
    const first = takeChunk(control, 1024, rows);
    if (first < 0) return;
    const last = min(rows, first + 1024);
    for (let row: i32 = first; row < last; row++) {
      let at = x + (<usize>row) * stride;
      let from = shift;
      let total = f32x4.splat(0);
      let k: i32 = 0;
      for (; k + 4 <= columns; k += 4, at += 16, from += 16) {
        const value = f32x4.sub(v128.load(at), v128.load(from));
        v128.store(at, value);
        total = f32x4.add(total, f32x4.mul(value, value));
      }
      let sum =
        f32x4.extract_lane(total, 0) +
        f32x4.extract_lane(total, 1) +
        (f32x4.extract_lane(total, 2) + f32x4.extract_lane(total, 3));
      for (; k < columns; k++, at += 4, from += 4) {
        const value = load<f32>(at) - load<f32>(from);
        store<f32>(at, value);
        sum += value * value;
      }
      store<f32>(squares + ((<usize>row) << 2), sum);
    }
  }
}
