import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { ApprovalRefused, type VerifiedDeployment } from '@backlot/registry';
import { encodeBundle } from './bundle.ts';
import type { Endpoint } from './endpoint.ts';
import { AnswerRefused, BadRequest, BundleRefused, LogUnavailable, NotServing } from './error.ts';
import type { RecommendRequest } from './recommend.ts';
import { bundleContent, pseudonymOf, rowsOf, tableScorer } from './testing/bundle-fixture.ts';
import { TrustingObjects, temporaryEndpoint, verified } from './testing/endpoint-fixture.ts';

const ana = pseudonymOf('ana');

async function servingEndpoint(
  t: TestContext,
  change: Parameters<typeof bundleContent>[0] = {},
): Promise<Endpoint> {
  const objects = new TrustingObjects();
  const digest = objects.put(encodeBundle(bundleContent(change)));
  const endpoint = await temporaryEndpoint(t, { objects, verify: async () => verified(digest) });
  await endpoint.load();
  return endpoint;
}

function keysOf({
  items,
}: {
  readonly items: readonly { readonly item: string }[];
}): readonly string[] {
  return items.map(({ item }) => item.replace('film-', ''));
}

test('an account gets its own ranking, titled, with the model it came from', async (t) => {
  const endpoint = await servingEndpoint(t);
  const answer = await endpoint.recommend({ account: ana, k: 3 });
  assert.equal(answer.basis, 'account');
  assert.equal(answer.fallback, undefined);
  assert.equal(answer.version, 1);
  assert.equal(answer.digest, endpoint.loaded?.digest);
  assert.deepEqual(
    answer.items.map(({ rank }) => rank),
    [1, 2, 3],
  );
  assert.ok(
    answer.items.every(
      ({ score }, index) => index === 0 || score <= answer.items[index - 1]!.score,
    ),
  );
  const amber = (
    await endpoint.recommend({ account: ana, k: 6, excludeSeen: false, locale: 'ja-JP' })
  ).items.find(({ item }) => item === 'film-amber');
  assert.deepEqual(
    [amber?.title, amber?.mediaKind, amber?.genres],
    ['アンバー', 'film', ['drama', 'mystery']],
  );
  assert.deepEqual(endpoint.figures().answers, { account: 2 });
});

test('what was seen is left out unless asked for', async (t) => {
  const endpoint = await servingEndpoint(t);
  const without = keysOf(await endpoint.recommend({ account: ana, k: 6 }));
  assert.deepEqual([...without].sort(), ['copper', 'dolomite', 'emerald', 'flint']);
  assert.equal(
    (await endpoint.recommend({ account: ana, k: 6, excludeSeen: false })).items.length,
    6,
  );
  const alsoThese = await endpoint.recommend({
    account: ana,
    k: 6,
    history: ['film-flint', 'unknown'],
  });
  assert.ok(!keysOf(alsoThese).includes('flint'));
});

test('a storefront shows only what may be shown there', async (t) => {
  const endpoint = await servingEndpoint(t);
  const shown = async (storefront: string): Promise<readonly string[]> =>
    keysOf(await endpoint.recommend({ account: ana, k: 6, storefront, excludeSeen: false }));
  assert.equal((await shown('JP')).length, 6);
  assert.ok((await shown('JP')).includes('flint'));
  assert.deepEqual([(await shown('BR')).length, (await shown('BR')).includes('flint')], [5, false]);
  await assert.rejects(shown('US'), BadRequest);
  const bare = await servingEndpoint(t, { storefronts: [], storefrontPopularity: rowsOf([]) });
  await assert.rejects(bare.recommend({ account: ana, storefront: 'JP' }), /knows no storefronts/);
});

test('an unknown account gets what is popular, and is told so', async (t) => {
  const endpoint = await servingEndpoint(t);
  const account = pseudonymOf('nobody');
  const everywhere = await endpoint.recommend({ account, k: 2 });
  assert.equal(everywhere.basis, 'popularity');
  assert.deepEqual(keysOf(everywhere), ['amber', 'basalt']);
  assert.equal(everywhere.fallback, 'the account is not in this model: what is popular everywhere');
  const japan = await endpoint.recommend({ account, k: 2, storefront: 'JP' });
  assert.equal(japan.basis, 'storefront-popularity');
  assert.deepEqual(keysOf(japan), ['flint', 'copper']);
  assert.match(japan.fallback!, /popular in JP/);
  const brazil = await endpoint.recommend({ account, k: 2, storefront: 'BR' });
  assert.equal(brazil.basis, 'popularity', 'nothing was counted there');
  assert.deepEqual(keysOf(brazil), ['amber', 'basalt']);
  const none = await endpoint.recommend({ k: 1 });
  assert.match(none.fallback!, /no account was given/);
});

