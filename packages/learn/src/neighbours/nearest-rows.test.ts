import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { seededRandom } from '@backlot/core';
import { build } from '../../../compute/build.ts';
import {
  addRows,
  decodeModel,
  encodeModel,
  fit,
  InvalidArgument,
  InvalidExamples,
  InvalidModel,
  kNearestRegressor,
  type Matrix,
  nearestNeighbours,
  nearestRows,
  openNearest,
  type TabularModel,
  transform,
} from '../index.ts';
import { referenceRows } from '../reference-rows.fixture.ts';
import { classExamples, normalSource, regressionExamples } from '../tabular-examples.fixture.ts';
import { tabularLaws } from '../tabular-laws.fixture.ts';
import { isNear, referenceQueries } from './reference-queries.fixture.ts';

before(build);

tabularLaws({
  specification: nearestNeighbours({ k: 5 }),
  examples: { features: classExamples(4).features },
  verbs: ['transform'],
  rowOrder: 1e-12,
});

tabularLaws({
  specification: nearestNeighbours({
    ...{ k: 3, metric: 'dot', search: 'hnsw', connections: 4, construction: 20, width: 20 },
  }),
  examples: { features: classExamples(5).features },
  verbs: ['transform'],
  rowOrder: { seeded: 'rows join the graph in their order, on levels drawn for their places' },
});

function drawn(rows: number, columns: number, seed: number, away = 0): Matrix {
  const normal = normalSource(seed);
  return {
    rows,
    columns,
    values: Float64Array.from({ length: rows * columns }, () => away + normal()),
  };
}

function plainDistance(metric: string, a: Float64Array, b: Float64Array): number {
  const dot = (x: Float64Array, y: Float64Array): number =>
    x.reduce((sum, value, at) => sum + value * y[at]!, 0);
  if (metric === 'dot') return -dot(a, b);
  const lengths = Math.sqrt(dot(a, a) * dot(b, b));
  if (metric === 'cosine') return lengths === 0 ? 1 : 1 - dot(a, b) / lengths;
  return Math.sqrt(a.reduce((sum, value, at) => sum + (value - b[at]!) ** 2, 0));
}

/** All distances in doubles, sorted, equal ones by row. */
function plainNearest(metric: string, fitted: Matrix, queries: Matrix, k: number) {
  const rowOf = ({ columns, values }: Matrix, row: number): Float64Array =>
    Float64Array.from(values.subarray(row * columns, (row + 1) * columns));
  const indices: number[] = [];
  const distances: number[] = [];
  for (let query = 0; query < queries.rows; query++) {
    const own = rowOf(queries, query);
    const all = Array.from({ length: fitted.rows }, (_, row) => ({
      row,
      distance: plainDistance(metric, own, rowOf(fitted, row)),
    })).sort((a, b) => a.distance - b.distance || a.row - b.row);
    for (const { row, distance } of all.slice(0, k)) {
      indices.push(row);
      distances.push(distance);
    }
  }
  return { indices, distances };
}

test('the nearest rows and distances are those of scikit-learn', async () => {
  const model = await fit(nearestNeighbours({ k: 4 }), { features: referenceRows() });
  const { indices, distances } = await nearestRows(model, referenceQueries());
  // scikit-learn 1.9.1, NearestNeighbors.
  assert.deepEqual(
    [...indices.subarray(0, 12), ...indices.subarray(24)],
    [42, 33, 39, 6, 47, 53, 20, 49, 53, 24, 30, 47, 36, 0, 12, 48],
  );
  const row = [0, 0.5707162358685353, 0.831681898843782, 0.8747862343054157];
  const far = [16.885012610795656, 16.935351986249113, 16.943939172664383, 17.362423605372005];
  assert.ok(isNear(distances.subarray(20), [...row, ...far]));
});

test('exact search is exact in doubles: near twins, far from 0, whole numbers, any size', async () => {
  const random = seededRandom(1);
  const base = drawn(150, 6, 1);
  // Each row thrice, moved by less than a float can hold.
  const twins = {
    rows: 450,
    columns: 6,
    values: Float64Array.from({ length: 2700 }, (_, at) => {
      return base.values[at % 900]! + 1e-12 * random.normal();
    }),
  };
  const whole = {
    rows: 600,
    columns: 3,
    values: Float64Array.from({ length: 1800 }, () => random.below(4)),
  };
  const huge = { ...base, values: base.values.map((value) => value * 1e140) };
  const cases = [
    [twins, base],
    [drawn(500, 6, 2, 1e9), drawn(20, 6, 3, 1e9)],
    [whole, { ...whole, rows: 40, values: whole.values.slice(0, 120) }],
    [huge, { ...huge, rows: 9, values: huge.values.slice(0, 54) }],
  ] as const;
  for (const [features, queries] of cases) {
    for (const metric of ['euclidean', 'dot'] as const) {
      const model = await fit(nearestNeighbours({ metric }), { features });
      const found = await nearestRows(model, queries, { k: 7 });
      const expected = plainNearest(metric, features, queries, 7);
      assert.deepEqual([...found.indices], expected.indices);
      assert.ok(isNear(found.distances, expected.distances, 1e-13));
    }
  }
});

