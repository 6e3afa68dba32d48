import { takeChunk } from './work';

const chunkRows: i32 = 64;

/**
 * out = A x for sparse rows A and row-major doubles x (columns of A x width): the products of a row are
 * added up in the order of its entries, as the plain twin does. The width is 1 or even; entries are squared
 * first where `squared` is set.
 */
export function sparseMultiply(
  thread: i32,
  control: usize,
  offsets: usize,
  indices: usize,
  values: usize,
  single: i32,
  squared: i32,
  rows: i32,
  x: usize,
  width: i32,
  out: usize,
): void {
  for (;;) {
    const first = takeChunk(control, chunkRows, rows);
    if (first < 0) return;
    const end = min(rows, first + chunkRows);
    for (let row = first; row < end; row++) {
      const from = load<i32>(offsets + (<usize>row << 2));
      const count = load<i32>(offsets + (<usize>row << 2), 4) - from;
      const to = out + ((<usize>row * <usize>width) << 3);
      const index = indices + (<usize>from << 2);
      if (single) {
        multiplyRow<f32>(index, values + (<usize>from << 2), count, squared, x, width, to);
      } else multiplyRow<f64>(index, values + (<usize>from << 3), count, squared, x, width, to);
    }
  }
}

// @ts-ignore: decorator
@inline
function entry<T>(values: usize, at: i32, squared: i32): f64 {
  const value = <f64>load<T>(values + <usize>at * sizeof<T>());
  return squared ? value * value : value;
}

function multiplyRow<T>(
  indices: usize,
  values: usize,
  count: i32,
  squared: i32,
  x: usize,
  width: i32,
  out: usize,
): void {
  if (width == 1) {
    let sum: f64 = 0;
    for (let at: i32 = 0; at < count; at++) {
      const index = <usize>load<i32>(indices + (<usize>at << 2));
      sum += entry<T>(values, at, squared) * load<f64>(x + (index << 3));
    }
    store<f64>(out, sum);
    return;
  }
  const stride = <usize>width << 3;
  let column: i32 = 0;
  for (; column + 8 <= width; column += 8) {
    multiplyEight<T>(indices, values, count, squared, x + (<usize>column << 3), stride, out);
    out += 64;
  }
  for (; column + 4 <= width; column += 4) {
    multiplyFour<T>(indices, values, count, squared, x + (<usize>column << 3), stride, out);
    out += 32;
  }
  for (; column < width; column += 2) {
    let sum = f64x2.splat(0);
    for (let at: i32 = 0; at < count; at++) {
      const from = x + (<usize>column << 3) + <usize>load<i32>(indices + (<usize>at << 2)) * stride;
      const value = f64x2.splat(entry<T>(values, at, squared));
      sum = f64x2.add(sum, f64x2.mul(value, v128.load(from)));
    }
    v128.store(out, sum);
    out += 16;
  }
}

function multiplyEight<T>(
  indices: usize,
  values: usize,
  count: i32,
  squared: i32,
  x: usize,
  stride: usize,
  out: usize,
): void {
  let a = f64x2.splat(0);
  let b = a;
  let c = a;
  let d = a;
  for (let at: i32 = 0; at < count; at++) {
    const from = x + <usize>load<i32>(indices + (<usize>at << 2)) * stride;
    const value = f64x2.splat(entry<T>(values, at, squared));
    a = f64x2.add(a, f64x2.mul(value, v128.load(from)));
    b = f64x2.add(b, f64x2.mul(value, v128.load(from, 16)));
    c = f64x2.add(c, f64x2.mul(value, v128.load(from, 32)));
    d = f64x2.add(d, f64x2.mul(value, v128.load(from, 48)));
  }
  v128.store(out, a);
  v128.store(out, b, 16);
  v128.store(out, c, 32);
  v128.store(out, d, 48);
}

function multiplyFour<T>(
  indices: usize,
  values: usize,
  count: i32,
  squared: i32,
  x: usize,
  stride: usize,
  out: usize,
): void {
  let a = f64x2.splat(0);
  let b = a;
  for (let at: i32 = 0; at < count; at++) {
    const from = x + <usize>load<i32>(indices + (<usize>at << 2)) * stride;
    const value = f64x2.splat(entry<T>(values, at, squared));
    a = f64x2.add(a, f64x2.mul(value, v128.load(from)));
    b = f64x2.add(b, f64x2.mul(value, v128.load(from, 16)));
  }
  v128.store(out, a);
  v128.store(out, b, 16);
}
