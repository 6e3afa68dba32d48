import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { integrationPart } from '@backlot/testing';
import { readManifest } from '../snapshots/manifest.ts';
import { header, testWorld } from '../world.fixture.ts';
import { exportCroissant } from './export-croissant.ts';

const part = integrationPart('croissant');

test('the reference validator reads a snapshot that is exported, without its subject', {
  skip: typeof part !== 'string' && part.missing,
}, async (t) => {
  const { objects, folder, give } = await testWorld(t);
  const { manifest } = await give(`${header}\nalice,a,2024-03-01T10:00:00Z,1,us,,\n`);
  const found = exportCroissant(await readManifest(objects, manifest!), {
    ...{ contentUrl: 'https://example.org/objects', license: 'https://example.org/licence' },
    ...{ creator: 'Store', datePublished: '2024-03-02' },
  });
  assert.doesNotMatch(JSON.stringify(found), /account/);
  const path = join(folder, 'croissant.json');
  const validate = async (document: object): Promise<string> => {
    await writeFile(path, JSON.stringify(document));
    const script =
      'import sys, mlcroissant as m; print(len(m.Dataset(sys.argv[1]).metadata.record_sets))';
    return execFileSync(join(part as string, 'bin/python'), ['-c', script, path], {
      ...{ encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
    });
  };
  assert.equal((await validate(found)).trim(), '1');
  await assert.rejects(validate({ ...found, distribution: [{ '@type': 'cr:FileObject' }] }));
});