test('cosines keep their digits, and a row of zeros is at distance 1 from all', async () => {
  const features = drawn(300, 5, 4);
  features.values.fill(0, 0, 5);
  const queries = drawn(30, 5, 5);
  const model = await fit(nearestNeighbours({ metric: 'cosine', k: 6 }), { features });
  const found = await nearestRows(model, queries);
  const expected = plainNearest('cosine', features, queries, 6);
  assert.deepEqual([...found.indices], expected.indices);
  assert.ok(isNear(found.distances, expected.distances, 1e-13));
  const all = await nearestRows(model, features, { k: 300 });
  assert.deepEqual([...new Set(all.distances.subarray(0, 300))], [1]);
  // The same direction is at distance 0, not at a rounding error.
  assert.equal(all.distances[300], 0);
});

async function recall(model: TabularModel, queries: Matrix, features: Matrix): Promise<number> {
  const { metric } = model.specification.parameters as { readonly metric: string };
  const { indices } = await nearestRows(model, queries, { k: 10, width: 80 });
  const expected = plainNearest(metric, features, queries, 10);
  const hits = indices.filter((row, at) => {
    const from = at - (at % 10);
    return expected.indices.slice(from, from + 10).includes(row);
  });
  return hits.length / indices.length;
}

test('a graph finds nearly all, by each metric, and as much after rows were added', async () => {
  const features = drawn(2500, 16, 6, 3);
  const queries = drawn(40, 16, 7, 3);
  const [first, rest] = [0, 1].map((part) => ({
    rows: 1250,
    columns: 16,
    values: features.values.slice(part * 20_000, (part + 1) * 20_000),
  })) as [Matrix, Matrix];
  for (const metric of ['euclidean', 'cosine', 'dot'] as const) {
    const specification = nearestNeighbours({ metric, search: 'hnsw', construction: 100 });
    const model = await fit(specification, { features });
    assert.ok((await recall(model, queries, features)) > 0.95, metric);
    const part = await fit(specification, { features: first });
    const grown = await addRows(part, rest);
    assert.equal(part.signature.rows, 1250);
    assert.equal(grown.signature.rows, 2500);
    assert.ok((await recall(grown, queries, features)) > 0.95, `${metric}, grown`);
    assert.deepEqual(decodeModel(encodeModel(grown)), grown);
  }
});

test('rows added to an exact model are found as if they had been there', async () => {
  const all = drawn(90, 4, 8);
  const part = (from: number, to: number): Matrix => ({
    ...{ rows: to - from, columns: 4, values: all.values.slice(from * 4, to * 4) },
  });
  const specification = nearestNeighbours({ k: 30 });
  const model = await addRows(await fit(specification, { features: part(0, 20) }), part(20, 90));
  assert.deepEqual(model, await fit(specification, { features: all }));
  const floats = { ...all, values: Float32Array.from(all.values) };
  const fewFloats = { ...floats, rows: 5, values: floats.values.slice(0, 20) };
  const single = await addRows(await fit(specification, { features: floats }), fewFloats);
  assert.equal(single.tensors.rows!.type, 'float32');
  // Doubles that come to floats stay what they are.
  const mixed = await addRows(await fit(specification, { features: floats }), part(0, 5));
  assert.equal(mixed.tensors.rows!.type, 'float64');
  assert.equal((await nearestRows(mixed, part(0, 1), { k: 1 })).distances[0], 0);
  assert.equal(((await transform(single, part(0, 1))) as Matrix).columns, 30);
});

test('one query at a time finds what many at once do', async () => {
  const features = drawn(700, 8, 9);
  const queries = drawn(25, 8, 10);
  const floats = { ...queries, values: Float32Array.from(queries.values) };
  for (const search of ['exact', 'hnsw'] as const) {
    for (const metric of ['euclidean', 'dot'] as const) {
      const model = await fit(nearestNeighbours({ search, metric, k: 6 }), { features });
      const all = await nearestRows(model, floats);
      const searcher = await openNearest(model, { width: 200 });
      for (let at = 0; at < 25; at++) {
        const one = searcher.find(floats.values.subarray(at * 8, at * 8 + 8), 64);
        assert.deepEqual(one.indices, all.indices.slice(at * 6, at * 6 + 6));
        assert.deepEqual(one.distances, all.distances.slice(at * 6, at * 6 + 6));
      }
    }
  }
});

test('what cannot be searched is refused', async () => {
  const features = drawn(30, 4, 11);
  const model = await fit(nearestNeighbours({ search: 'hnsw' }), { features });
  await assert.rejects(nearestRows(model, features, { k: 0 }), InvalidArgument);
  await assert.rejects(nearestRows(model, drawn(3, 5, 1)), InvalidExamples);
  await assert.rejects(addRows(model, drawn(3, 5, 1)), InvalidExamples);
  const other = await fit(kNearestRegressor(), regressionExamples(1));
  await assert.rejects(nearestRows(other, regressionExamples(1).features as Matrix), InvalidModel);
  const searcher = await openNearest(model);
  assert.throws(() => searcher.find([1, 2, 3]), InvalidExamples);
  assert.throws(() => searcher.find([1, 2, 3, 4, 5]), InvalidExamples);
  assert.throws(() => searcher.find([1, 2, 3, Number.NaN]), InvalidExamples);
  const { links } = model.tensors;
  const outside = { ...links!, data: Int32Array.from(links!.data, () => 30) };
  const changed = { ...model, tensors: { ...model.tensors, links: outside } };
  assert.throws(() => decodeModel(encodeModel(changed)), InvalidModel);
});
