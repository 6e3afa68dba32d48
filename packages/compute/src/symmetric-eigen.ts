/** Eigenvalues ascending and, as rows, their orthonormal eigenvectors. */
export interface SymmetricEigen {
  readonly values: Float64Array;
  readonly vectors: Float64Array;
}

/**
 * The eigendecomposition of a symmetric matrix (n x n row-major): Householder reduction to tridiagonal form,
 * then implicit QL (Golub and Van Loan, Matrix Computations, 8.3). The vectors are kept as rows, so that
 * both the reflections and the rotations run along memory.
 */
export function symmetricEigen(matrix: Float64Array, n: number): SymmetricEigen {
  const work = matrix.slice();
  const diagonal = new Float64Array(n);
  const beside = new Float64Array(n);
  const vectors = tridiagonalise(work, n, diagonal, beside);
  iterate(diagonal, beside, vectors, n);
  return ascending(diagonal, vectors, n);
}

/** Reduces rows from the last; reflections stay in `work` and are gathered into the vectors at the end. */
function tridiagonalise(
  work: Float64Array,
  n: number,
  diagonal: Float64Array,
  beside: Float64Array,
): Float64Array {
  const lengths = new Float64Array(n);
  const image = new Float64Array(n);
  for (let i = n - 1; i > 0; i--) {
    const row = i * n;
    const { half, left } = reflector(work, row, i);
    lengths[i] = half;
    beside[i] = left;
    if (half !== 0) reflect(work, n, i, half, image);
  }
  for (let i = 0; i < n; i++) diagonal[i] = work[i * n + i]!;
  return gatherReflections(work, n, lengths);
}

/**
 * Turns the row's first i entries into a reflector: half its squared length (0 where nothing is to be done),
 * and the entry that it leaves beside the diagonal.
 */
function reflector(
  work: Float64Array,
  row: number,
  i: number,
): { readonly half: number; readonly left: number } {
  let rest = 0;
  for (let k = 0; k < i - 1; k++) rest += work[row + k]! ** 2;
  const pivot = work[row + i - 1]!;
  if (rest === 0) return { half: 0, left: pivot };
  const squared = rest + pivot ** 2;
  const length = pivot < 0 ? -Math.sqrt(squared) : Math.sqrt(squared);
  work[row + i - 1] = pivot + length;
  return { half: squared + pivot * length, left: -length };
}

/** Applies the reflector in row i from both sides to the leading block. */
function reflect(
  work: Float64Array,
  n: number,
  i: number,
  half: number,
  image: Float64Array,
): void {
  const u = i * n;
  let overlap = 0;
  for (let r = 0; r < i; r++) {
    let value = 0;
    for (let k = 0; k < i; k++) value += work[r * n + k]! * work[u + k]!;
    image[r] = value / half;
    overlap += image[r]! * work[u + r]!;
  }
  const shift = overlap / (2 * half);
  for (let r = 0; r < i; r++) image[r]! -= shift * work[u + r]!;
  for (let r = 0; r < i; r++) {
    const a = work[u + r]!;
    const b = image[r]!;
    for (let k = 0; k < i; k++) work[r * n + k]! -= a * image[k]! + b * work[u + k]!;
  }
}

/** The product of the reflections, transposed: rows are the directions of the tridiagonal matrix. */
function gatherReflections(work: Float64Array, n: number, lengths: Float64Array): Float64Array {
  const vectors = new Float64Array(n * n);
  for (let i = 0; i < n; i++) vectors[i * n + i] = 1;
  for (let i = 1; i < n; i++) {
    const half = lengths[i]!;
    if (half === 0) continue;
    for (let r = 0; r < i; r++) {
      let value = 0;
      for (let k = 0; k < i; k++) value += vectors[r * n + k]! * work[i * n + k]!;
      value /= half;
      for (let k = 0; k < i; k++) vectors[r * n + k]! -= value * work[i * n + k]!;
    }
  }
  return vectors;
}

/** More rounds than any matrix needs for one value; a bound so that NaN ends. */
const maxRounds = 60;

function iterate(d: Float64Array, beside: Float64Array, vectors: Float64Array, n: number): void {
  const e = new Float64Array(n);
  e.set(beside.subarray(1));
  for (let l = 0; l < n; l++) {
    for (let round = 0; round < maxRounds; round++) {
      let m = l;
      while (m < n - 1) {
        const scale = Math.abs(d[m]!) + Math.abs(d[m + 1]!);
        if (Math.abs(e[m]!) <= Number.EPSILON * scale) break;
        m++;
      }
      if (m === l) break;
      chase(d, e, vectors, n, l, m);
    }
  }
}

/** One implicit QL step on rows l to m. */
function chase(
  d: Float64Array,
  e: Float64Array,
  vectors: Float64Array,
  n: number,
  l: number,
  m: number,
): void {
  let g = (d[l + 1]! - d[l]!) / (2 * e[l]!);
  let r = Math.hypot(g, 1);
  g = d[m]! - d[l]! + e[l]! / (g + (g < 0 ? -r : r));
  let s = 1;
  let c = 1;
  let p = 0;
  for (let i = m - 1; i >= l; i--) {
    const f = s * e[i]!;
    const b = c * e[i]!;
    r = Math.sqrt(f * f + g * g);
    e[i + 1] = r;
    if (r === 0) {
      d[i + 1]! -= p;
      e[m] = 0;
      return;
    }
    s = f / r;
    c = g / r;
    g = d[i + 1]! - p;
    r = (d[i]! - g) * s + 2 * c * b;
    p = s * r;
    d[i + 1] = g + p;
    g = c * r - b;
    rotate(vectors, i * n, (i + 1) * n, n, s, c);
  }
  d[l]! -= p;
  e[l] = g;
  e[m] = 0;
}

function rotate(
  vectors: Float64Array,
  low: number,
  high: number,
  n: number,
  s: number,
  c: number,
): void {
  for (let k = 0; k < n; k++) {
    const f = vectors[high + k]!;
    const g = vectors[low + k]!;
    vectors[high + k] = s * g + c * f;
    vectors[low + k] = c * g - s * f;
  }
}

function ascending(values: Float64Array, vectors: Float64Array, n: number): SymmetricEigen {
  const order = Array.from(values.keys()).sort((a, b) => values[a]! - values[b]! || a - b);
  const sorted = new Float64Array(n * n);
  order.forEach((from, to) => {
    sorted.set(vectors.subarray(from * n, (from + 1) * n), to * n);
  });
  return { values: Float64Array.from(order, (from) => values[from]!), vectors: sorted };
}
