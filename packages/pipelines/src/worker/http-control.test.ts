import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestOfBytes } from '@backlot/core';
import { httpControl } from './http-control.ts';

const attempt = '0123456789abcdefghjk';

function controlWith(status: number, body: unknown, seen: Request[] = []) {
  const answer: typeof fetch = async (input, init) => {
    seen.push(new Request(input as URL, init));
    return new Response(JSON.stringify(body), { status });
  };
  return httpControl({ api: 'http://127.0.0.1:1', token: 'secret', fetch: answer });
}

test('a call is a POST with the token in its header, and its answer is checked', async () => {
  const seen: Request[] = [];
  const control = controlWith(200, { state: 'succeeded' }, seen);
  const commit = { outputs: {}, effects: [], metrics: { a: 1 }, version: digestOfBytes('') };
  assert.deepEqual(await control.commit(attempt, commit), { state: 'succeeded' });
  assert.equal(seen[0]!.method, 'POST');
  assert.equal(seen[0]!.url, `http://127.0.0.1:1/api/v1/attempts/${attempt}/commit`);
  assert.equal(seen[0]!.headers.get('authorization'), 'Bearer secret');
  assert.deepEqual(await seen[0]!.json(), commit);
  await assert.rejects(control.heartbeat(attempt, {}), { code: 'E-PIPELINES-010' });
  await assert.rejects(control.heartbeat('../../runs', {}), { code: 'E-PIPELINES-006' });
  await assert.rejects(control.commit(attempt, { ...commit, metrics: { a: Number.NaN } }), {
    name: 'ZodError',
  });
});

test("the owner's refusal is told as it is, silence as unreachable", async () => {
  const error = { code: 'E-PIPELINES-004', kind: 'conflict', reason: 'too late', requestId: 'x' };
  for (const body of [error, { error }]) {
    await assert.rejects(controlWith(409, body).heartbeat(attempt, {}), {
      code: 'E-PIPELINES-004',
      kind: 'conflict',
    });
  }
  await assert.rejects(controlWith(502, 'bad gateway').heartbeat(attempt, {}), {
    kind: 'unreachable',
  });
  const silent = httpControl({
    api: 'http://127.0.0.1:1',
    token: 'secret',
    fetch: () => Promise.reject(new TypeError('fetch failed')),
  });
  await assert.rejects(silent.heartbeat(attempt, {}), (refused: Error) => {
    assert.equal(refused.message.includes('secret'), false);
    return 'kind' in refused && refused.kind === 'unreachable';
  });
});
