import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const command = join(import.meta.dirname, '../../../../bin/backlot.js');

/** Says every module that a process loads, imported or required, on stderr. */
const watching = `import { registerHooks } from 'node:module';
import { writeSync } from 'node:fs';
registerHooks({
  load(url, context, next) {
    writeSync(2, url + '\\n');
    return next(url, context);
  },
});`;

test('help loads the parser and the table of verbs, and none of the engines', async () => {
  const hooks = `data:text/javascript,${encodeURIComponent(watching)}`;
  const argv = ['--import', hooks, command, '--help'];
  const { stdout, stderr } = await execute(process.execPath, argv, {
    env: { PATH: process.env.PATH },
  });
  assert.match(stdout, /^Usage: backlot/);
  const loaded = stderr.split('\n').filter((line) => line.startsWith('file:'));
  assert.ok(
    loaded.some((url) => url.includes('/commander/')),
    'the hook sees what is loaded',
  );
  assert.ok(loaded.some((url) => url.endsWith('/cli/commands.ts')));
  const heavy = /fastify|duckdb|cedar|onnxruntime|zod|packages\/(?!core\/|backlot\/)/;
  assert.deepEqual(
    loaded.filter((url) => heavy.test(url)),
    [],
  );
});
