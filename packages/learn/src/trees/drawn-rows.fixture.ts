import type { Matrix } from '../matrix.ts';

interface DrawnRows {
  readonly features: Matrix;
  readonly classes: Float64Array;
  readonly numbers: Float64Array;
  readonly weights: Float64Array;
}

/**
 * Rows of five whole numbers with few distinct values, by a generator that other languages have in one line
 * (x -> 1103515245 x + 12345 mod 2^31), so that other libraries can be given the same.
 */
export function drawnRows(seed: number, rows: number, missing = false): DrawnRows {
  let state = seed;
  const below = (n: number): number => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return (state >> 16) % n;
  };
  const values = new Float64Array(rows * 5);
  const [classes, numbers, weights] = [0, 0, 0].map(() => new Float64Array(rows));
  for (let row = 0; row < rows; row++) {
    const x = [below(40), below(30), below(20), below(9), below(50)] as const;
    values.set(x, row * 5);
    const score = x[0] + 2 * x[1] - x[2] * (x[3] > 4 ? 1 : -1) + below(25);
    numbers![row] = score + below(7) / 7;
    classes![row] = score < 45 ? 0 : score < 75 ? 1 : 2;
    weights![row] = 1 + below(4);
    if (missing && below(5) === 0) values[row * 5 + 1] = Number.NaN;
  }
  const features = { rows, columns: 5, values };
  return { features, classes: classes!, numbers: numbers!, weights: weights! };
}
