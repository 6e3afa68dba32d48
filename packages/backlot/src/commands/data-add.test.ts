import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { realIo } from '@backlot/core';
import type { CommandCall } from '../cli/command.ts';
import { createOutput } from '../cli/output.ts';
import { run } from './data-add.ts';

test('a file becomes a definition to paste; what is to be decided stands beside it', async (t) => {
  const cwd = await mkdtemp(join(tmpdir(), 'backlot-add-'));
  t.after(() => rm(cwd, { recursive: true }));
  await writeFile(join(cwd, 'Our Plays.csv'), 'accountId,ms\na1,10\na2,\n');
  const looked = async (file: string): Promise<readonly [string, string]> => {
    let [out, err] = ['', ''];
    const output = createOutput({
      ...{ json: false, quiet: false, environment: {} },
      stdout: { write: (text) => (out += text) },
      stderr: { write: (text) => (err += text) },
    });
    const call = { args: [file], options: {}, output, io: realIo(), cwd };
    await run(call as unknown as CommandCall);
    return [out, err];
  };
  const [out, err] = await looked('Our Plays.csv');
  assert.deepEqual(out.split('\n'), [
    "import { int, key, table } from '@backlot/data';",
    '',
    "export const ourPlays = table('our-plays', {",
    '  accountId: key(),',
    '  ms: int().optional(),',
    '}, {',
    "  purposes: ['debug'],",
    '});',
    '',
  ]);
  assert.ok(err.split('\n').every((line) => line === '' || line.startsWith('// ')));
  assert.match(err, /2 rows were looked at\n.*make one of accountId subject\(\)/);
  await assert.rejects(looked('gone.csv'), { code: 'E-BACKLOT-023' });
  await assert.rejects(looked('plays.xlsx'), { code: 'E-BACKLOT-020' });
});
