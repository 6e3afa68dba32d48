import { addScaled, dot } from './vector.ts';

/** Solves L x = b in place of b, for a lower triangle of row-major `lower` (stride n). */
export function solveLower(lower: Float64Array, n: number, b: Float64Array): void {
  for (let i = 0; i < n; i++) b[i] = (b[i]! - dot(lower, i * n, b, 0, i)) / lower[i * n + i]!;
}

/** Solves L' x = b in place of b, for a lower triangle of row-major `lower` (stride n). */
export function solveLowerTransposed(lower: Float64Array, n: number, b: Float64Array): void {
  for (let i = n - 1; i >= 0; i--) {
    const found = b[i]! / lower[i * n + i]!;
    b[i] = found;
    addScaled(b, 0, -found, lower, i * n, i);
  }
}

/** Solves U x = b in place of b, for an upper triangle of row-major `upper` (stride n). */
export function solveUpper(upper: Float64Array, n: number, b: Float64Array): void {
  for (let i = n - 1; i >= 0; i--) {
    const rest = dot(upper, i * n + i + 1, b, i + 1, n - i - 1);
    b[i] = (b[i]! - rest) / upper[i * n + i]!;
  }
}

/** Solves U' x = b in place of b, for an upper triangle of row-major `upper` (stride n). */
export function solveUpperTransposed(upper: Float64Array, n: number, b: Float64Array): void {
  for (let i = 0; i < n; i++) {
    const found = b[i]! / upper[i * n + i]!;
    b[i] = found;
    addScaled(b, i + 1, -found, upper, i * n + i + 1, n - i - 1);
  }
}
