import type { Plane } from './pixels.ts';
import { shrinkPlane } from './resize-pixels.ts';

/**
 * Histograms of oriented gradients (Dalal and Triggs 2005) over one block: the brightness at 16 pixels a
 * cell, central differences (0 at the border), each pixel's size of gradient added to the bin of its
 * direction from 0 to 180 degrees in its cell, and all cells x cells x orientations numbers, row by row,
 * divided by their common length.
 */
export function edgeOrientations(luma: Plane, cells: number, orientations: number): Float64Array {
  const side = 16 * cells;
  const { values } = shrinkPlane(luma, side, side);
  const out = new Float64Array(cells * cells * orientations);
  for (let row = 0; row < side; row++) {
    const cellRow = (row >> 4) * cells;
    for (let x = 0; x < side; x++) {
      const at = row * side + x;
      const across = x > 0 && x < side - 1 ? values[at + 1]! - values[at - 1]! : 0;
      const down = row > 0 && row < side - 1 ? values[at + side]! - values[at - side]! : 0;
      const size = Math.sqrt(across * across + down * down);
      if (size < 1e-9) continue;
      out[(cellRow + (x >> 4)) * orientations + directionBin(across, down, orientations)]! += size;
    }
  }
  const length = Math.sqrt(out.reduce((sum, value) => sum + value * value, 0));
  return length > 0 ? out.map((value) => value / length) : out;
}

function directionBin(across: number, down: number, orientations: number): number {
  const angle = Math.atan2(down, across) / Math.PI;
  const half = angle < 0 ? angle + 1 : angle;
  // Just below 0 rounds to a whole turn, which is direction 0 again.
  return Math.floor(half * orientations) % orientations;
}
