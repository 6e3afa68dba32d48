import { seededRandom } from '@backlot/core';
import type { Examples } from './examples.ts';

/** Standard normal numbers, by Box and Muller. */
export function normalSource(seed: number): () => number {
  const random = seededRandom(seed);
  return () =>
    Math.sqrt(-2 * Math.log(1 - random.uniform())) * Math.cos(2 * Math.PI * random.uniform());
}

/** A target of five numbers: linear in two of them, bent in a third, with noise. */
export function regressionExamples(seed: number, rows = 160): Examples {
  const normal = normalSource(seed);
  const values = Float64Array.from({ length: rows * 5 }, normal);
  const target = new Float64Array(rows).map((_, row) => {
    const [a, b, c] = values.subarray(row * 5, row * 5 + 3);
    return 3 + 2 * a! - b! + Math.tanh(c!) + 0.1 * normal();
  });
  return { features: { rows, columns: 5, values }, target };
}

/** Classes as clouds around corners, four numbers a row. */
export function classExamples(seed: number, classes = 3, rows = 180): Examples {
  const normal = normalSource(seed);
  const values = new Float64Array(rows * 4);
  const target = new Float64Array(rows).map((_, row) => {
    const label = row % classes;
    for (let column = 0; column < 4; column++) {
      values[row * 4 + column] = normal() + (column === label % 4 ? 4 : 0);
    }
    return label;
  });
  return { features: { rows, columns: 4, values }, target };
}

/** Counts of ten words in documents about two themes. */
export function countExamples(seed: number, rows = 120): Examples {
  const random = seededRandom(seed);
  const values = new Float64Array(rows * 10);
  const target = new Float64Array(rows).map((_, row) => {
    for (let word = 0; word < 30; word++) {
      const own = random.uniform() < 0.8 ? row % 2 : 1 - (row % 2);
      values[row * 10 + own * 5 + random.below(5)]! += 1;
    }
    return row % 2;
  });
  return { features: { rows, columns: 10, values }, target };
}
