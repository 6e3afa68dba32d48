import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { seededRandom } from '@backlot/core';

export const simulated = {
  rows: 1_000_000,
  columns: 50,
  /** Floats: the rows, then by row a number and a class (0 or 1) that depend on them. From the root. */
  file: '.peers/data/classic-1000000x50.f32',
} as const;

export interface SimulatedRows {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float32Array;
  readonly target: Float32Array;
  readonly labels: Float32Array;
}

const root = join(import.meta.dirname, '../..');

/** Normal columns of different means and spreads, written once for both sides. */
export async function readSimulated(): Promise<SimulatedRows> {
  const { rows, columns, file } = simulated;
  const path = join(root, file);
  if (!existsSync(path)) await writeSimulated(path);
  const { buffer } = new Uint8Array(await readFile(path));
  const at = rows * columns;
  return {
    rows,
    columns,
    values: new Float32Array(buffer, 0, at),
    target: new Float32Array(buffer, 4 * at, rows),
    labels: new Float32Array(buffer, 4 * (at + rows), rows),
  };
}

async function writeSimulated(path: string): Promise<void> {
  const { rows, columns } = simulated;
  const random = seededRandom(1);
  const slopes = Array.from({ length: columns }, () => 0.3 * random.normal());
  const all = new Float32Array(rows * (columns + 2));
  for (let row = 0; row < rows; row++) {
    let score = 0.5;
    for (let j = 0; j < columns; j++) {
      const z = random.normal();
      score += z * slopes[j]!;
      all[row * columns + j] = z * (1 + (j % 5)) + (j % 3);
    }
    all[rows * columns + row] = score + random.normal();
    all[rows * (columns + 1) + row] = Number(random.uniform() < 1 / (1 + Math.exp(-score)));
  }
  mkdirSync(dirname(path), { recursive: true });
  await writeFile(`${path}.part`, all);
  renameSync(`${path}.part`, path);
}
