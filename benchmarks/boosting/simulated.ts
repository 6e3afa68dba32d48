import { seededRandom } from '@backlot/core';

export interface SimulatedRows {
  readonly rows: number;
  readonly columns: number;
  /** rows x columns. */
  readonly values: Float32Array;
  /** 0 or 1. */
  readonly labels: Float32Array;
}

const columns = 28;

/**
 * Rows like those of a physics detector: 21 measured numbers, some of them skewed or of few values, and 7
 * derived from them, with a label that depends on products, bends and thresholds and is noisy.
 */
export function simulate(rows: number, seed: number): SimulatedRows {
  const random = seededRandom(seed);
  const values = new Float32Array(rows * columns);
  const labels = new Float32Array(rows);
  for (let row = 0; row < rows; row++) {
    const x = values.subarray(row * columns, (row + 1) * columns);
    for (let k = 0; k < 21; k++) x[k] = measured(k, random.normal(), random.uniform());
    derive(x);
    const odds = signal(x) + 0.8 * random.normal();
    labels[row] = random.uniform() < 1 / (1 + Math.exp(-odds)) ? 1 : 0;
  }
  return { rows, columns, values, labels };
}

function measured(k: number, normal: number, uniform: number): number {
  if (k % 4 === 0) return Math.exp(0.5 * normal);
  if (k % 7 === 3) return uniform < 0.5 ? 0 : uniform < 0.75 ? 1.0865 : 2.173;
  return normal;
}

function derive(x: Float32Array): void {
  x[21] = Math.hypot(x[0]!, x[4]!);
  x[22] = Math.hypot(x[1]!, x[5]!, x[9]!);
  x[23] = x[0]! * Math.cosh(Math.min(2, Math.abs(x[1]!)));
  x[24] = Math.sqrt(x[8]! * x[12]!) * Math.abs(Math.sin(x[2]!));
  x[25] = x[16]! / (x[20]! + 0.3);
  x[26] = Math.log1p(x[0]! * x[4]! * x[8]!);
  x[27] = Math.abs(x[6]! - x[13]!);
}

function signal(x: Float32Array): number {
  const bend = Math.sin(2 * x[1]!) * x[5]! + 0.7 * Math.tanh(x[2]! * x[6]!);
  const gate = x[3]! > 1 && x[9]! > 0 ? 0.9 : -0.2;
  const ratio = 0.6 * Math.log(x[25]! + 0.1) - 0.5 * Math.abs(x[22]! - 1.5);
  return bend + gate + ratio + 0.4 * x[27]! * x[13]! - 0.5 * x[26]! + 0.3 * x[24]!;
}
