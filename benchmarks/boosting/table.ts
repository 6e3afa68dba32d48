import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readAdult } from './adult.ts';
import { simulate } from './simulated.ts';

/** Rows to fit and rows to judge by, in a file that both sides read. */
export interface BoostingTable {
  readonly name: 'simulated' | 'adult';
  readonly train: number;
  readonly test: number;
  readonly columns: number;
  /** Columns that hold codes of categories. */
  readonly categorical: readonly number[];
  /** Floats, from the root: the rows to fit, the rows to judge by, then a label of 0 or 1 for each. */
  readonly file: string;
}

export const simulatedTable: BoostingTable = {
  ...{ name: 'simulated', train: 1_000_000, test: 200_000, columns: 28, categorical: [] },
  file: '.peers/data/boosting-simulated.f32',
};

export const adultTable: BoostingTable = {
  ...{ name: 'adult', train: 32_561, test: 16_281, columns: 14 },
  ...{ categorical: [1, 3, 5, 6, 7, 8, 9, 13], file: '.peers/data/boosting-adult.f32' },
};

interface TablePart {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float32Array;
  readonly labels: Float32Array;
}

const root = join(import.meta.dirname, '../..');

/** Reads a table, which the first who asks writes. */
export async function readTable(
  table: BoostingTable,
): Promise<{ readonly train: TablePart; readonly test: TablePart }> {
  const { train, test, columns, file } = table;
  const path = join(root, file);
  if (!existsSync(path)) await writeTable(table, path);
  const { buffer } = new Uint8Array(await readFile(path));
  const labels = new Float32Array(buffer, 4 * (train + test) * columns, train + test);
  const part = (first: number, rows: number): TablePart => ({
    ...{ rows, columns, labels: labels.subarray(first, first + rows) },
    values: new Float32Array(buffer, 4 * first * columns, rows * columns),
  });
  return { train: part(0, train), test: part(train, test) };
}

async function writeTable({ name, train, test }: BoostingTable, path: string): Promise<void> {
  const { values, labels } =
    name === 'adult' ? await readAdult(train, test) : simulate(train + test, 1);
  const all = new Float32Array(values.length + labels.length);
  all.set(values);
  all.set(labels, values.length);
  mkdirSync(dirname(path), { recursive: true });
  await writeFile(`${path}.part`, all);
  renameSync(`${path}.part`, path);
}
