import assert from 'node:assert/strict';
import { Agent, get } from 'node:http';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { asAnn, fixture, rawRequest } from './listener.fixture.ts';

const bearer = { authorization: asAnn.authorization };

test('closing finishes what is in work, over a connection that then ends', async () => {
  const { listener, events } = fixture({ port: 0 });
  const address = await listener.listen();
  const agent = new Agent({ keepAlive: true });
  const ask = (path: string) =>
    new Promise<{ status: number; connection: string | undefined; body: string }>(
      (resolve, reject) => {
        get(`${address}${path}`, { agent, headers: bearer }, async (answer) => {
          let body = '';
          for await (const chunk of answer) body += String(chunk);
          resolve({ status: answer.statusCode!, connection: answer.headers.connection, body });
        }).on('error', reject);
      },
    );
  assert.equal((await ask('/api/v1/models/a')).connection, 'keep-alive');
  const slow = ask('/api/v1/slow/200');
  await delay(60);
  assert.equal(listener.ready, true);
  const closing = listener.close({ graceMs: 5_000 });
  assert.equal(listener.ready, false);
  const answer = await slow;
  assert.deepEqual([answer.status, answer.connection], [200, 'close']);
  assert.deepEqual(JSON.parse(answer.body), { waited: 200 });
  assert.deepEqual(await closing, { drained: true });
  await assert.rejects(ask('/api/v1/models/a'), { code: 'ECONNREFUSED' });
  assert.equal(events.at(-1)?.event, 'closed');
  agent.destroy();
});

test('a request that comes while the server closes is told to come back', async () => {
  const { listener } = fixture();
  const slow = listener.inner.inject({ url: '/api/v1/slow/150', headers: asAnn });
  await delay(30);
  const closing = listener.close({ graceMs: 2_000 });
  const late = await listener.inner.inject({ url: '/api/v1/models/a', headers: asAnn });
  assert.equal(late.statusCode, 503);
  assert.equal(late.headers['retry-after'], '5');
  assert.equal((await slow).statusCode, 200);
  assert.deepEqual(await closing, { drained: true });
});

test('what is still in work after the grace is cut, and closing resolves', async () => {
  const { listener } = fixture({ port: 0 });
  const address = await listener.listen();
  const { host } = new URL(address);
  const head = `GET /api/v1/slow/900 HTTP/1.1\r\nHost: ${host}\r\nAuthorization: ${bearer.authorization}\r\n\r\n`;
  const cut = rawRequest(address, [head]);
  await delay(60);
  assert.deepEqual(await listener.close({ graceMs: 50 }), { drained: false });
  assert.equal(await cut, '');
});

test('closing twice is one closing', async () => {
  const { listener } = fixture({ port: 0 });
  await listener.listen();
  assert.equal(listener.close(), listener.close());
  await listener.close();
});
