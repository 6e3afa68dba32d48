import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { realIo } from '@backlot/core';
import { contractData, exportOdcs } from '@backlot/data';
import type { CommandCall } from '../cli/command.ts';
import { createOutput } from '../cli/output.ts';
import { definitionsOf } from '../owner/definitions.ts';
import { run } from './data-diff.ts';

test('a definition is compared with a document; what breaks ends with 1', async (t) => {
  const cwd = await mkdtemp(join(tmpdir(), 'backlot-diff-'));
  t.after(() => rm(cwd, { recursive: true }));
  const films = contractData(
    definitionsOf({} as never).tables.find(({ name }) => name === 'films')!,
  );
  const file = join(cwd, 'films.json');
  const diff = async (): Promise<readonly [number | undefined, string]> => {
    let written = '';
    const stdout = { write: (text: string) => (written += text) };
    const output = createOutput({
      ...{ json: false, quiet: true, environment: {}, stdout, stderr: { write: () => true } },
    });
    const call = { args: ['films'], options: { against: file }, output, io: realIo(), cwd };
    return [await run(call as unknown as CommandCall), written];
  };
  await writeFile(file, JSON.stringify(exportOdcs([films], { id: 'films' })));
  assert.deepEqual(await diff(), [undefined, '']);
  const [first, ...rest] = films.columns;
  const more = { ...first!, name: 'goneColumn' };
  const before = { ...films, columns: [first!, more, ...rest] };
  await writeFile(file, JSON.stringify(exportOdcs([before], { id: 'films' })));
  const [code, text] = await diff();
  assert.equal(code, 1);
  assert.match(text, /columnRemoved +goneColumn.*readers writers/);
});
