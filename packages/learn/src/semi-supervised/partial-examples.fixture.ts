import { seededRandom } from '@backlot/core';
import type { Examples } from '../examples.ts';
import type { Matrix } from '../matrix.ts';
import { classExamples, normalSource } from '../tabular-examples.fixture.ts';

/** Clouds of three classes; the class is known of every fifth row. */
export function partialExamples(seed: number, rows = 150): Examples {
  const { features, target } = classExamples(seed, 3, rows);
  return { features, target: target!.map((label, row) => (row % 5 === 0 ? label : -1)) };
}

/** Two half circles around each other's ends, with noise; the true classes beside the rows. */
export function twoMoons(
  seed: number,
  rows = 200,
  noise = 0.06,
): { readonly features: Matrix; readonly truth: Float64Array } {
  const normal = normalSource(seed);
  const random = seededRandom(seed + 1);
  const values = new Float64Array(rows * 2);
  const truth = new Float64Array(rows).map((_, row) => {
    const label = row % 2;
    const angle = Math.PI * random.uniform();
    const [x, y] = [Math.cos(angle), Math.sin(angle)];
    values[2 * row] = (label === 0 ? x : 1 - x) + noise * normal();
    values[2 * row + 1] = (label === 0 ? y : 0.5 - y) + noise * normal();
    return label;
  });
  return { features: { rows, columns: 2, values }, truth };
}
