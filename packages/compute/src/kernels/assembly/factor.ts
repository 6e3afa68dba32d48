/**
 * For a symmetric positive definite matrix of doubles (n x n, upper triangle read, n even): its Cholesky
 * factor U (U' U = matrix) in place of the upper triangle, and the inverse of U' (lower triangular) in
 * `inverse`. One thread does it. Answers by a status at `status`: 0 done, else 1 + the first pivot that
 * is not positive.
 */
export function factor(
  thread: i32,
  control: usize,
  matrix: usize,
  n: i32,
  inverse: usize,
  status: usize,
): void {
  if (atomic.add<i32>(control, 1) != 0) return;
  store<i32>(status, decompose(matrix, n));
  if (load<i32>(status) == 0) invert(matrix, n, inverse);
}

function decompose(matrix: usize, n: i32): i32 {
  const stride = (<usize>n) << 3;
  for (let k: i32 = 0; k < n; k++) {
    const row = matrix + k * stride;
    const pivot = load<f64>(row + ((<usize>k) << 3));
    if (!(pivot > 0)) return k + 1;
    scale(row + ((<usize>k) << 3), n - k, 1 / sqrt(pivot));
    for (let i: i32 = k + 1; i < n; i++) {
      const from = (<usize>(i & ~1)) << 3;
      const value = load<f64>(row + ((<usize>i) << 3));
      subtractScaled(matrix + i * stride + from, row + from, value, n - (i & ~1));
    }
  }
  return 0;
}

function invert(upper: usize, n: i32, inverse: usize): void {
  const stride = (<usize>n) << 3;
  memory.fill(inverse, 0, n * stride);
  for (let k: i32 = 0; k < n; k++) store<f64>(inverse + k * stride + ((<usize>k) << 3), 1);
  for (let k: i32 = 0; k < n; k++) {
    const row = upper + k * stride;
    const done = inverse + k * stride;
    scale(done, k + 1, 1 / load<f64>(row + ((<usize>k) << 3)));
    const width = (k + 2) & ~1;
    for (let i: i32 = k + 1; i < n; i++) {
      subtractScaled(inverse + i * stride, done, load<f64>(row + ((<usize>i) << 3)), width);
    }
  }
}

function scale(x: usize, length: i32, factor: f64): void {
  for (const end = x + ((<usize>length) << 3); x < end; x += 8) store<f64>(x, load<f64>(x) * factor);
}

/** y -= factor x, for an even length. */
function subtractScaled(y: usize, x: usize, factor: f64, length: i32): void {
  const by = f64x2.splat(factor);
  for (let i: usize = 0, end = (<usize>length) << 3; i < end; i += 16) {
    v128.store(y + i, f64x2.sub(v128.load(y + i), f64x2.mul(by, v128.load(x + i))));
  }
}
