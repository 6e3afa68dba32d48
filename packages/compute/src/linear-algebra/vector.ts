/** The inner product of two stretches of memory, in four partial sums (so that they overlap). */
export function dot(
  a: Float64Array,
  aStart: number,
  b: Float64Array,
  bStart: number,
  length: number,
): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  const whole = length & ~3;
  for (let k = 0; k < whole; k += 4) {
    s0 += a[aStart + k]! * b[bStart + k]!;
    s1 += a[aStart + k + 1]! * b[bStart + k + 1]!;
    s2 += a[aStart + k + 2]! * b[bStart + k + 2]!;
    s3 += a[aStart + k + 3]! * b[bStart + k + 3]!;
  }
  for (let k = whole; k < length; k++) s0 += a[aStart + k]! * b[bStart + k]!;
  return s0 + s1 + (s2 + s3);
}

/** y += factor x over two stretches of memory. */
export function addScaled(
  y: Float64Array,
  yStart: number,
  factor: number,
  x: Float64Array,
  xStart: number,
  length: number,
): void {
  for (let k = 0; k < length; k++) y[yStart + k]! += factor * x[xStart + k]!;
}

/** Below and above, squares lose digits or overflow, and the sum is taken of scaled values. */
const smallSquare = 1e-280;

/** The Euclidean length of a stretch of memory, without overflow on the way. */
export function norm(
  x: Float64Array,
  start: number = 0,
  length: number = x.length - start,
): number {
  const squared = dot(x, start, x, start, length);
  if (squared > smallSquare && squared < Infinity) return Math.sqrt(squared);
  let largest = 0;
  for (let k = start; k < start + length; k++) largest = Math.max(largest, Math.abs(x[k]!));
  // NaN stays what it is; a vector of zeros has no scale.
  if (largest === 0 || !(largest < Infinity)) return largest;
  let scaled = 0;
  for (let k = start; k < start + length; k++) scaled += (x[k]! / largest) ** 2;
  return largest * Math.sqrt(scaled);
}

/** The largest absolute value; 0 for nothing, NaN where there is a NaN. */
export function largest(x: Float64Array): number {
  let found = 0;
  for (let k = 0; k < x.length; k++) found = Math.max(found, Math.abs(x[k]!));
  return found;
}
