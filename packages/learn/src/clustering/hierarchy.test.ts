import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adjustedRandIndex, agglomerative, dbscan, fit, type Matrix, predict } from '../index.ts';
import { classExamples, normalSource } from '../tabular-examples.fixture.ts';
import { tabularLaws } from '../tabular-laws.fixture.ts';
import { linkage } from './linkage.ts';

const { features } = classExamples(1, 3, 90);
tabularLaws({
  specification: agglomerative({ clusters: 3 }),
  examples: { features },
  verbs: ['predict'],
  rowOrder: { seeded: 'clusters are numbered by their first rows' },
});
tabularLaws({
  specification: dbscan({ radius: 1.8, least: 4 }),
  examples: { features },
  verbs: ['predict'],
  rowOrder: { seeded: 'clusters are numbered by their first cores' },
});

type Rule = 'ward' | 'average' | 'complete' | 'single';

/** Merges the two clusters that are nearest by the definition of the rule, over and over. */
function plainMerges({ rows, columns, values }: Matrix, rule: Rule): number[] {
  const row = (at: number): number[] => [...values.subarray(at * columns, (at + 1) * columns)];
  const gap = (a: number[], b: number[]): number => Math.hypot(...a.map((x, k) => x - b[k]!));
  const mean = (own: number[]): number[] =>
    row(0).map((_, k) => own.reduce((sum, at) => sum + row(at)[k]!, 0) / own.length);
  const apart = (a: number[], b: number[]): number => {
    if (rule === 'ward') {
      return gap(mean(a), mean(b)) * Math.sqrt((2 * a.length * b.length) / (a.length + b.length));
    }
    const all = a.flatMap((one) => b.map((other) => gap(row(one), row(other))));
    if (rule === 'single') return Math.min(...all);
    if (rule === 'complete') return Math.max(...all);
    return all.reduce((sum, one) => sum + one, 0) / all.length;
  };
  let clusters = Array.from({ length: rows }, (_, at) => [at]);
  const distances: number[] = [];
  while (clusters.length > 1) {
    let [least, pair] = [Infinity, [0, 1]];
    for (let i = 0; i < clusters.length; i++) {
      for (let j = i + 1; j < clusters.length; j++) {
        const found = apart(clusters[i]!, clusters[j]!);
        if (found < least) [least, pair] = [found, [i, j]];
      }
    }
    distances.push(least);
    const [i, j] = pair as [number, number];
    const joined = [...clusters[i]!, ...clusters[j]!];
    clusters = [...clusters.filter((_, at) => at !== i && at !== j), joined];
  }
  return distances;
}

test('merges are those of the definitions', () => {
  const normal = normalSource(3);
  const matrix = { rows: 14, columns: 2, values: Float64Array.from({ length: 28 }, normal) };
  for (const rule of ['ward', 'average', 'complete', 'single'] as const) {
    const { values } = matrix;
    const pairs: number[] = [];
    for (let i = 0; i < 14; i++) {
      for (let j = i + 1; j < 14; j++) {
        pairs.push(
          Math.hypot(values[2 * i]! - values[2 * j]!, values[2 * i + 1]! - values[2 * j + 1]!),
        );
      }
    }
    const merges = linkage({ n: 14, values: Float64Array.from(pairs) }, rule);
    const expected = plainMerges(matrix, rule);
    merges.forEach(({ distance }, at) => {
      assert.ok(Math.abs(distance - expected[at]!) < 1e-10, `${rule} ${at}`);
    });
  }
});

test('two rings are told apart by density and by single linkage, not by ward', async () => {
  const normal = normalSource(5);
  const rows = 200;
  const values = new Float64Array(2 * rows);
  for (let row = 0; row < rows; row++) {
    const [angle, size] = [(2 * Math.PI * row) / rows, row % 2 ? 1 : 3];
    values[2 * row] = size * Math.cos(angle) + 0.03 * normal();
    values[2 * row + 1] = size * Math.sin(angle) + 0.03 * normal();
  }
  const rings = { rows, columns: 2, values };
  const truth = Float64Array.from({ length: rows }, (_, row) => row % 2);
  for (const [specification, most] of [
    [dbscan({ radius: 0.5, least: 3 }), 1],
    [agglomerative({ linkage: 'single' }), 1],
    [agglomerative({ linkage: 'ward' }), 0.9],
  ] as const) {
    const labels = await predict(await fit(specification, { features: rings }), rings);
    const found = adjustedRandIndex(labels, truth);
    assert.ok(most === 1 ? found === 1 : found < most, `${specification.kind} ${found}`);
  }
});

test('cores, borders and noise of points on a line', async () => {
  const values = Float64Array.of(0, 1, 2, 3, 10, 20, 21, 22, 23.0);
  const line = { rows: 9, columns: 1, values };
  const model = await fit(dbscan({ radius: 1, least: 3 }), { features: line });
  const labels = await predict(model, line);
  assert.deepEqual([...labels], [0, 0, 0, 0, -1, 1, 1, 1, 1]);
  assert.deepEqual([...model.tensors.rows!.data], [1, 2, 21, 22]);
  const weights = Float64Array.of(1, 1, 1, 1, 3, 1, 1, 1, 1);
  const heavy = await fit(dbscan({ radius: 1, least: 3 }), { features: line, weights });
  assert.equal((await predict(heavy, line))[4], 1);
  const none = await fit(dbscan({ radius: 0.1, least: 3 }), { features: line });
  assert.deepEqual([...(await predict(none, line))], new Array(9).fill(-1));
});
