import assert from 'node:assert/strict';
import { test } from 'node:test';
import { build } from '../../../../compute/build.ts';
import {
  fit,
  foldIn,
  fuseRanks,
  InvalidParameter,
  implicitALS,
  itemKnn,
  kMeans,
  popularity,
  rankFusion,
  recommend,
  score,
  slim,
  UnsupportedVerb,
} from '../../index.ts';
import { estimatorLaws, smallInteractions } from '../recommender-laws.fixture.ts';

await build();
const estimators = [
  slim({ candidates: 20, l1: 0.2, l2: 2, tolerance: 1e-8 }),
  itemKnn({ neighbours: 10 }),
];
estimatorLaws({
  specification: rankFusion({ estimators, weights: [1, 2] }),
  historyIsUser: true,
});

test('its lists are those of its parts, fused', async () => {
  const data = smallInteractions(5);
  const parts = [popularity(), implicitALS({ factors: 4, iterations: 4 })];
  const users = Int32Array.of(0, 3, 9);
  const weights = [1, 0.7];
  const wanted = fuseRanks(
    await Promise.all(
      parts.map(async (part) => {
        const model = await fit(part, data, { seed: 2 });
        return recommend(model, users, { k: 8, exclude: data });
      }),
    ),
    { k: 6, constant: 5, weights },
  );
  const specification = rankFusion({ estimators: parts, weights, constant: 5, depth: 8 });
  const model = await fit(specification, data, { seed: 2 });
  assert.deepEqual(await recommend(model, users, { k: 6, exclude: data }), wanted);
  // What someone met is not recommended again, with or without being excluded.
  assert.deepEqual(await recommend(model, users, { k: 6 }), wanted);
});

test('a fusion within a fusion scores what it lists', async () => {
  const data = smallInteractions(5);
  const inner = rankFusion({ estimators: [itemKnn(), popularity()], depth: 3 });
  const model = await fit(rankFusion({ estimators: [inner, itemKnn()] }), data);
  for (const user of [0, 1, 2, 3, 4]) {
    const { items, scores } = await recommend(model, Int32Array.of(user), { k: data.items });
    const every = Int32Array.from({ length: data.items }, (_, item) => item);
    const all = score(model, new Int32Array(data.items).fill(user), every);
    all.forEach((value, item) => {
      const place = items.indexOf(item);
      assert.equal(value, place >= 0 ? scores[place] : 0, `user ${user}, item ${item}`);
    });
  }
});

test('none, another number of weights, or what is no recommender is refused', async () => {
  const data = smallInteractions(5);
  const refused = (given: Parameters<typeof rankFusion>[0]) => fit(rankFusion(given), data);
  await assert.rejects(refused({ estimators: [] }), InvalidParameter);
  await assert.rejects(refused({ estimators, weights: [1] }), InvalidParameter);
  await assert.rejects(refused({ estimators: [kMeans()] }), { code: 'E-LEARN-004' });
  const model = await fit(rankFusion({ estimators }), data);
  assert.throws(() => foldIn(model, Int32Array.of(1)), UnsupportedVerb);
});
