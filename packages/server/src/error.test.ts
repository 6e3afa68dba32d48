import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { causes } from './error.ts';
import { fixture, fixtureRoutes } from './listener.fixture.ts';

test('the table of errors in the README is the one in the code', async () => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  const rows = [...readme.matchAll(/^\| (E-SERVER-\d{3}) \| (\d{3}|-) \|/gm)];
  const documented = new Map(rows.map(([, code, status]) => [code, status]));
  assert.equal(documented.size, Object.keys(causes).length);
  for (const { code, status } of Object.values(causes)) {
    const shown = documented.get(code);
    // Two of them end the start of the server and are never an answer.
    assert.ok(shown === String(status) || shown === '-', code);
  }
});

test('two routes of one id are a bug', () => {
  const routes = fixtureRoutes({ bodies: [], params: [], streamsEnded: 0 });
  const [first] = routes;
  const moved = { ...first!, contract: { ...first!.contract, path: '/api/v1/moved' } };
  assert.throws(() => fixture({ routes: [...routes, moved] }), /models\.read/);
});
