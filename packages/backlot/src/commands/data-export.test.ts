import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { realIo } from '@backlot/core';
import { importOdcs } from '@backlot/data';
import type { CommandCall } from '../cli/command.ts';
import { createOutput } from '../cli/output.ts';
import type { Connection } from '../connect.ts';
import { describeSnapshot, run } from './data-export.ts';

test('the tables of a project are written, all or one, and read again', async (t) => {
  const cwd = await mkdtemp(join(tmpdir(), 'backlot-export-'));
  t.after(() => rm(cwd, { recursive: true }));
  const exported = async (...args: string[]): Promise<string> => {
    let written = '';
    const stdout = { write: (text: string) => (written += text) };
    const stderr = { write: () => true };
    const output = createOutput({ json: false, quiet: false, environment: {}, stdout, stderr });
    await run({ args, options: {}, output, io: realIo(), cwd } as unknown as CommandCall);
    return written;
  };
  const all = importOdcs(JSON.parse(await exported()));
  assert.ok(all.contracts.length > 3 && all.notCarried.length === 0);
  const [first] = all.contracts;
  assert.deepEqual(importOdcs(JSON.parse(await exported(first!.table))).contracts, [first]);
  await assert.rejects(exported(`${first!.table.slice(0, -1)}x`), {
    code: 'E-BACKLOT-026',
    kind: 'notFound',
  });
});

test('a snapshot is described for others only with what its publisher has to say', async () => {
  let written = '';
  const stdout = { write: (text: string) => (written += text) };
  const stderr = { write: () => true };
  const output = createOutput({ json: false, quiet: false, environment: {}, stdout, stderr });
  const asked: unknown[] = [];
  const readCroissant = async (input: unknown) => asked.push(input) && { name: 'films' };
  const connection = { api: { readCroissant } } as unknown as Connection;
  const call = (options: object, args = ['films']) =>
    ({ args, options, output }) as unknown as CommandCall;
  const said = { url: 'https://files.example', license: 'CC0-1.0', creator: 'Store' };
  await describeSnapshot(call(said), connection);
  assert.deepEqual(asked, [{ params: { table: 'films' }, query: said }]);
  assert.deepEqual(JSON.parse(written), { name: 'films' });
  const { license: _, ...less } = said;
  const refused = { code: 'E-BACKLOT-020' };
  await assert.rejects(describeSnapshot(call(less), connection), refused);
  await assert.rejects(describeSnapshot(call(said, []), connection), refused);
});
