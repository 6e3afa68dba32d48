import { seededRandom } from '@backlot/core';

/** Seeded normal floats. */
export function normals(length: number, seed: number): Float32Array {
  const random = seededRandom(seed);
  return Float32Array.from({ length }, () => random.normal());
}

/** The largest difference, beside the largest value. */
export function distance(found: ArrayLike<number>, wanted: ArrayLike<number>): number {
  let difference = found.length === wanted.length ? 0 : Infinity;
  let size = 0;
  for (let at = 0; at < wanted.length; at++) {
    difference = Math.max(difference, Math.abs(found[at]! - wanted[at]!));
    size = Math.max(size, Math.abs(wanted[at]!));
  }
  return difference / Math.max(size, 1e-30);
}
