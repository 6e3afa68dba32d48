import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { seededRandom } from '@backlot/core';
import { build } from '../../build.ts';
import { distance, normals } from '../random-arrays.fixture.ts';
import { type Metric, nearest, plainNearest } from './nearest.ts';

before(build);

const metrics: readonly Metric[] = ['euclidean', 'cosine', 'innerProduct'];

test('nearest is its twin on random shapes, and the same for every number of threads', async () => {
  const random = seededRandom(1);
  for (let round = 0; round < 15; round++) {
    const metric = metrics[round % 3]!;
    const [rows, count] = [1 + random.below(700), 1 + random.below(150)];
    const [dimensions, k] = [1 + random.below(20), 1 + random.below(20)];
    const [vectors, queries] = [normals(rows * dimensions, round), normals(count * dimensions, 50)];
    const query = { dimensions, k, metric };
    const wanted = plainNearest(vectors, queries, query);
    const found = await nearest(vectors, queries, query, { threads: 1 });
    assert.deepEqual(await nearest(vectors, queries, query, { threads: 3 }), found);
    const full = Math.min(k, rows);
    for (let at = 0; at < count * k; at += k) {
      // Sums of at most twenty floats.
      const part = [found, wanted].map(({ distances }) => distances.subarray(at, at + full));
      assert.ok(distance(part[0]!, part[1]!) < 1e-5);
    }
    const same = found.indices.filter((row, at) => row === wanted.indices[at]).length;
    assert.ok(same >= 0.999 * count * k, `${same} of ${count * k}`);
  }
});

test('equal distances go by row, and distances of whole numbers are exact', async () => {
  const random = seededRandom(2);
  const whole = (length: number): Float32Array =>
    Float32Array.from({ length }, () => random.below(4));
  for (const metric of ['euclidean', 'innerProduct'] as const) {
    const [vectors, queries] = [whole(400 * 3), whole(70 * 3)];
    const query = { dimensions: 3, k: 25, metric };
    assert.deepEqual(await nearest(vectors, queries, query), plainNearest(vectors, queries, query));
  }
});
