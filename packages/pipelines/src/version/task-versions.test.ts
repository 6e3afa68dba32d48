import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { realIo } from '@backlot/core';
import { TaskVersions } from './task-versions.ts';

test('the version follows every project module, file and package version', async (t) => {
  const root = await mkdtemp(join(tmpdir(), 'backlot-version-'));
  t.after(() => rm(root, { recursive: true }));
  const write = async (path: string, text: string) => {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  };
  await write('package.json', '{"name":"shop","version":"1.0.0","type":"module"}');
  await write(
    'task.ts',
    "import './a.ts'; import { z } from 'lib'; import type { T } from './t.ts';",
  );
  await write('a.ts', "export * from './b.ts'; new URL('./k.wasm', import.meta.url);");
  await write('b.ts', "import './a.ts'; import 'node:fs';");
  await write('t.ts', 'export type T = 1;');
  await write('k.wasm', 'kernel');
  await write('node_modules/lib/package.json', '{"name":"lib","version":"2.0.0"}');
  await write('node_modules/lib/index.js', 'export const z = 1;');
  const url = pathToFileURL(join(root, 'task.ts')).href;
  const version = () => new TaskVersions(realIo().files).versionOf(url);
  const facts = await new TaskVersions(realIo().files).factsOf(url);
  assert.deepEqual(Object.keys(facts.modules).sort(), [
    'shop/a.ts',
    'shop/b.ts',
    'shop/k.wasm',
    'shop/task.ts',
  ]);
  assert.deepEqual(facts.packages.lib, '2.0.0');

  const first = await version();
  const changes = async (path: string, text: string, expected: boolean) => {
    const before = await version();
    await write(path, text);
    assert.equal((await version()) !== before, expected, path);
  };
  await changes('t.ts', 'export type T = 2;', false);
  await changes('node_modules/lib/index.js', 'export const z = 2;', false);
  assert.equal(await version(), first);
  await changes('b.ts', "import './a.ts'; import 'node:fs'; 1;", true);
  await changes('k.wasm', 'another kernel', true);
  await changes('node_modules/lib/package.json', '{"name":"lib","version":"2.0.1"}', true);
  await changes('task.ts', "import './a.ts'; import 'lib';", true);
  await write('task.ts', "import './gone.ts';");
  await assert.rejects(version(), { code: 'E-PIPELINES-008' });
  await write('task.ts', "import 'not-installed';");
  await assert.rejects(version(), { code: 'E-PIPELINES-008' });
});

test('packages of the workspace are followed into their sources', async () => {
  const url = new URL('../index.ts', import.meta.url).href;
  const versions = new TaskVersions(realIo().files);
  const { modules, packages } = await versions.factsOf(url);
  assert.ok(modules['@backlot/core/src/canonical-json.ts']);
  assert.ok(modules['@backlot/pipelines/src/authoring/task.ts']);
  assert.ok(packages.zod);
  assert.equal(await versions.versionOf(url), await versions.versionOf(url));
});
