import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

const folder = join(import.meta.dirname, '../../../shared/data/adult');
const columns = 14;
const numeric = new Set([0, 2, 4, 10, 11, 12]);

interface AdultRows {
  /** Numbers, and words as codes in the order in which the rows to fit have them; NaN where missing. */
  readonly values: Float32Array;
  /** 1 above 50 000 dollars. */
  readonly labels: Float32Array;
}

/** The rows to fit, then those to judge by. */
export async function readAdult(train: number, test: number): Promise<AdultRows> {
  const lines = [...(await cellsOf('train', train)), ...(await cellsOf('test', test))];
  const codes = Array.from({ length: columns }, () => new Map<string, number>());
  const values = new Float32Array(lines.length * columns);
  lines.forEach((cells, row) => {
    for (let column = 0; column < columns; column++) {
      const cell = cells[column]!;
      const known = codes[column]!;
      if (!numeric.has(column) && cell !== '?' && !known.has(cell)) known.set(cell, known.size);
      const value = numeric.has(column) ? Number(cell) : (known.get(cell) ?? Number.NaN);
      values[row * columns + column] = value;
    }
  });
  return { values, labels: Float32Array.from(lines, (cells) => Number(cells[14]![0] === '>')) };
}

async function cellsOf(part: string, rows: number): Promise<readonly (readonly string[])[]> {
  const text = gunzipSync(await readFile(join(folder, `adult-${part}.csv.gz`))).toString();
  const lines = text.split('\n').map((line) => line.trim().split(/, ?/));
  const whole = lines.filter(({ length }) => length === columns + 1);
  if (whole.length !== rows) throw new Error(`adult-${part} has ${whole.length} rows, not ${rows}`);
  return whole;
}