test('a history stands in for an unknown account', async (t) => {
  const endpoint = await servingEndpoint(t);
  const answer = await endpoint.recommend({
    account: pseudonymOf('nobody'),
    history: ['film-emerald'],
    k: 2,
  });
  assert.equal(answer.basis, 'history');
  assert.deepEqual(keysOf(answer), ['dolomite', 'flint']);
  assert.match(answer.fallback!, /ranked by the given history/);
  assert.equal((await endpoint.recommend({ history: ['film-emerald'] })).fallback, undefined);
  const unknown = await endpoint.recommend({ history: ['gone'], k: 1 });
  assert.equal(unknown.basis, 'popularity');
});

test('requests out of bounds are refused, raw accounts among them, and counted', async (t) => {
  const endpoint = await servingEndpoint(t);
  const bad: readonly RecommendRequest[] = [
    { account: 'ana@example.com' },
    { account: ana.toUpperCase() },
    { account: ana, k: 0 },
    { account: ana, k: 201 },
    { account: ana, k: 1.5 },
    { account: ana, k: Number.NaN },
    { history: Array.from({ length: 1_001 }, () => 'film-amber') },
    { history: [''] },
    { history: ['x'.repeat(201)] },
    { history: ['\ud800'] },
    { locale: 'not a locale' },
    { storefront: '__proto__' },
  ];
  for (const request of bad) await assert.rejects(endpoint.recommend(request), BadRequest);
  const { errors, errorCodes } = endpoint.figures();
  assert.equal(errors, bad.length);
  assert.deepEqual(errorCodes, { 'E-SERVING-002': bad.length });
});

test('nothing is loaded without an approval that holds', async (t) => {
  const objects = new TrustingObjects();
  const digest = objects.put(encodeBundle(bundleContent()));
  let fault: ConstructorParameters<typeof ApprovalRefused>[0] | undefined = 'missing';
  const verify = async (): Promise<VerifiedDeployment> => {
    if (fault) throw new ApprovalRefused(fault, 'as the test says');
    return verified(digest);
  };
  const endpoint = await temporaryEndpoint(t, { objects, verify });
  await assert.rejects(endpoint.recommend({ account: ana }), NotServing);
  for (fault of ['missing', 'expired', 'approver-removed', 'bad-signature'] as const) {
    await assert.rejects(endpoint.load(), ApprovalRefused);
    assert.equal(endpoint.state, 'stopped');
    await assert.rejects(endpoint.recommend({ account: ana }), NotServing);
  }
  fault = undefined;
  await endpoint.load();
  assert.equal(endpoint.state, 'serving');
  await endpoint.recommend({ account: ana });
  fault = 'expired';
  await assert.rejects(endpoint.check(), ApprovalRefused);
  assert.equal(endpoint.state, 'stopped', 'an approval that ends takes the model with it');
  await assert.rejects(endpoint.recommend({ account: ana }), NotServing);
});

test('bytes that are not those that were approved are refused, each flipped byte', async (t) => {
  const objects = new TrustingObjects();
  const bytes = encodeBundle(bundleContent());
  const digest = objects.put(bytes);
  const endpoint = await temporaryEndpoint(t, { objects, verify: async () => verified(digest) });
  for (let at = 0; at < bytes.length; at += 7) {
    const tampered = bytes.slice();
    tampered[at]! ^= 1;
    objects.held.set(digest, tampered);
    await assert.rejects(
      endpoint.load(),
      (error) => error instanceof ApprovalRefused && error.fault === 'model-changed',
    );
    assert.equal(endpoint.loaded, undefined);
  }
  objects.held.set(digest, bytes);
  await endpoint.load();
});

test('a deployment that cannot be read leaves the loaded model, and the endpoint says so', async (t) => {
  const objects = new TrustingObjects();
  const good = objects.put(encodeBundle(bundleContent()));
  const bad = objects.put(Buffer.from('no bundle'));
  let current = verified(good, 1);
  const endpoint = await temporaryEndpoint(t, { objects, verify: async () => current });
  await endpoint.load();
  current = verified(bad, 2);
  await assert.rejects(endpoint.load(), BundleRefused);
  assert.deepEqual([endpoint.state, endpoint.loaded?.version], ['degraded', 1]);
  assert.equal((await endpoint.recommend({ account: ana })).version, 1);
  current = verified(good, 3);
  assert.equal((await endpoint.check()).version, 3, 'a check follows a deployment that moved');
  assert.equal(endpoint.state, 'serving');
});

