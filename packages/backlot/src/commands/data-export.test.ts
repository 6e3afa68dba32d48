import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { realIo } from '@backlot/core';
import { importOdcs } from '@backlot/data';
import type { CommandCall } from '../cli/command.ts';
import { createOutput } from '../cli/output.ts';
import { run } from './data-export.ts';

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
