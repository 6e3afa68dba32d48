import assert from 'node:assert/strict';
import { test } from 'node:test';
import { registryRoots } from './roots.ts';
import { addArtifacts, startRun } from './run.ts';
import {
  author,
  digestNamed,
  registration,
  temporaryMetadata,
} from './testing/registry-fixture.ts';
import { registerVersion } from './version.ts';

test('every object that a row names is a root', async (t) => {
  const metadata = await temporaryMetadata(t);
  await metadata.write(async (tx) => {
    await registerVersion(tx, author, registration());
    const data = { titles: digestNamed('titles') };
    const facts = { name: 'daily', parameters: {}, environment: {}, code: digestNamed('code') };
    await startRun(tx, author, { id: 'run-1', ...facts, data, at: 1 });
    const report = { name: 'report', kind: 'report', digest: digestNamed('report'), bytes: 1 };
    await addArtifacts(tx, author, 'run-1', [report]);
  });
  const found: string[] = [];
  for await (const digest of registryRoots(metadata)) found.push(digest);
  const names = ['model', 'evaluation', 'card', 'plays', 'titles', 'report'];
  assert.deepEqual(found.sort(), names.map(digestNamed).sort());
});
