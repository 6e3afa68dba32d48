import { seededRandom } from '@backlot/core';
import type { Matrix } from '@backlot/learn';

const columns = 50;
const clouds = 20;

/** Rows of fifty floats around twenty centres, which overlap somewhat. */
export function simulateClusters(rows: number, seed: number): Matrix {
  const random = seededRandom(seed);
  const centres = Float32Array.from({ length: clouds * columns }, () => 2 * random.normal());
  const values = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const from = random.below(clouds) * columns;
    // A sum of three uniform numbers is near enough to a normal one, and much faster.
    for (let j = 0; j < columns; j++) {
      const noise = random.uniform() + random.uniform() + random.uniform() - 1.5;
      values[row * columns + j] = centres[from + j]! + 2 * noise;
    }
  }
  return { rows, columns, values };
}
