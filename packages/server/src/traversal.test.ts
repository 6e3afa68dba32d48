import assert from 'node:assert/strict';
import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { asAnn, fixture } from './listener.fixture.ts';

const dots = [
  '..',
  '%2e%2e',
  '%2E.',
  '.%2e',
  '%252e%252e',
  '%c0%ae%c0%ae',
  '\u2025',
  '\uff0e\uff0e',
  '...',
  '. .',
];
const slashes = [
  '/',
  '%2f',
  '%2F',
  '\\',
  '%5c',
  '%5C',
  '%252f',
  '%c0%af',
  '\u2215',
  '\uff0f',
  '%00/',
  ';/',
  '//',
];
const tails = ['metadata.sqlite', '', 'a%00', 'a;b'];
const others = [
  '%',
  '%2',
  '%zz',
  '%00',
  '%0d%0aX:1',
  'C:%5cwindows',
  '%5c%5chost%5cshare',
  'file:%2f%2f%2fetc',
  'http:%2f%2f169.254.169.254',
  '~root',
  '$HOME',
  '%7e%2f',
  'a%20b',
  '%20a',
  'a%09',
  '-rf',
  '%2d-help',
  '.hidden',
  'a%2fb',
  'a%5cb',
  'a%c3%a9',
  '%f0%9f%92%a9',
  'a'.repeat(257),
  'A'.repeat(5_000),
  '__proto__',
  '%3Cscript%3E',
  '%27%20OR%201=1--',
  '%7b%7b7*7%7d%7d',
  '*',
  '%2a',
  '%22',
  'a%26b',
  'a|b',
  'a%60b',
  'a..b',
  'a%2e%2eb',
];

function hostileValues(): readonly string[] {
  const climbs = dots.flatMap((dot) =>
    slashes.flatMap((slash) => tails.map((tail) => `${dot}${slash}${dot}${slash}${tail}`)),
  );
  return [...climbs, ...others];
}

/** Sends the path as it is: an injected request would have its dots resolved first. */
function ask(
  agent: Agent,
  address: string,
  method: string,
  path: string,
): Promise<{ readonly status: number; readonly body: string }> {
  const { hostname, port } = new URL(address);
  const headers = { authorization: asAnn.authorization };
  return new Promise((resolve, reject) => {
    const sent = request({ agent, hostname, port, method, path, headers }, async (answer) => {
      resolve({ status: answer.statusCode!, body: await text(answer) });
    });
    sent.once('error', reject);
    sent.end();
  });
}

test('no encoding of a place reaches a handler through any param', async (t) => {
  const { listener, seen } = fixture({ port: 0 });
  const address = await listener.listen();
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const values = hostileValues().map((value) => value.replace(/[^\x21-\x7e]/g, encodeURIComponent));
  const paths = listener.registered.filter(({ path }) => path.includes(':'));
  let calls = 0;
  for (const { method, path } of paths) {
    for (const name of path.match(/:[a-zA-Z]+/g)!) {
      for (const value of values) {
        const filled = path.replace(name, () => value).replace(/:[a-zA-Z]+/g, 'a');
        const answer = await ask(agent, address, method, filled);
        calls++;
        assert.ok([400, 404, 415].includes(answer.status), `${filled} ${answer.status}`);
        assert.doesNotMatch(answer.body, /passwd|sqlite|\.\.\//);
      }
    }
  }
  assert.deepEqual(seen.params, []);
  assert.ok(calls > 3_000);
  t.diagnostic(`encodings ${values.length}, params ${calls / values.length}, calls ${calls}`);
  agent.destroy();
  await listener.close();
});

test('names, digests, ids and shards are let through', async () => {
  const { listener, seen } = fixture();
  for (const value of [
    'als-film',
    'a.b_c-d',
    `sha256:${'a'.repeat(64)}`,
    '3',
    'fit%231',
    'A1@b:c=',
  ]) {
    const url = `/api/v1/models/a/versions/${value}`;
    const answer = await listener.inner.inject({ url, headers: asAnn });
    const wanted = value.length > 63 ? 400 : 200;
    assert.equal(answer.statusCode, wanted, value);
  }
  assert.equal(seen.params.length, 5);
});
