import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as z from 'zod';
import { type AnyContract, BadContract, contract } from './contract.ts';
import { route } from './route.ts';

const limits = { bodyBytes: 0, timeoutMs: 1_000 };
const read = contract({
  id: 'models.read',
  method: 'GET',
  path: '/api/v1/models/:model',
  summary: 'One model',
  params: z.strictObject({ model: z.string() }),
  permission: {
    action: 'model.read',
    resource: ({ params }) => ({ type: 'model', id: params.model }),
  },
  result: z.strictObject({ name: z.string() }),
  limits,
});

test('a contract is frozen and gives its handler the types of its schemas', () => {
  assert.ok(Object.isFrozen(read));
  const made = route(read, async ({ params, scope, principal }) => {
    const name: string = params.model;
    // @ts-expect-error the schema has no such param
    void params.other;
    return { name: `${scope.workspace}/${principal.id}/${name}` };
  });
  assert.equal(made.contract.id, 'models.read');
  // @ts-expect-error the result has no such field
  void (() => route(read, async () => ({ title: 'x' })));
});

test('streams and open routes type what their handlers return and know', () => {
  const events = contract({
    id: 'runs.watch',
    method: 'GET',
    path: '/api/v1/runs/:run/events',
    summary: 'A run, live',
    params: z.strictObject({ run: z.string() }),
    permission: { action: 'run.read', resource: { type: 'run', id: 'all' } },
    result: z.strictObject({ done: z.int() }),
    stream: 'events',
    limits,
  });
  route(events, async function* () {
    yield { id: '1', data: { done: 1 } };
  });
  const deliver = contract({
    id: 'deliveries.create',
    method: 'POST',
    path: '/api/v1/deliveries',
    summary: 'Rows',
    permission: { action: 'table.deliver' },
    body: 'bytes',
    result: z.strictObject({ bytes: z.int() }),
    limits: { bodyBytes: 1_000, timeoutMs: 1_000 },
  });
  route(deliver, async ({ body: bytes }) => {
    let total = 0;
    for await (const chunk of bytes) total += chunk.byteLength;
    return { bytes: total };
  });
  const signIn = contract({
    id: 'session.create',
    method: 'POST',
    path: '/api/v1/session',
    summary: 'Swaps a one-time code for a session',
    permission: 'open',
    body: z.strictObject({ code: z.string() }),
    result: z.strictObject({ ok: z.boolean() }),
    limits: { bodyBytes: 1_000, timeoutMs: 1_000 },
  });
  route(signIn, ({ principal, body }) => {
    const nobody: undefined = principal;
    return { ok: nobody === undefined && body.code.length > 0 };
  });
});

test('a contract without permission or limits neither compiles nor is made', () => {
  const { permission, limits: _limits, ...rest } = read;
  // @ts-expect-error it has no permission
  assert.throws(() => contract({ ...rest, limits }), BadContract);
  // @ts-expect-error it has no limits
  assert.throws(() => contract({ ...rest, permission }), BadContract);
});

const base = { ...read } as AnyContract;
const body = z.strictObject({ a: z.string() });
const mistakes: readonly (readonly [string, Partial<AnyContract>])[] = [
  ['an open route outside the frozen list', { permission: 'open' }],
  ['an action that is no noun.verb', { permission: { ...base.permission, action: 'read' } }],
  ['a path outside the prefixes', { path: '/models/:model' }],
  ['a wildcard', { path: '/api/v1/*' }],
  ['a param without schema', { path: '/api/v1/models/:model/:version' }],
  ['a schema without param', { path: '/api/v1/models' }],
  ['a loose body', { method: 'POST', body: z.object({}), limits: { ...limits, bodyBytes: 1 } }],
  [
    'a loose object deep in a body',
    {
      method: 'POST',
      body: z.strictObject({ a: z.array(z.union([z.string(), z.looseObject({})])) }),
      limits: { ...limits, bodyBytes: 1 },
    },
  ],
  ['a loose result', { result: z.object({}) }],
  ['a loose query', { query: z.object({}) }],
  ['a GET with a body', { body, limits: { ...limits, bodyBytes: 10 } }],
  ['a body of no bytes', { method: 'POST', body }],
  ['no time', { limits: { ...limits, timeoutMs: 0 } }],
  ['an endless time', { limits: { ...limits, timeoutMs: Number.POSITIVE_INFINITY } }],
  ['a rate of nothing', { limits: { ...limits, ratePerMinute: 0 } }],
  ['no result', { result: undefined }],
  ['an id of one word', { id: 'models' }],
];
for (const [name, change] of mistakes) {
  test(`a contract is refused for ${name}`, () => {
    assert.throws(() => contract({ ...base, ...change } as AnyContract), BadContract);
  });
}
