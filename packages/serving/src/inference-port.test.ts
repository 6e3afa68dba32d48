import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeBundle } from './bundle.ts';
import { Endpoints } from './endpoints.ts';
import { UnknownEndpoint } from './error.ts';
import { openInferencePort } from './inference-port.ts';
import { bundleContent, pseudonymOf } from './testing/bundle-fixture.ts';
import { TrustingObjects, temporaryEndpoint, verified } from './testing/endpoint-fixture.ts';

test('the port finds the endpoint of the workspace and of the version it serves', async (t) => {
  const objects = new TrustingObjects();
  const digest = objects.put(encodeBundle(bundleContent()));
  const endpoint = await temporaryEndpoint(t, { objects, verify: async () => verified(digest, 3) });
  const endpoints = new Endpoints();
  const port = openInferencePort({ endpoints, pseudonymiser: () => pseudonymOf });
  const lumen = { workspace: 'lumen' };
  assert.equal(await port.ready(lumen), true, 'nothing is there that could not answer');
  endpoints.add('lumen', endpoint);
  assert.equal(await port.ready(lumen), false);
  await endpoint.load();
  assert.equal(await port.ready(lumen), true);
  assert.equal(await port.ready(lumen, 'film-recommend', '4'), false);
  assert.equal((await port.metadata(lumen, 'film-recommend', '3')).name, 'film-recommend');
  const inputs = [{ name: 'account', shape: [1], datatype: 'BYTES', data: ['ana'] }];
  const response = await port.infer(lumen, { model: 'film-recommend', inputs });
  assert.equal(response.parameters.fallbacks, 'account');
  await assert.rejects(
    port.infer(lumen, { model: 'film-recommend', version: '4', inputs }),
    UnknownEndpoint,
  );
  await assert.rejects(port.metadata({ workspace: 'other' }, 'film-recommend'), UnknownEndpoint);
  await assert.rejects(port.ready(lumen, 'book-recommend'), UnknownEndpoint);
});
