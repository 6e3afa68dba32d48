import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { tenantsWorld } from './handlers.fixture.ts';

const picked = [
  ...['<script>alert(1)</script>', '"><img src=x onerror=alert(1)>', "'; DROP TABLE runs; --"],
  ...[
    '</script><script>',
    '<svg/onload=1>',
    'javascript:alert(1)',
    '{{7*7}}',
    '$'.concat('{7*7}'),
    '<!--',
  ],
  ...['\u0000', 'a\u0000b', '\u0001', '\u001b[2J', '\r\nset-cookie: a=b', '\n', '\t', '\u007f'],
  ...['\u2028', '\u2029', '\u202e', '\ufeff', '\ud800', 'a\udfff', '\u{1f600}', 'é', 'e\u0301'],
  ...['..', '../', '..%2f', '%2e%2e', '%', '%00', '%zz', '/', '\\', '//', '....//', 'a/../b', '~'],
  ...['__proto__', 'constructor', 'toString', 'null', 'undefined', 'NaN', '-1', '1e9', '0x10'],
  ...[
    "' OR '1'='1",
    '* ',
    '%25',
    '?a=b',
    '#',
    'a#1',
    ';',
    '&',
    '`id`',
    '$(id)',
    '|',
    ' ',
    '\u00a0',
  ],
  ...['9'.repeat(40), 'a'.repeat(60), 'a'.repeat(300), 'b'.repeat(5_000)],
];
const nasty = fc.constantFrom(...'<>"\'&/\\%.\u0000\u0007\u2028\u202e\ud83d=;:a0-_ ');
const strings = [
  ...new Set([
    ...picked,
    ...fc.sample(fc.string({ unit: nasty, minLength: 1, maxLength: 30 }), {
      ...{ seed: 7, numRuns: 60 },
    }),
  ]),
].slice(0, 100);

/** Percent-encoded, whatever it is: half a surrogate pair as the three bytes that UTF-8 forbids. */
function encoded(text: string): string {
  return [...text]
    .map((one) => (one.isWellFormed() ? encodeURIComponent(one) : '%ED%A0%80'))
    .join('');
}

test('hostile text in a path is refused or absent, in JSON, and never a fault', async (t) => {
  const { listener, tenants, events } = await tenantsWorld(t);
  const { ids, tokens } = tenants.store;
  assert.ok(strings.length >= 100, `${strings.length} strings`);
  const statuses = new Map<number, number>();
  let routes = 0;
  for (const { method, path, contract } of listener.registered) {
    const params = [...path.matchAll(/:([a-zA-Z]+)/g)].map(([, name]) => name!);
    if (params.length > 0) routes++;
    for (const param of params) {
      const numeric = param === 'position' || param === 'version';
      for (const text of strings) {
        // Another spelling of a number is that number, and may name something.
        if (numeric && /^[0-9][0-9a-fx]*$/.test(text) && Number.isSafeInteger(Number(text)))
          continue;
        const url = path.replace(/:([a-zA-Z]+)/g, (_, name: string) =>
          name === param ? encoded(text) : ((ids as Record<string, string>)[name] ?? 'pair'),
        );
        const bytes = contract!.body === 'bytes';
        const answer = await listener.inner.inject({
          method: method as 'GET',
          url: bytes ? `${url}?format=csv` : url,
          headers: {
            ...{ host: new URL(listener.address).host, 'x-backlot': '1' },
            authorization: `Bearer ${tokens.owner}`,
            ...(contract!.body && {
              'content-type': bytes ? 'application/octet-stream' : 'application/json',
            }),
          },
          ...(contract!.body && { payload: '{}' }),
        });
        const where = `${method} ${path} (${param}) with ${JSON.stringify(text.slice(0, 40))}`;
        assert.ok(
          answer.statusCode >= 400 && answer.statusCode < 500,
          `${where}: ${answer.statusCode}`,
        );
        assert.match(String(answer.headers['content-type']), /^application\/json/, where);
        assert.equal(answer.headers['x-content-type-options'], 'nosniff', where);
        assert.equal(answer.headers['set-cookie'], undefined, where);
        assert.ok(JSON.parse(answer.body).error, where);
        statuses.set(answer.statusCode, (statuses.get(answer.statusCode) ?? 0) + 1);
      }
    }
  }
  assert.deepEqual(
    events.filter(({ event }) => event === 'failed'),
    [],
  );
  const calls = [...statuses.values()].reduce((sum, one) => sum + one, 0);
  const told = [...statuses].map(([status, count]) => `${status}: ${count}`).join(', ');
  t.diagnostic(`strings ${strings.length}, routes ${routes}, calls ${calls} (${told})`);
});

/** What a call answered, or the status that it was refused with; a fault is neither. */
async function orRefusal<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    assert.equal((error as { status?: number }).status, 400, String(error));
    return undefined;
  }
}

test('hostile text in a body or a query comes back as it was given, or is refused with 400', async (t) => {
  const { tenants, propose, events, switches } = await tenantsWorld(t);
  const { api, ids } = tenants.store;
  const counts = { unharmed: 0, refused: 0 };
  const count = (given: string, back: string | undefined) => {
    if (back === undefined) counts.refused++;
    else counts.unharmed++;
    if (back !== undefined) assert.equal(back, given);
  };
  for (const text of strings) {
    const body = { title: text, actions: ['run.read'] };
    count(text, (await orRefusal(api.author.issueToken({ body })))?.view.title);
    for (const field of ['actor', 'action', 'resource'] as const) {
      const query = { [field]: text.toWellFormed() };
      const found = await orRefusal(api.owner.listAudit({ query }));
      count('0', found && String(found.entries.length));
    }
    const params = { table: ids.table };
    const query = { format: 'csv' as const, provider: text.toWellFormed() };
    const provider = /^[a-z][a-z0-9]*$/.test(text) && text.length <= 63;
    if (!provider) {
      const body = Uint8Array.of(1);
      assert.equal(await orRefusal(api.author.deliver({ params, query, body })), undefined, text);
      counts.refused++;
    }
  }
  for (const text of strings.filter((_, at) => at % 6 === 0)) {
    const { version } = await propose('store');
    const params = { model: ids.model, version: version.version };
    const body = { decision: 'refuse' as const, reason: text };
    const decided = await orRefusal(api.approver.decideVersion({ params, body }));
    const { decisions } = await api.author.readVersion({ params });
    count(text, decisions[0]?.reason);
    assert.equal(decided === undefined, decisions.length === 0);
    switches.second = 'works';
    const label = { parameters: { label: text } };
    const started = await orRefusal(
      api.author.startRun({ params: { pipeline: 'pair' }, body: label }),
    );
    const view = started && (await api.author.readRun({ params: { run: started.run } }));
    count(text, view && (view.parameters as { label: string }).label);
  }
  assert.ok(counts.unharmed > 100 && counts.refused > 100);
  assert.deepEqual(
    events.filter(({ event }) => event === 'failed'),
    [],
  );
  t.diagnostic(`unharmed ${counts.unharmed}, refused with 400 ${counts.refused}`);
});
