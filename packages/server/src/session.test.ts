import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asAnn, fixture } from './listener.fixture.ts';

const { host } = asAnn;
const cookie = 'backlot_session=session-ann';
const page = { origin: `http://${host}`, 'sec-fetch-site': 'same-origin', 'x-backlot': '1' };

async function status(
  method: 'GET' | 'POST' | 'DELETE',
  url: string,
  headers: Readonly<Record<string, string>>,
): Promise<number> {
  const { listener } = fixture();
  const payload = method === 'POST' ? { payload: '{"name":"a"}' } : {};
  const json = method === 'POST' ? { 'content-type': 'application/json' } : {};
  const request = { method, url, headers: { host, ...json, ...headers }, ...payload };
  return (await listener.inner.inject(request)).statusCode;
}

test('a session cookie reads, and writes only from our own page', async (t) => {
  const read = '/api/v1/models/a';
  const write = '/api/v1/models';
  const { origin: _origin, ...unsaid } = page;
  const { 'x-backlot': _mark, ...unmarked } = page;
  const cases: readonly (readonly [number, 'GET' | 'POST', Record<string, string>])[] = [
    [200, 'GET', { cookie }],
    [200, 'GET', { cookie, 'sec-fetch-site': 'same-origin' }],
    [403, 'GET', { cookie, 'sec-fetch-site': 'cross-site' }],
    [403, 'GET', { cookie, 'sec-fetch-site': 'same-site' }],
    [200, 'POST', { cookie, ...page }],
    [200, 'POST', { cookie, ...unsaid }],
    [200, 'POST', { cookie, 'x-backlot': '1' }],
    [403, 'POST', { cookie }],
    [403, 'POST', { cookie, ...unmarked }],
    [403, 'POST', { cookie, ...page, 'x-backlot': '0' }],
    [403, 'POST', { cookie, ...page, origin: 'http://evil.example' }],
    [403, 'POST', { cookie, ...page, origin: 'null' }],
    [403, 'POST', { cookie, ...page, origin: 'http://127.0.0.1:3000' }],
    [403, 'POST', { cookie, ...page, origin: `https://${host}` }],
    [403, 'POST', { cookie, ...page, 'sec-fetch-site': 'same-site' }],
    [200, 'POST', { authorization: asAnn.authorization }],
    [401, 'POST', { cookie: 'backlot_session=token-ann', ...page }],
    [401, 'GET', { authorization: 'Bearer session-ann' }],
    [401, 'GET', { authorization: 'Bearer wrong', cookie }],
    [400, 'GET', { cookie: `${cookie}; ${cookie}` }],
    [401, 'GET', { cookie: 'x_backlot_session=session-ann' }],
    [200, 'GET', { cookie: `theme=dark; ${cookie}` }],
  ];
  for (const [wanted, method, headers] of cases) {
    const got = await status(method, method === 'GET' ? read : write, headers);
    assert.equal(got, wanted, `${method} ${JSON.stringify(headers)}`);
  }
  t.diagnostic(`session rules ${cases.length}`);
});

test('a session begins and ends with a strict cookie that scripts cannot read', async () => {
  const { listener } = fixture();
  const opened = await listener.inner.inject({
    method: 'POST',
    url: '/api/v1/session',
    headers: { host, ...page, 'content-type': 'application/json' },
    payload: '{"code":"once"}',
  });
  const wanted = 'backlot_session=session-ann; Path=/; HttpOnly; SameSite=Strict; Max-Age=60';
  assert.equal(opened.headers['set-cookie'], wanted);
  const closed = await listener.inner.inject({
    method: 'DELETE',
    url: '/api/v1/session',
    headers: { host, ...page, cookie },
  });
  assert.match(String(closed.headers['set-cookie']), /^backlot_session=; .*Max-Age=0$/);
  const forged = await listener.inner.inject({
    method: 'POST',
    url: '/api/v1/session',
    headers: { host, 'content-type': 'application/json', origin: 'http://evil.example' },
    payload: '{"code":"once"}',
  });
  assert.equal(forged.statusCode, 403);
  assert.equal(forged.headers['set-cookie'], undefined);
});

test('a session that was revoked is dead at the next request', async () => {
  const { listener, revoked } = fixture();
  const ask = () => listener.inner.inject({ url: '/api/v1/models/a', headers: { host, cookie } });
  assert.equal((await ask()).statusCode, 200);
  revoked.add('session-ann');
  assert.equal((await ask()).statusCode, 401);
});
