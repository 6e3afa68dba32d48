import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { nearest } from '@backlot/compute';
import { seededRandom } from '@backlot/core';

export const clustered = {
  rows: 100_000,
  queries: 10_000,
  columns: 64,
  k: 10,
  /** Floats: the rows, then the queries. From the root. */
  file: '.peers/data/neighbours-100000x64.f32',
  /** Row numbers: the 10 nearest to each query, by all distances. */
  truth: '.peers/data/neighbours-100000x64-nearest.i32',
} as const;

const clusters = 1000;
const root = join(import.meta.dirname, '../..');

export interface ClusteredRows {
  readonly rows: Float32Array;
  readonly queries: Float32Array;
}

/** Normal clouds of different widths around normal centres, written once for both sides. */
export async function readClustered(): Promise<ClusteredRows> {
  const { rows, columns, file } = clustered;
  const { buffer } = await readOnce(file, async () => drawClustered());
  const all = new Float32Array(buffer);
  return { rows: all.subarray(0, rows * columns), queries: all.subarray(rows * columns) };
}

/** The nearest rows to each query by looking at all, worked out once. */
export async function readTruth({ rows, queries }: ClusteredRows): Promise<Int32Array> {
  const query = { dimensions: clustered.columns, k: clustered.k };
  const { buffer } = await readOnce(
    clustered.truth,
    async () => (await nearest(rows, queries, query)).indices,
  );
  return new Int32Array(buffer);
}

async function readOnce(
  file: string,
  make: () => Promise<Float32Array | Int32Array>,
): Promise<Uint8Array<ArrayBuffer>> {
  const path = join(root, file);
  if (!existsSync(path)) {
    mkdirSync(dirname(path), { recursive: true });
    await writeFile(`${path}.part`, await make());
    renameSync(`${path}.part`, path);
  }
  return new Uint8Array(await readFile(path));
}

function drawClustered(): Float32Array {
  const { rows, queries, columns } = clustered;
  const random = seededRandom(1);
  const centres = Float32Array.from({ length: clusters * columns }, () => random.normal());
  const widths = Float32Array.from({ length: clusters }, () => 0.3 + 0.7 * random.uniform());
  const all = new Float32Array((rows + queries) * columns);
  for (let row = 0; row < rows + queries; row++) {
    const cluster = random.below(clusters);
    for (let column = 0; column < columns; column++) {
      const centre = centres[cluster * columns + column]!;
      all[row * columns + column] = centre + widths[cluster]! * random.normal();
    }
  }
  return all;
}

/** The share of the nearest that were found, both queries x k. */
export function recallOf(found: Int32Array, truth: Int32Array): number {
  const { k } = clustered;
  let hits = 0;
  for (let at = 0; at < truth.length; at += k) {
    const wanted = truth.subarray(at, at + k);
    for (const row of found.subarray(at, at + k)) hits += Number(wanted.includes(row));
  }
  return hits / truth.length;
}
