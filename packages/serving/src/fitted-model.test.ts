import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '@backlot/core';
import {
  encodeModel,
  fit,
  implicitALS,
  interactionsFromPairs,
  itemKnn,
  popularity,
  recommendOne,
  type Specification,
} from '@backlot/learn';
import { decodeBundle, encodeBundle } from './bundle.ts';
import { BundleRefused } from './error.ts';
import { openFittedModel } from './scorer.ts';
import { bundleContent, pseudonymOf } from './testing/bundle-fixture.ts';
import { TrustingObjects, temporaryEndpoint, verified } from './testing/endpoint-fixture.ts';

const [users, items] = [30, 20];
const random = seededRandom(9);
const userIndices = Array.from({ length: 300 }, () => random.below(users));
const itemIndices = userIndices.map((user) => (user + random.below(8)) % items);
const plays = interactionsFromPairs({ users, items, userIndices, itemIndices });

async function bundleOf(specification: Specification, change: object = {}): Promise<Uint8Array> {
  const model = await fit(specification, plays, { seed: 1 });
  return encodeBundle({
    ...bundleContent(),
    ...{ estimator: model.kind, specification: { ...model.specification.parameters } },
    users: Array.from({ length: users }, (_, user) => pseudonymOf(`user ${user}`)),
    items: Array.from({ length: items }, (_, item) => `film-${item}`),
    ...{ seen: plays, popularity: new Float32Array(items).fill(1), storefronts: [] },
    storefrontPopularity: interactionsFromPairs({
      users: 0,
      items,
      userIndices: [],
      itemIndices: [],
    }),
    facts: Array.from({ length: items }, (_, item) => ({ title: `Film ${item}` })),
    model: encodeModel(model),
    ...change,
  });
}

test('each kind of fitted model serves what the learner itself recommends, and replays', async (t) => {
  for (const specification of [popularity(), itemKnn(), implicitALS({ factors: 4 })]) {
    const model = await fit(specification, plays, { seed: 1 });
    const objects = new TrustingObjects();
    const digest = objects.put(await bundleOf(specification));
    assert.equal(
      objects.put(await bundleOf(specification)),
      digest,
      'fitted again, the same bytes',
    );
    const endpoint = await temporaryEndpoint(t, {
      ...{ objects, verify: async () => verified(digest) },
      openScorer: openFittedModel,
    });
    await endpoint.load();
    const exclude = plays.indices.subarray(plays.offsets[7]!, plays.offsets[8]!);
    const expected = recommendOne(model, { user: 7 }, { k: 5, exclude });
    const answer = await endpoint.recommend({ account: pseudonymOf('user 7'), k: 5 });
    assert.deepEqual(
      answer.items.map(({ item }) => item),
      Array.from(expected.items, (item) => `film-${item}`),
    );
    assert.deepEqual(
      answer.items.map(({ score }) => score),
      [...expected.scores],
    );
    const byHistory = await endpoint.recommend({ history: ['film-3', 'film-1'], k: 5 });
    assert.equal(byHistory.basis, 'history');
    for (const { prediction } of [answer, byHistory]) {
      assert.equal((await endpoint.replay(prediction)).same, true, specification.kind);
    }
  }
});

test('a model that does not fit its bundle is refused before it serves', async () => {
  const mismatched = [
    { estimator: 'itemKnn' },
    { model: new Uint8Array(64) },
    {
      model: encodeModel(
        await fit(
          popularity(),
          interactionsFromPairs({ users: 2, items: 2, userIndices: [0], itemIndices: [1] }),
        ),
      ),
      estimator: 'popularity',
    },
  ];
  for (const change of mismatched) {
    const bundle = decodeBundle(await bundleOf(implicitALS({ factors: 4 }), change));
    assert.throws(() => openFittedModel(bundle), /E-SERVING-001|E-LEARN/);
  }
  assert.throws(() => decodeBundle(new Uint8Array(8)), BundleRefused);
});
