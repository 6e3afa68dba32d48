import assert from 'node:assert/strict';
import { test } from 'node:test';
import { realIo } from '@backlot/core';
import type { CommandCall } from '../cli/command.ts';
import { createOutput } from '../cli/output.ts';
import type { Connection } from '../connect.ts';
import { approve } from './approve.ts';
import { verifyAudit } from './audit-verify.ts';
import { formatOf } from './deliver.ts';
import { runPipeline } from './run.ts';

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
  const version = { model: 'als', version: 2, approval: 'proposed', mayApprove: { allowed: true } };
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
  assert.deepEqual(decided, [{ decision: 'approve', reason: 'better' }]);
});

test('the name of a file says how it is written', () => {
  assert.deepEqual(formatOf('a.b.ndjson.gz'), { format: 'jsonl', compression: 'gzip' });
  assert.deepEqual(formatOf('A.CSV'), { format: 'csv', compression: 'none' });
  assert.throws(() => formatOf('rows.xlsx'), { code: 'E-BACKLOT-020' });
});
