import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Matrix } from '@backlot/learn';

interface RankingRows {
  readonly features: Matrix;
  /** Grades from 0 to 4. */
  readonly target: Float64Array;
  /** Rows of each query, one after the other. */
  readonly groups: Int32Array;
}

/** Where LightGBM's ranking example lies, outside the repository; from the root. */
export const exampleFolder = '../shared/data/lightgbm-examples';

const folder = join(import.meta.dirname, '../..', exampleFolder);
const columns = 301;

/** Reads `grade column:value ...` lines. */
export async function readRanking(part: 'train' | 'test'): Promise<RankingRows> {
  const text = gunzipSync(await readFile(join(folder, `rank.${part}.gz`))).toString();
  const lines = text.trim().split('\n');
  const values = new Float64Array(lines.length * columns);
  const target = Float64Array.from(lines, (line, row) => {
    const [grade, ...cells] = line.trim().split(/\s+/);
    for (const cell of cells) {
      const [column, value] = cell.split(':');
      values[row * columns + Number(column)] = Number(value);
    }
    return Number(grade);
  });
  const sizes = (await readFile(join(folder, `rank.${part}.query`), 'utf8')).trim().split('\n');
  return {
    features: { rows: lines.length, columns, values },
    ...{ target, groups: Int32Array.from(sizes, Number) },
  };
}
