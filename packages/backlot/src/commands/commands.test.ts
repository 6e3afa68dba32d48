import assert from 'node:assert/strict';
import { test } from 'node:test';
import { realIo } from '@backlot/core';
import type { CommandCall } from '../cli/command.ts';
import { createOutput } from '../cli/output.ts';
import type { Connection } from '../connect.ts';
import { approve } from './approve.ts';
import { verifyAudit } from './audit-verify.ts';
import { deliver, formatOf } from './deliver.ts';
import { showModels } from './models.ts';
import { recommend } from './recommend.ts';
import { runPipeline } from './run.ts';
import { showRuns } from './runs.ts';

function calling(args: readonly string[], options: CommandCall['options'] = {}) {
  const said = { out: '', err: '' };
  const controller = new AbortController();
  const output = createOutput({
    ...{ json: false, quiet: false, environment: {} },
    stdout: { write: (text) => (said.out += text) },
    stderr: { write: (text) => (said.err += text) },
  });
  const { signal } = controller;
  const rest = { io: realIo(), cwd: '/', environment: {}, signal };
  return { call: { args, options, output, ...rest } satisfies CommandCall, said, controller };
}

/** A connection whose API answers with these functions; any other call is a mistake of the test. */
function connectionOf(api: Readonly<Record<string, unknown>>): Connection {
  const address = 'http://127.0.0.1:7400';
  return { api: api as Connection['api'], address, home: '/state', close: async () => undefined };
}

const run = { id: 'abcdefghij', pipeline: 'daily', tasks: 1, done: 0, createdAt: 0, taskViews: [] };

test('a broken ledger is exit code 7 and names the first bad entry', async () => {
  const { call, said } = calling([]);
  const verdict = { ok: false, entries: 9, checkpoints: 1, root: 'r', firstBad: 4, ms: 1 };
  const verify = async () => ({ ...verdict, reason: 'the hash differs' });
  assert.equal(await verifyAudit(call, connectionOf({ verifyAudit: verify })), 7);
  assert.equal(said.out, 'BROKEN at entry 4: the hash differs\n');
});

test('a run that failed is exit code 1 and tells how to resume', async () => {
  const { call, said } = calling(['daily'], { set: '{"k":3}' });
  const asked: unknown[] = [];
  const code = await runPipeline(
    call,
    connectionOf({
      startRun: async (input: unknown) => asked.push(input) && { run: run.id },
      watchRun: async function* () {
        yield { data: { ...run, state: 'running' } };
        yield { data: { ...run, state: 'failed', resume: 'backlot run --resume abcdefg' } };
      },
    }),
  );
  assert.equal(code, 1);
  assert.deepEqual(asked, [{ params: { pipeline: 'daily' }, body: { parameters: { k: 3 } } }]);
  assert.match(said.err, /backlot run --resume abcdefg\n$/);
});

test('an interruption ends the watching alone', async () => {
  const { call, said, controller } = calling(['daily']);
  const pending = runPipeline(
    call,
    connectionOf({
      startRun: async () => ({ run: run.id }),
      watchRun: async function* () {
        yield { data: { ...run, state: 'running' } };
        controller.abort();
        await new Promise(() => undefined);
      },
    }),
  );
  assert.equal(await pending, 130);
  assert.match(said.err, /run abcdefg goes on/);
});

test('an approval shows what it binds, and decides nothing without a reason', async () => {
  const binds = [{ name: 'model digest', value: 'sha256:aa' }];
  const proposal = { endpoint: 'home', by: 'author', expiresAt: 0, binds, checks: [] };
  const seen = { digest: 'sha256:aa', evaluation: 'sha256:bb', card: 'sha256:cc' };
  const version = {
    ...{ model: 'als', version: 2, approval: 'proposed', mayApprove: { allowed: true } },
    ...seen,
  };
  const decided: unknown[] = [];
  const connection = connectionOf({
    readVersion: async () => ({ ...version, proposal }),
    decideVersion: async ({ body }: { body: unknown }) =>
      decided.push(body) && { approval: 'approved' },
  });
  const silent = calling(['als', '2']);
  await assert.rejects(approve(silent.call, connection), { code: 'E-BACKLOT-020' });
  assert.match(silent.said.err, /model digest {2}sha256:aa/);
  assert.deepEqual(decided, []);
  await approve(calling(['als', '2'], { reason: 'better' }).call, connection);
  assert.deepEqual(decided, [{ decision: 'approve', reason: 'better', seen }]);
});

