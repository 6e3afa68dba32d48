import assert from 'node:assert/strict';
import { test } from 'node:test';
import { realIo } from '@backlot/core';
import * as z from 'zod';
import { contracts, fixture, fixtureRoutes } from './listener.fixture.ts';
import { createListener } from './listener.ts';
import { Metrics } from './metrics.ts';
import { metricsRoute } from './metrics-route.ts';
import { openApiRoute } from './openapi.ts';
import { openInferenceRoutes } from './protocols/open-inference-routes.ts';
import type { Route } from './route.ts';
import { assertSwept, sweep } from './sweep.ts';

const foreign = [
  { name: 'expired', secret: 'token-gone' },
  { name: 'foreign', secret: 'token-zoe' },
];
const file = { bytes: Buffer.from('<!doctype html>'), mediaType: 'text/html', tag: '"1"' };
const inference = openInferenceRoutes(
  {
    metadata: () => Promise.reject(new Error('unreached')),
    ready: () => Promise.reject(new Error('unreached')),
    infer: () => Promise.reject(new Error('unreached')),
  },
  '1',
);

function everyRoute(): readonly Route[] {
  const own = fixtureRoutes({ bodies: [], params: [], streamsEnded: 0 });
  return [
    ...own,
    ...inference,
    metricsRoute(new Metrics()),
    openApiRoute(Object.values(contracts), '1'),
  ];
}

test('every handler refuses whoever has no credential, a wrong one, or a foreign one', async (t) => {
  const { listener } = fixture({
    routes: everyRoute(),
    staticFiles: { index: file, assets: new Map([['/assets/a', file]]) },
  });
  const report = await sweep(listener, foreign);
  assert.deepEqual(report.breaches, []);
  assertSwept(report);
  const paths = new Set(listener.registered.map(({ path }) => path));
  for (const path of ['/', '/assets/*', '/metrics', '/openapi.json', '/v2/health/live']) {
    assert.ok(paths.has(path), `${path} was swept`);
  }
  assert.equal(report.routes, everyRoute().length + 2);
  assert.equal(report.open, 3 * 7);
  assert.equal(report.refused + report.open, report.calls);
  t.diagnostic(`routes swept ${report.routes}, calls ${report.calls}, refused ${report.refused}`);
});

test('a route that says it is open without being on the list is caught', async () => {
  const planted = {
    contract: {
      ...contracts.readModel,
      id: 'planted.read',
      path: '/api/v1/planted',
      params: undefined,
      permission: 'open',
    },
    handle: () => ({ name: 'leak', limit: 1, by: 'nobody' }),
  } as unknown as Route;
  const { listener } = fixture({ routes: [...everyRoute(), planted] });
  const report = await sweep(listener, foreign);
  assert.ok(report.breaches.includes('GET /api/v1/planted with none: 200'));
  assert.throws(() => assertSwept(report), { code: 'E-SERVER-017' });
});

test('a handler that goes around the builder is enumerated, and answers nobody', async () => {
  const { listener } = fixture();
  listener.inner.get('/api/v1/backdoor', () => 'open');
  const report = await sweep(listener, foreign);
  assert.ok(listener.registered.some(({ path }) => path === '/api/v1/backdoor'));
  assert.deepEqual(report.breaches, []);
  const url = '/api/v1/backdoor';
  const headers = { host: '127.0.0.1:4000', authorization: 'Bearer token-ann' };
  assert.equal((await listener.inner.inject({ url, headers })).statusCode, 404);
});

test('a choke point that fails to know refuses, and one that lets all in is caught', async () => {
  const { clock, random } = realIo();
  const base = { routes: everyRoute(), clock, random, log: () => undefined, port: 4_000 };
  const failing = createListener({
    ...base,
    authenticate: () => Promise.reject(new Error('the database is away')),
    authorize: async () => ({ allowed: true }),
  });
  const statuses = (await sweep(failing, foreign)).breaches.map((text) => text.slice(-3));
  assert.ok(statuses.length > 0 && statuses.every((status) => status === '500'));
  const lax = createListener({
    ...base,
    authenticate: async () => ({
      organisation: 'a',
      workspace: 'main',
      project: 'p',
      id: 'x',
      kind: 'person',
      roles: [],
    }),
    authorize: async () => ({ allowed: true }),
  });
  const { breaches } = await sweep(lax, foreign);
  assert.ok(breaches.some((text) => text.includes('garbage')));
  assert.ok(z.array(z.string()).min(10).safeParse(breaches).success);
});
