import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { asAnn, fixture, rawRequest, secretPath } from './listener.fixture.ts';

const json = { 'content-type': 'application/json' } as const;
/** The start of a request that brings JSON, up to its length. */
function postHead(host: string): string {
  const lines = [
    'POST /api/v1/models HTTP/1.1',
    `Host: ${host}`,
    'Authorization: Bearer token-ann',
    'Content-Type: application/json',
  ];
  return lines.map((line) => `${line}\r\n`).join('');
}

type Shape = { error: { code: string; reason: string; place?: string; requestId: string } };

test('an admitted request gets a checked answer, with the headers of every answer', async () => {
  const { listener } = fixture();
  const url = '/api/v1/models/als-film?limit=4';
  const answer = await listener.inner.inject({ url, headers: asAnn });
  assert.deepEqual(answer.json(), { name: 'als-film', limit: 4, by: 'ann' });
  const { headers } = answer;
  assert.equal(headers['x-content-type-options'], 'nosniff');
  assert.equal(headers['referrer-policy'], 'no-referrer');
  assert.equal(headers['cache-control'], 'no-store');
  assert.match(String(headers['content-security-policy']), /frame-ancestors 'none'/);
  assert.match(String(headers['x-request-id']), /^[0-9a-z]{20}$/);
});

test('the credential comes first, then the route, the host and the permission', async () => {
  const { listener } = fixture();
  const ask = async (url: string, headers: object, method: 'GET' | 'POST' | 'OPTIONS' = 'GET') =>
    (await listener.inner.inject({ url, method, headers: { ...headers } })).statusCode;
  const host = { host: asAnn.host };
  assert.equal(await ask('/api/v1/nothing', host), 401);
  assert.equal(await ask('/api/v1/nothing', asAnn), 404);
  assert.equal(await ask('/api/v1/models/a', { ...asAnn, authorization: 'Bearer token-vic' }), 200);
  assert.equal(await ask('/api/v1/slow/1', { ...asAnn, authorization: 'Bearer token-vic' }), 403);
  assert.equal(await ask('/api/v1/slow/1', { ...asAnn, authorization: 'Bearer token-zoe' }), 403);
  assert.equal(await ask('/api/v1/models', host, 'OPTIONS'), 401);
  for (const name of [
    'evil.example',
    '127.0.0.1',
    '127.0.0.1:4001',
    'localhost.evil.example:4000',
  ]) {
    assert.equal(await ask('/api/v1/models/a', { ...asAnn, host: name }), 421, name);
  }
  for (const name of ['localhost:4000', '[::1]:4000', 'LOCALHOST:4000']) {
    assert.equal(await ask('/api/v1/models/a', { ...asAnn, host: name }), 200, name);
  }
  for (const authorization of [
    'bearer token-ann',
    'Bearer  token-ann',
    'Bearer token-ann x',
    'Basic token-ann',
  ]) {
    assert.equal(await ask('/api/v1/models/a', { ...host, authorization }), 401, authorization);
  }
});

test('a handler authorises a nested id again', async () => {
  const { listener } = fixture();
  const approve = (run: string) =>
    listener.inner.inject({
      method: 'POST',
      url: '/api/v1/models/m/approvals',
      headers: { ...asAnn, ...json },
      payload: JSON.stringify({ run }),
    });
  assert.equal((await approve('mine')).statusCode, 200);
  const refused = await approve('hidden');
  assert.equal(refused.statusCode, 403);
  assert.equal(refused.json<Shape>().error.code, 'E-SERVER-002');
});

test('fields that the contract does not know are refused by name, values are not shown', async () => {
  const { listener, seen } = fixture();
  const send = async (payload: string) => {
    const headers = { ...asAnn, ...json };
    const url = '/api/v1/models';
    const answer = await listener.inner.inject({ method: 'POST', url, headers, payload });
    return { status: answer.statusCode, ...answer.json<Shape>().error };
  };
  const unknown = await send('{"name":"a","owner":"someone"}');
  assert.equal(unknown.status, 400);
  assert.equal(unknown.code, 'E-SERVER-009');
  assert.match(unknown.reason, /owner/);
  const wrong = await send('{"name":12345678}');
  assert.equal(wrong.place, 'body.name');
  assert.doesNotMatch(wrong.reason, /12345678/);
  for (const [url, place] of [
    ['/api/v1/models/a?limit=10', 'query.limit'],
    ['/api/v1/models/a?limit=x', 'query.limit'],
    ['/api/v1/models/a?other=1', 'query'],
    ['/api/v1/models/a?limit=1&limit=2', 'query'],
    ['/api/v1/models/a?__proto__=1', 'query'],
    ['/api/v1/models/a?limit=%zz', 'query'],
    ['/api/v1/models/a/versions/1?x=1', 'query'],
  ] as const) {
    const answer = await listener.inner.inject({ url, headers: asAnn });
    assert.equal(answer.statusCode, 400, url);
    assert.equal(answer.json<Shape>().error.place, place, url);
  }
  assert.deepEqual(seen.bodies, []);
});