test('the name of a file says how it is written', () => {
  assert.deepEqual(formatOf('a.b.ndjson.gz'), { format: 'jsonl', compression: 'gzip' });
  assert.deepEqual(formatOf('A.CSV'), { format: 'csv', compression: 'none' });
  assert.throws(() => formatOf('rows.xlsx'), { code: 'E-BACKLOT-020' });
});

test('a delivery that is refused whole is exit code 7 and shows each rule with its mend', async () => {
  const { call, said } = calling(['plays', import.meta.filename.replace(/\.ts$/, '.csv')]);
  const files = { ...call.io.files, stat: async () => ({ kind: 'file', bytes: 2, modifiedAt: 0 }) };
  const io = { ...call.io, files: { ...files, read: async () => Buffer.from('a\n') } };
  const reasons = [{ rule: 'below-min', column: 'price', rows: 4, mend: 'give a larger one' }];
  const found = { id: 'd1', run: run.id, table: 'plays', rows: 4, accepted: 0, quarantined: 4 };
  const code = await deliver(
    { ...call, io: io as CommandCall['io'] },
    connectionOf({
      deliver: async () => ({ run: run.id }),
      watchRun: async function* () {
        yield { data: { ...run, state: 'succeeded' } };
      },
      listDeliveries: async () => ({ deliveries: [found] }),
      readDelivery: async () => ({ ...found, status: 'refused', reasons }),
    }),
  );
  assert.equal(code, 7);
  assert.match(said.out, /^plays {2}refused {2}0 of 4 rows accepted, 4 quarantined\n/);
  assert.match(said.out, /below-min {2}price {6}4 {2}give a larger one/);
});

test('an answer is ranked, figures are set right, and a fallback is said', async () => {
  const { call, said } = calling(['home', 'ada'], { k: '2', storefront: 'DE' });
  const asked: unknown[] = [];
  const items = [
    { rank: 1, item: 'i1', title: 'Lantern Hour', score: 12.5 },
    { rank: 2, item: 'i2', score: 3 },
  ];
  const answer = { prediction: 'p1', model: 'als', version: 2, items };
  const ask = async (input: unknown) => asked.push(input) && { ...answer, fallback: 'unknown' };
  await recommend(call, connectionOf({ recommend: ask }));
  const body = { account: 'ada', k: 2, excludeSeen: true, storefront: 'DE' };
  assert.deepEqual(asked, [{ params: { endpoint: 'home' }, body }]);
  assert.deepEqual(said.out.split('\n'), [
    'rank  title           score  item',
    '   1  Lantern Hour  12.5000  i1',
    '   2  i2             3.0000  i2',
    '',
  ]);
  assert.match(said.err, /als 2 {2}prediction p1\nfallback: unknown\n/);
});

test('a card is printed as it is, and a list of nothing says what makes something', async () => {
  const card = calling(['als', '1']);
  const readVersion = async () => ({ cardMarkdown: '# als 1\n\nText.\n' });
  await showModels(card.call, connectionOf({ readVersion }));
  assert.equal(card.said.out, '# als 1\n\nText.\n');
  const none = calling([]);
  await showModels(none.call, connectionOf({ listModels: async () => ({ models: [] }) }));
  assert.equal(none.said.out, '');
  assert.match(none.said.err, /backlot start/);
});

test('a log is read piece by piece to its end', async () => {
  const { call, said } = calling(['abcdefg'], { log: 'fit' });
  const pieces: Readonly<Record<number, object>> = {
    0: { attempt: 1, text: 'one\ntw', next: 6, ended: false },
    6: { attempt: 1, text: 'o\n', next: 8, ended: true },
  };
  const readTaskLog = async ({ query }: { query: { from: number } }) => pieces[query.from];
  await showRuns(call, connectionOf({ readTaskLog }));
  assert.equal(said.out, 'one\ntwo\n');
});
