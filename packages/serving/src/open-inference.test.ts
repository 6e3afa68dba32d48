import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { encodeBundle } from './bundle.ts';
import type { Endpoint } from './endpoint.ts';
import { BadRequest, NotServing } from './error.ts';
import { type InferenceRequest, infer, isReady, modelMetadata } from './open-inference.ts';
import { bundleContent, pseudonymOf } from './testing/bundle-fixture.ts';
import { TrustingObjects, temporaryEndpoint, verified } from './testing/endpoint-fixture.ts';

const account = { name: 'account', shape: [2], datatype: 'BYTES', data: ['ana', 'nobody'] };
const k = { name: 'k', shape: [1], datatype: 'INT32', data: [6] };

async function endpointOf(t: TestContext, load = true): Promise<Endpoint> {
  const objects = new TrustingObjects();
  const digest = objects.put(encodeBundle(bundleContent()));
  const endpoint = await temporaryEndpoint(t, { objects, verify: async () => verified(digest, 3) });
  if (load) await endpoint.load();
  return endpoint;
}

test('metadata names what the model takes and gives', async (t) => {
  const { name, versions, inputs, outputs } = modelMetadata(await endpointOf(t));
  assert.deepEqual([name, versions], ['film-recommend', ['3']]);
  assert.deepEqual(
    inputs.map((one) => [one.name, one.datatype]),
    [
      ['account', 'BYTES'],
      ['k', 'INT32'],
    ],
  );
  assert.deepEqual(
    outputs.map((one) => [one.name, one.datatype]),
    [
      ['items', 'BYTES'],
      ['scores', 'FP32'],
    ],
  );
});

test('an endpoint is ready once it holds a model, for the version it holds', async (t) => {
  const endpoint = await endpointOf(t, false);
  assert.equal(isReady(endpoint), false);
  assert.throws(() => modelMetadata(endpoint), NotServing);
  await assert.rejects(infer(endpoint, { inputs: [account] }, pseudonymOf), NotServing);
  await endpoint.load();
  assert.deepEqual(
    [isReady(endpoint), isReady(endpoint, '3'), isReady(endpoint, '4')],
    [true, true, false],
  );
});

test('an answer has n rows of k, the id comes back, short rows are filled up', async (t) => {
  const endpoint = await endpointOf(t);
  const response = await infer(endpoint, { id: 'q-1', inputs: [account, k] }, pseudonymOf);
  const [items, scores] = response.outputs;
  assert.deepEqual(
    [response.id, response.model_name, response.model_version],
    ['q-1', 'film-recommend', '3'],
  );
  assert.deepEqual(
    [items?.shape, scores?.shape],
    [
      [2, 6],
      [2, 6],
    ],
  );
  assert.deepEqual([items?.data.length, scores?.data.length], [12, 12]);
  assert.deepEqual(items?.data.slice(4, 6), ['', ''], 'two of six were seen');
  assert.deepEqual(scores?.data.slice(4, 6), [0, 0]);
  assert.equal(items?.data[6], 'film-amber');
  assert.equal(response.parameters.fallbacks, 'account,popularity');
  const [first] = String(response.parameters.predictions).split(',');
  assert.equal((await endpoint.replay(first!)).same, true);
});

test('what the protocol allows is read: nested data, k for each row, chosen outputs, parameters', async (t) => {
  const endpoint = await endpointOf(t);
  const nested = { ...account, shape: [2, 1], data: [['ana'], ['bo']] };
  const each = { ...k, shape: [2], data: [6, 6] };
  const parameters = { storefront: 'BR', exclude_seen: false };
  const outputs = [{ name: 'items' }];
  const response = await infer(
    endpoint,
    { inputs: [each, nested], outputs, parameters },
    pseudonymOf,
  );
  assert.deepEqual(
    response.outputs.map(({ name }) => name),
    ['items'],
  );
  assert.equal(
    response.outputs[0]!.data.filter((item) => item === '').length,
    2,
    'Flint is not shown in Brazil',
  );
  const plain = await infer(
    endpoint,
    { inputs: [{ ...account, shape: [1], data: ['ana'] }] },
    pseudonymOf,
  );
  assert.deepEqual(plain.outputs[0]!.shape, [1, 10]);
});

test('requests of another shape are refused', async (t) => {
  const endpoint = await endpointOf(t);
  const bad: readonly InferenceRequest[] = [
    { inputs: [] },
    { inputs: [k] },
    { inputs: [account, account] },
    { inputs: [account, { ...k, name: 'limit' }] },
    { inputs: [{ ...account, datatype: 'FP32' }] },
    { inputs: [{ ...account, shape: [3] }] },
    { inputs: [{ ...account, shape: [-1] }] },
    { inputs: [{ ...account, shape: [1, 2] }] },
    { inputs: [{ ...account, shape: [] }] },
    { inputs: [{ ...account, data: [1, 2] }] },
    { inputs: [{ ...account, data: ['', 'a'] }] },
    { inputs: [{ ...account, shape: [257], data: Array.from({ length: 257 }, () => 'a') }] },
    { inputs: [account, { ...k, data: ['6'] }] },
    { inputs: [account, { ...k, data: [0] }] },
    { inputs: [account, { ...k, data: [2 ** 40] }] },
    { inputs: [account, { ...k, shape: [2], data: [5, 6] }] },
    { inputs: [account], outputs: [{ name: 'logits' }] },
    { inputs: [account], parameters: { storefront: 7 } },
    { inputs: [account], parameters: { exclude_seen: 'no' } },
  ];
  for (const request of bad) {
    await assert.rejects(
      infer(endpoint, request, pseudonymOf),
      BadRequest,
      JSON.stringify(request).slice(0, 90),
    );
  }
});
