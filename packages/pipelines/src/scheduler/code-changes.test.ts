import assert from 'node:assert/strict';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { realIo } from '@backlot/core';
import { bytesArtifact } from '../authoring/artifact.ts';
import { pipeline } from '../authoring/pipeline.ts';
import { task } from '../authoring/task.ts';
import { author, openShop } from '../testing/shop.ts';
import { TaskVersions } from '../version/task-versions.ts';

const bytes = bytesArtifact('bytes');

test('when a helper of a task changes, it and what follows run again, and nothing else', async (t) => {
  const root = await mkdtemp(join(tmpdir(), 'backlot-code-'));
  t.after(() => rm(root, { recursive: true }));
  await writeFile(join(root, 'package.json'), '{"name":"jobs","version":"1.0.0"}');
  await symlink(join(import.meta.dirname, '../../../../node_modules'), join(root, 'node_modules'));
  await writeFile(join(root, 'a.ts'), "import './helper.ts';");
  await writeFile(join(root, 'b.ts'), 'export {};');
  await writeFile(join(root, 'helper.ts'), 'export const one = 1;');
  let result = 1;
  const define = (name: string, file: string) =>
    task({
      name,
      module: pathToFileURL(join(root, file)).href,
      inputs: { from: bytes },
      outputs: { bytes },
      run: async ({ inputs }) => ({ bytes: Uint8Array.of(...(await inputs.from.read()), result) }),
    });
  const begin = task({
    name: 'begin',
    module: pathToFileURL(join(root, 'b.ts')).href,
    outputs: { bytes },
    run: async () => ({ bytes: Uint8Array.of(0) }),
  });
  const three = pipeline('three', {}, (run) => {
    const start = run(begin, {});
    const changed = run(define('changed', 'a.ts'), { from: start.bytes });
    run(define('beside', 'b.ts'), { from: start.bytes });
    run(define('after', 'b.ts'), { from: changed.bytes });
  });
  // A process keeps the code it loaded, so each run here stands for a process of its own.
  let versions = new TaskVersions(realIo().files);
  const shop = await openShop(t, {
    pipelines: [three],
    versions: { versionOf: (module) => versions.versionOf(module) },
    start: true,
  });
  await shop.run('three');
  const reasons = async () => {
    versions = new TaskVersions(realIo().files);
    const { taskViews } = await shop.run('three');
    return taskViews.map(({ id, cache }) => [id, cache!.hit ? 'reused' : cache!.reason]);
  };
  assert.deepEqual(await reasons(), [
    ['begin', 'reused'],
    ['changed', 'reused'],
    ['beside', 'reused'],
    ['after', 'reused'],
  ]);
  await writeFile(join(root, 'helper.ts'), 'export const one = 2;');
  result = 2;
  assert.deepEqual(await reasons(), [
    ['begin', 'reused'],
    ['changed', 'the code changed'],
    ['beside', 'reused'],
    ['after', 'the input from changed'],
  ]);
});

test('a run whose pipeline has another plan by now says so instead of running it', async (t) => {
  const begin = task({
    name: 'begin',
    module: import.meta.url,
    outputs: { bytes },
    run: async () => ({ bytes: Uint8Array.of(0) }),
  });
  let name = 'before';
  const renamed = pipeline('renamed', {}, (run) => void run(begin, {}, { name }));
  const shop = await openShop(t, { pipelines: [renamed], start: false });
  const run = await shop.scheduler.startRun(author, { pipeline: 'renamed' });
  name = 'after';
  await shop.scheduler.start();
  const ended = await shop.ended(run);
  assert.equal(ended.state, 'failed');
  assert.equal(ended.error!.code, 'E-PIPELINES-007');
  assert.equal(ended.error!.mend, 'backlot run renamed');
});
