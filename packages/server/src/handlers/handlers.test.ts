import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Answer, handlersWorld } from './handlers.fixture.ts';

test('a code is swapped for a session once, and a wrong one is refused', async (t) => {
  const { access, admin, ask } = await handlersWorld(t);
  const { text: code } = await access.sessions.createBootstrapSecret(admin);
  const opened = await ask(undefined, 'POST', '/session', { code });
  assert.equal(opened.status, 200);
  assert.deepEqual(
    [opened.body.principal.id, opened.body.principal.title, 'scope' in opened.body.principal],
    ['ada', 'Ada', false],
  );
  const secret = /backlot_session=([^;]+)/.exec(opened.cookie ?? '')?.[1];
  assert.equal((await access.sessions.authenticate(secret ?? ''))?.principal.id, 'ada');
  assert.equal((await ask(undefined, 'POST', '/session', { code })).status, 401);
  assert.equal((await ask(undefined, 'GET', '/me')).status, 401);
});

test('a principal learns who it is and closes its session', async (t) => {
  const { ask, person } = await handlersWorld(t);
  const vic = await person('vic', ['viewer']);
  const { body } = await ask(vic, 'GET', '/me');
  assert.deepEqual([body.principal.roles, body.version], [['viewer'], '1.2.3']);
  const closed = await ask(vic, 'DELETE', '/session');
  assert.deepEqual([closed.body, /Max-Age=0/.test(closed.cookie ?? '')], [{ closed: true }, true]);
});

test('a table shows its profile, rules and quarantine; an unknown one is absent', async (t) => {
  const { ask, person, publish } = await handlersWorld(t);
  await publish('account,item,ms\na,x,1\nb,y,-2\nc,z,3\n');
  const vic = await person('vic', ['viewer']);
  const list = await ask(vic, 'GET', '/tables');
  assert.deepEqual([list.body.tables[0].rows, list.body.tables[0].quarantined], [2, 1]);
  const { status, body } = await ask(vic, 'GET', '/tables/plays');
  assert.equal(status, 200);
  assert.deepEqual([body.profile.length, body.profile[2].max, body.snapshots.length], [3, 3, 1]);
  const broken = body.rules.filter((rule: { state: string }) => rule.state !== 'ok');
  assert.deepEqual(
    broken.map(({ state, broken, checked }: Answer) => [state, broken, checked]),
    [['warn', 1, 3]],
  );
  const { body: quarantine } = await ask(vic, 'GET', '/tables/plays/quarantine');
  assert.deepEqual(
    quarantine.rows.map(({ row, column, rule }: Answer) => [row, column, rule]),
    [[2, 'ms', 'below-min']],
  );
  assert.equal((await ask(vic, 'GET', '/tables/absent')).status, 404);
});

test('deliveries are listed and read; a steward hands one in and a viewer may not', async (t) => {
  const { ask, delivered, person, publish } = await handlersWorld(t);
  await publish('account,item,ms\na,x,1\n');
  const [vic, sam] = [await person('vic', ['viewer']), await person('sam', ['steward'])];
  const { body } = await ask(vic, 'GET', '/deliveries?table=plays');
  assert.equal(body.deliveries[0].status, 'accepted');
  const one = await ask(vic, 'GET', `/deliveries/${body.deliveries[0].id}`);
  assert.deepEqual(one.body, body.deliveries[0]);
  assert.equal((await ask(vic, 'GET', '/deliveries/absent')).status, 404);
  const path = '/tables/plays/deliveries?format=csv';
  assert.equal((await ask(vic, 'POST', path, 'account\n')).status, 403);
  const handed = await ask(sam, 'POST', path, 'account\n');
  assert.deepEqual([handed.status, handed.body.run, handed.body.bytes], [200, 'run-1', 8]);
  assert.deepEqual([delivered[0]?.table, delivered[0]?.mode], ['plays', 'append']);
});

test('the ledger is listed, proven and verified, and an edited row is named', async (t) => {
  const { ask, metadata, person } = await handlersWorld(t);
  const [vic, joe] = [await person('vic', ['viewer']), await person('joe', ['auditor'])];
  assert.equal((await ask(vic, 'GET', '/audit')).status, 403);
  assert.equal((await ask(joe, 'POST', '/audit/verify', {})).body.ok, true);
  const first = (await ask(joe, 'GET', '/audit?limit=2')).body;
  const second = (await ask(joe, 'GET', `/audit?limit=2&after=${first.next}`)).body;
  const positions = [...first.entries, ...second.entries].map(({ position }) => position);
  assert.deepEqual(
    positions,
    positions.toSorted((a, b) => b - a),
  );
  const proven = (await ask(joe, 'GET', '/audit/0')).body;
  assert.match(proven.leaf, /^[0-9a-f]{64}$/);
  assert.ok(proven.proof.path.length > 0);
  assert.equal((await ask(joe, 'GET', '/audit/9999')).status, 404);
  await metadata.write(async (tx) => {
    await tx.run('UPDATE ledger_entries SET actor = ? WHERE position = 1', 'mallory');
    await tx.record({ workspace: 'store', actor: 'test', action: 'test.edit', resource: 'x' });
  });
  const verdict = (await ask(joe, 'POST', '/audit/verify', {})).body;
  assert.deepEqual([verdict.ok, verdict.firstBad], [false, 1]);
});

test('a token is issued, listed to its holder alone and revoked', async (t) => {
  const { ask, person } = await handlersWorld(t);
  const [vic, kim] = [await person('vic', ['viewer']), await person('kim', ['viewer'])];
  const wish = { title: 'reads', actions: ['run.read', 'token.read'] };
  const issued = (await ask(vic, 'POST', '/tokens', wish)).body;
  const { id } = issued.view;
  assert.equal((await ask(issued.token, 'GET', '/tokens')).body.tokens.length, 2);
  assert.equal((await ask(kim, 'GET', '/tokens')).body.tokens.length, 1);
  assert.equal((await ask(issued.token, 'GET', '/tables')).status, 403);
  assert.equal((await ask(issued.token, 'POST', '/tokens', wish)).status, 403);
  assert.equal((await ask(vic, 'POST', '/tokens', { ...wish, actions: ['run.fly'] })).status, 400);
  assert.equal((await ask(kim, 'DELETE', `/tokens/${id}`)).status, 403);
  assert.equal((await ask(vic, 'DELETE', '/tokens/absent')).status, 404);
  assert.equal((await ask(vic, 'DELETE', `/tokens/${id}`)).status, 200);
  assert.equal((await ask(issued.token, 'GET', '/tokens')).status, 401);
});

test('an operator collects garbage, a viewer does not; a person speaks for no attempt', async (t) => {
  const { ask, person } = await handlersWorld(t);
  const [vic, ola] = [await person('vic', ['viewer']), await person('ola', ['operator'])];
  const dryRun = { dryRun: true };
  assert.equal((await ask(vic, 'POST', '/state/collections', dryRun)).status, 403);
  assert.deepEqual((await ask(ola, 'POST', '/state/collections', dryRun)).body, {
    ...{ kept: 1, removed: 0, bytes: 3 },
  });
  assert.equal((await ask(ola, 'POST', '/attempts/absent/heartbeat', {})).status, 404);
});
