import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BacklotError } from '@backlot/core';
import { asAnn, fixture } from '../listener.fixture.ts';
import type { InferRequest } from './open-inference.ts';
import { type InferenceServer, openInferenceRoutes } from './open-inference-routes.ts';

/** A model that doubles. */
function doubler(seen: InferRequest[]): InferenceServer {
  const check = (model: string): void => {
    if (model === 'double') return;
    throw new BacklotError({ code: 'E-SERVING-001', kind: 'notFound', reason: 'no such model' });
  };
  return {
    metadata: async (_scope, model) => {
      check(model);
      const tensor = { datatype: 'FP32', shape: [-1] } as const;
      return {
        name: model,
        versions: ['1'],
        platform: 'backlot',
        inputs: [{ name: 'x', ...tensor, shape: [...tensor.shape] }],
        outputs: [{ name: 'y', ...tensor, shape: [...tensor.shape] }],
      };
    },
    ready: async (_scope, _model, version) => version !== '2',
    infer: async (_scope, request) => {
      check(request.model);
      seen.push(request);
      const outputs = request.inputs.map((input) => ({
        ...input,
        name: 'y',
        data: input.data.map((value) => (typeof value === 'number' ? value * 2 : value)),
      }));
      return { model_name: request.model, model_version: request.version ?? '1', outputs };
    },
  };
}

function server() {
  const seen: InferRequest[] = [];
  const { listener } = fixture({ routes: openInferenceRoutes(doubler(seen), '9') });
  const get = (url: string) => listener.inner.inject({ url, headers: asAnn });
  const infer = (payload: object, url = '/v2/models/double/infer') =>
    listener.inner.inject({
      method: 'POST',
      url,
      headers: { ...asAnn, 'content-type': 'application/json' },
      payload: JSON.stringify(payload),
    });
  return { seen, get, infer };
}

test('health, metadata and readiness have the shapes of the protocol', async () => {
  const { get } = server();
  assert.deepEqual((await get('/v2')).json(), { name: 'backlot', version: '9', extensions: [] });
  assert.deepEqual((await get('/v2/health/live')).json(), { live: true });
  assert.deepEqual((await get('/v2/health/ready')).json(), { ready: true });
  const metadata = (await get('/v2/models/double')).json();
  assert.deepEqual(metadata.inputs, [{ name: 'x', datatype: 'FP32', shape: [-1] }]);
  assert.deepEqual((await get('/v2/models/double/versions/1')).json(), metadata);
  const ready = await get('/v2/models/double/versions/1/ready');
  assert.deepEqual(ready.json(), { name: 'double', ready: true });
  assert.equal((await get('/v2/models/double/versions/2/ready')).statusCode, 503);
});

test('inference takes flat and nested data, and echoes the id', async () => {
  const { infer, seen } = server();
  const input = { name: 'x', shape: [2, 2], datatype: 'FP32' };
  const flat = await infer({ id: 'q7', inputs: [{ ...input, data: [1, 2, 3, 4] }] });
  const wanted = { ...input, name: 'y', data: [2, 4, 6, 8] };
  assert.deepEqual(flat.json(), {
    model_name: 'double',
    model_version: '1',
    id: 'q7',
    outputs: [wanted],
  });
  const nested = {
    ...input,
    data: [
      [1, 2],
      [3, 4],
    ],
    parameters: { a: 1, b: true, c: 'x' },
  };
  const version = await infer({ inputs: [nested] }, '/v2/models/double/versions/3/infer');
  assert.equal(version.json().model_version, '3');
  assert.deepEqual(seen[1]?.inputs[0]?.data, [1, 2, 3, 4]);
});

test('what fits neither shape nor datatype is refused in the form of the protocol', async (t) => {
  const { infer, get, seen } = server();
  const input = { name: 'x', shape: [1], datatype: 'INT8' };
  const cases: readonly object[] = [
    { ...input, data: [1, 2] },
    { ...input, data: [] },
    { ...input, data: [128] },
    { ...input, data: [-129] },
    { ...input, data: [1.5] },
    { ...input, data: ['1'] },
    { ...input, data: [null] },
    { ...input, data: [{}] },
    { ...input, datatype: 'UINT8', data: [-1] },
    { ...input, datatype: 'BOOL', data: [1] },
    { ...input, datatype: 'BYTES', data: [1] },
    { ...input, datatype: 'INT64', data: [2 ** 53 + 2] },
    { ...input, datatype: 'COMPLEX', data: [1] },
    { ...input, shape: [-1], data: [1] },
    { ...input, shape: [2 ** 31, 2 ** 31], data: [1] },
    { ...input, data: [1], shared_memory_region: 'r' },
  ];
  for (const one of cases) {
    const answer = await infer({ inputs: [one] });
    assert.equal(answer.statusCode, 400, JSON.stringify(one));
    assert.equal(typeof answer.json().error, 'string');
  }
  assert.deepEqual(seen, []);
  const absent = await get('/v2/models/absent');
  assert.deepEqual(
    [absent.statusCode, absent.json()],
    [404, { error: 'E-SERVING-001 no such model' }],
  );
  t.diagnostic(`refused tensors ${cases.length}`);
});