test('a body is one media type exactly, and a handler never sees an unvalidated one', async (t) => {
  const { listener, seen } = fixture({ port: 0 });
  await listener.listen();
  const port = new URL(listener.address).port;
  const payload = '{"name":"ok"}';
  const lines = [
    'application/json',
    'application/json; charset=utf-8',
    'APPLICATION/JSON',
    '\tapplication/json',
    ' application/json ',
    'application/json;',
    'application/json ;',
    'application/json;charset=utf-8',
    'application/json; charset=latin1',
    'application/json\t; charset=utf-8',
    'application/json,text/plain',
    'application/jsonx',
    'application/json+x',
    'text/plain',
    'text/json',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/json; boundary=x',
    'application /json',
    '*/*',
    '',
    'application/octet-stream',
    'application/json\u00a0',
    'application/\u000bjson',
  ];
  let accepted = 0;
  const post = async (extra: string, body = payload): Promise<number> => {
    const head = `POST /api/v1/models HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer token-ann\r\n`;
    const text = `${head}Connection: close\r\nContent-Length: ${Buffer.byteLength(body)}\r\n${extra}\r\n${body}`;
    return Number((await rawRequest(listener.address, [text])).slice(9, 12));
  };
  for (const line of lines) {
    for (const body of [payload, '{"name":1}']) {
      const status = await post(`Content-Type: ${line}\r\n`, body);
      if (status === 200) accepted++;
      assert.ok([200, 400, 415].includes(status), `${JSON.stringify(line)} ${status}`);
      if (body !== payload) assert.notEqual(status, 200, line);
    }
  }
  const hostile = [
    'Content-Type: application/json\r\nContent-Type: text/plain\r\n',
    'Content-Type: text/plain\r\nContent-Type: application/json\r\n',
    'Content-Type: application/json\r\nContent-Encoding: gzip\r\n',
    'Content-Type: application/json\r\nContent-Length: 3\r\n',
    'Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n',
    'Content-Type: application/json\r\nHost: evil.example\r\n',
    'Content-Type: application/json\r\nAuthorization: Bearer token-vic\r\n',
    'Content-Type : application/json\r\n',
    'Content-Type: application/json\r\n X: folded\r\n',
    '',
  ];
  for (const extra of hostile) {
    const status = await post(extra);
    assert.ok(status >= 400 && status < 500, `${JSON.stringify(extra)} ${status}`);
  }
  const samples = 300;
  const mutated = fc.stringMatching(/^[\x20-\x7e\t]{0,40}$/);
  for (const line of fc.sample(mutated, { numRuns: samples, seed: 7 })) {
    const headers = { ...asAnn, host: `127.0.0.1:${port}`, 'content-type': line };
    const request = { method: 'POST', url: '/api/v1/models', headers, payload } as const;
    assert.equal((await listener.inner.inject(request)).statusCode, 415, line);
  }
  assert.ok(seen.bodies.every((body) => (body as { name: unknown }).name === 'ok'));
  assert.equal(seen.bodies.length, accepted);
  assert.ok(accepted >= 3);
  t.diagnostic(
    `content types ${lines.length * 2 + samples}, header forms ${hostile.length}, accepted ${accepted}`,
  );
  await listener.close();
});

test('a body may have as many bytes as its limit, and not one more', async () => {
  const { listener, seen } = fixture({ port: 0 });
  await listener.listen();
  const { host } = new URL(listener.address);
  const body = (bytes: number) => `{"name":"a"${' '.repeat(bytes - 12)}}`;
  const head = postHead(host);
  for (const [bytes, status] of [
    [999, 200],
    [1_000, 200],
    [1_001, 413],
  ] as const) {
    const sized = `${head}Connection: close\r\nContent-Length: ${bytes}\r\n\r\n${body(bytes)}`;
    assert.equal((await rawRequest(listener.address, [sized])).slice(9, 12), String(status));
    const chunk = `${bytes.toString(16)}\r\n${body(bytes)}\r\n0\r\n\r\n`;
    const chunked = `${head}Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n${chunk}`;
    assert.equal((await rawRequest(listener.address, [chunked])).slice(9, 12), String(status));
  }
  const flood = Array.from(body(1_000), (unit) => `1\r\n${unit}\r\n`).join('');
  const tiny = `${head}Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n${flood}0\r\n\r\n`;
  assert.equal((await rawRequest(listener.address, [tiny])).slice(9, 12), '200');
  assert.equal(seen.bodies.length, 5);
  const uploads = { ...asAnn, host, 'content-type': 'application/octet-stream' };
  for (const [bytes, status] of [
    [200_000, 200],
    [200_001, 413],
  ] as const) {
    const sent = await fetch(`${listener.address}/api/v1/deliveries`, {
      method: 'POST',
      headers: { ...uploads },
      body: new ReadableStream({
        start: (controller) => {
          controller.enqueue(new Uint8Array(bytes));
          controller.close();
        },
      }),
      duplex: 'half',
    } as RequestInit);
    assert.equal(sent.status, status);
    await sent.text();
  }
  await listener.close();
});