test('a model whose answers are not finite, not items or too many is not served', async (t) => {
  const objects = new TrustingObjects();
  const digest = objects.put(encodeBundle(bundleContent()));
  const answers: readonly (readonly [readonly number[], readonly number[]])[] = [
    [
      [1, 2],
      [1, Number.NaN],
    ],
    [
      [1, 2],
      [Number.POSITIVE_INFINITY, 1],
    ],
    [
      [1, 2, 3],
      [3, 2, 1],
    ],
    [[1, 2], [1]],
    [
      [1, 1],
      [2, 1],
    ],
    [
      [1, 6],
      [2, 1],
    ],
    [
      [-1, 2],
      [2, 1],
    ],
  ];
  for (const [items, scores] of answers) {
    const ranking = { items: Int32Array.from(items), scores: Float32Array.from(scores) };
    const openScorer = () => ({ rank: () => ranking });
    const verify = async () => verified(digest);
    const endpoint = await temporaryEndpoint(t, { objects, openScorer, verify });
    await endpoint.load();
    await assert.rejects(endpoint.recommend({ account: ana, k: 2 }), AnswerRefused, `${items}`);
  }
});

test('a prediction replays bit for bit, also after another model serves', async (t) => {
  const objects = new TrustingObjects();
  const first = objects.put(encodeBundle(bundleContent()));
  const popularity = Float32Array.of(1, 2, 3, 4, 5, 6);
  const second = objects.put(encodeBundle(bundleContent({ popularity })));
  let current = verified(first, 1);
  const endpoint = await temporaryEndpoint(t, { objects, verify: async () => current });
  await endpoint.load();
  const requests: readonly RecommendRequest[] = [
    { account: ana, k: 3, storefront: 'JP', locale: 'ja' },
    { account: pseudonymOf('nobody'), k: 4 },
    { history: ['film-emerald', 'film-amber'], k: 200, excludeSeen: false },
  ];
  const answers = await Promise.all(requests.map((request) => endpoint.recommend(request)));
  current = verified(second, 2);
  await endpoint.load();
  for (const answer of answers) {
    const replay = await endpoint.replay(answer.prediction);
    assert.equal(replay.same, true);
    assert.equal(replay.digest, first);
    assert.deepEqual(replay.items, answer.items);
  }
  const latest = await endpoint.recommend({ k: 1 });
  assert.equal((await endpoint.replay(latest.prediction)).digest, second);
  await assert.rejects(endpoint.replay('1-0-00000000'), /E-SERVING-005/);
});

test('a replay that differs in one bit of one score is not the same', async (t) => {
  const objects = new TrustingObjects();
  const digest = objects.put(encodeBundle(bundleContent()));
  let off = 0;
  const openScorer: typeof tableScorer = (bundle) => {
    const scorer = tableScorer(bundle);
    return {
      rank: async (subject, options) => {
        const { items, scores } = await scorer.rank(subject, options);
        new Uint32Array(scores.buffer)[5]! += off;
        return { items, scores };
      },
    };
  };
  const endpoint = await temporaryEndpoint(t, {
    objects,
    openScorer,
    verify: async () => verified(digest),
  });
  await endpoint.load();
  const { prediction } = await endpoint.recommend({ account: ana, k: 6, excludeSeen: false });
  assert.equal((await endpoint.replay(prediction)).same, true);
  off = 1;
  assert.equal((await endpoint.replay(prediction)).same, false);
});

test('what cannot be logged is not answered', async (t) => {
  const objects = new TrustingObjects();
  const digest = objects.put(encodeBundle(bundleContent()));
  const log = {
    append: () => Promise.reject(new LogUnavailable('the disk is full')),
    read: () => Promise.reject(new Error('not asked')),
    recovery: { records: 0, cutBytes: 0, damaged: false },
    close: async () => undefined,
  };
  const endpoint = await temporaryEndpoint(t, {
    objects,
    log,
    verify: async () => verified(digest),
  });
  await endpoint.load();
  await assert.rejects(endpoint.recommend({ account: ana }), LogUnavailable);
  assert.deepEqual(endpoint.figures().errorCodes, { 'E-SERVING-007': 1 });
});
