import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asAnn, contracts, fixture, fixtureRoutes } from './listener.fixture.ts';
import { openApi, openApiRoute } from './openapi.ts';
import { openInference } from './protocols/open-inference.ts';

interface Operation {
  operationId: string;
  parameters: { name: string; in: string; required: boolean; schema: object }[];
  responses: Record<string, { description: string; content: Record<string, { schema?: object }> }>;
  requestBody?: { content: Record<string, { schema?: { additionalProperties?: boolean } }> };
  security?: unknown[];
}

const all = [...Object.values(contracts), ...Object.values(openInference)];

test('the document is OpenAPI 3.1 with each contract in it, once and whole', () => {
  const document = openApi(all, '1.2.3');
  assert.equal(document.openapi, '3.1.0');
  assert.deepEqual(document.info, { title: 'Backlot', version: '1.2.3' });
  const paths = document.paths as unknown as Record<string, Record<string, Operation>>;
  const ids = new Set<string>();
  for (const [path, methods] of Object.entries(paths)) {
    const named = [...path.matchAll(/\{([a-zA-Z]+)\}/g)].map(([, name]) => name);
    for (const [method, operation] of Object.entries(methods)) {
      assert.match(method, /^(get|post|put|patch|delete)$/);
      ids.add(operation.operationId);
      const inPath = operation.parameters.filter((one) => one.in === 'path');
      assert.deepEqual(inPath.map(({ name }) => name).sort(), [...named].sort());
      assert.ok(inPath.every(({ required }) => required));
      for (const [status, response] of Object.entries(operation.responses)) {
        assert.match(status, /^[2-5][0-9]{2}$/);
        assert.equal(Object.keys(response.content).length, 1);
      }
      const body = operation.requestBody?.content['application/json'];
      if (body) assert.equal(body.schema?.additionalProperties, false);
    }
  }
  assert.deepEqual([...ids].sort(), all.map(({ id }) => id).sort());
  assert.deepEqual(paths['/api/v1/session']?.post?.security, []);
  assert.equal(paths['/api/v1/models/{model}']?.get?.security, undefined);
  const limit = paths['/api/v1/models/{model}']?.get?.parameters.find(
    ({ name }) => name === 'limit',
  );
  assert.deepEqual(limit, {
    name: 'limit',
    in: 'query',
    required: false,
    schema: { type: 'integer', minimum: 1, maximum: 9, default: 3 },
  });
});

test('every reference resolves inside the document', () => {
  const document = openApi(all, '1');
  const text = JSON.stringify(document);
  const references = [...text.matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path]) => path!);
  assert.ok(references.length > 0);
  for (const reference of references) {
    let at: unknown = document;
    for (const part of reference.split('/')) at = (at as Record<string, unknown>)[part];
    assert.equal(typeof at, 'object', reference);
  }
});

test('it is served to whoever has a credential', async () => {
  const seen = { bodies: [], params: [], streamsEnded: 0 };
  const routes = [...fixtureRoutes(seen), openApiRoute(Object.values(contracts), '1')];
  const { listener } = fixture({ routes });
  const answer = await listener.inner.inject({ url: '/openapi.json', headers: asAnn });
  assert.equal(answer.headers['content-type'], 'application/json; charset=utf-8');
  assert.ok('/openapi.json' in answer.json().paths);
  const refused = await listener.inner.inject({
    url: '/openapi.json',
    headers: { host: asAnn.host },
  });
  assert.equal(refused.statusCode, 401);
});