test('a slow body and slow headers are cut', async () => {
  const { listener } = fixture({ port: 0, bodyTimeoutMs: 150, headersTimeoutMs: 200 });
  await listener.listen();
  const { host } = new URL(listener.address);
  const head = `${postHead(host)}Content-Length: 100\r\n\r\n`;
  const drip = Array.from({ length: 20 }, () => ' ');
  const body = await rawRequest(listener.address, [head, ...drip], 25);
  assert.match(body, /^HTTP\/1\.1 408 /);
  assert.match(body, /E-SERVER-013/);
  const headers = await rawRequest(
    listener.address,
    ['GET /api/v1/models/a HTTP/1.1\r\nX: ', 'a'],
    10,
  );
  assert.match(headers, /^HTTP\/1\.1 408 /);
  await listener.close();
});

test('no failure shows a stack, a path, SQL or a thrown message', async (t) => {
  const { listener, events } = fixture();
  const ways = ['sql', 'path', 'type', 'status', 'null', 'text', 'result', 'state'];
  for (const how of ways) {
    const answer = await listener.inner.inject({ url: `/api/v1/fail/${how}`, headers: asAnn });
    assert.equal(answer.statusCode, 500, how);
    const { error } = answer.json<Shape>();
    assert.deepEqual(Object.keys(error), ['code', 'kind', 'reason', 'requestId']);
    assert.equal(error.code, how === 'state' ? 'E-STORE-001' : 'E-SERVER-015');
    assert.doesNotMatch(answer.body, /leak-me|SELECT|SQLITE|\/srv|node:|\.ts|at /);
    assert.ok(!answer.body.includes(secretPath));
  }
  const told = events.filter(({ event }) => event === 'failed');
  assert.equal(told.length, ways.length);
  t.diagnostic(`failures forced ${ways.length}`);
});

test('a handler that is late gets 504', async () => {
  const { listener } = fixture();
  const url = '/api/v1/slow/1300';
  const answer = await listener.inner.inject({ url, headers: asAnn });
  assert.equal(answer.statusCode, 504);
  assert.equal(answer.json<Shape>().error.code, 'E-SERVER-014');
});

test('a rate is kept by principal, and says when to come back', async () => {
  const { listener } = fixture();
  const ask = async (authorization: string) =>
    listener.inner.inject({ url: '/api/v1/seldom', headers: { ...asAnn, authorization } });
  const statuses = [];
  for (let at = 0; at < 3; at++) statuses.push((await ask('Bearer token-ann')).statusCode);
  assert.deepEqual(statuses, [200, 200, 429]);
  const refused = await ask('Bearer token-ann');
  assert.ok(Number(refused.headers['retry-after']) >= 1);
  assert.notEqual((await ask('Bearer token-vic')).statusCode, 429);
});

test('requests beyond the bound of work get 503 and are not begun', async () => {
  const { listener } = fixture({ maxInFlight: 1 });
  const slow = listener.inner.inject({ url: '/api/v1/slow/100', headers: asAnn });
  await delay(30);
  const refused = await listener.inner.inject({ url: '/api/v1/models/a', headers: asAnn });
  assert.equal(refused.statusCode, 503);
  assert.equal(refused.headers['retry-after'], '1');
  assert.equal((await slow).statusCode, 200);
  const after = await listener.inner.inject({ url: '/api/v1/models/a', headers: asAnn });
  assert.equal(after.statusCode, 200);
});

test('a taken port moves on to the next and says so', async () => {
  const squatter = createServer();
  await new Promise<void>((resolve) => squatter.listen(0, '127.0.0.1', resolve));
  const { port } = squatter.address() as AddressInfo;
  const { listener, events } = fixture({ port });
  const address = await listener.listen();
  assert.notEqual(Number(new URL(address).port), port);
  assert.equal(events.find(({ event }) => event === 'port-taken')?.event, 'port-taken');
  const answer = await fetch(`${address}/api/v1/models/a`, {
    headers: { authorization: asAnn.authorization },
  });
  assert.equal(answer.status, 200);
  await listener.close();
  squatter.close();
});

test('an upgrade and a proxy request pass the same choke point', async () => {
  const { listener } = fixture({ port: 0 });
  await listener.listen();
  const { host } = new URL(listener.address);
  const upgrade = [
    `GET /api/v1/models/a HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade, close\r\n`,
    'Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n',
    'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
  ].join('');
  assert.match(await rawRequest(listener.address, [upgrade]), /^HTTP\/1\.1 401 /);
  const absolute = `GET http://evil.example/api/v1/models/a HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
  assert.match(await rawRequest(listener.address, [absolute]), /^HTTP\/1\.1 40[134] /);
  const tunnel = `CONNECT 10.0.0.1:80 HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
  assert.doesNotMatch(await rawRequest(listener.address, [tunnel]), /^HTTP\/1\.1 2/);
  const noHost = 'GET /api/v1/models/a HTTP/1.0\r\nAuthorization: Bearer token-ann\r\n\r\n';
  assert.match(await rawRequest(listener.address, [noHost]), /^HTTP\/1\.1 421 /);
  await listener.close();
});
