import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { realIo } from '@backlot/core';
import {
  deliver,
  int,
  overrideQuality,
  publishSnapshot,
  QualityRefused,
  qualityOf,
  range,
  readManifest,
  table,
} from '@backlot/data';
import { foundPeople } from './people.ts';
import { ownerQuality } from './quality.ts';
import { resolveSource } from './sources.ts';
import { openState } from './state.ts';
import { storageOf } from './storage.ts';

test('a table that breaks a rule that blocks is given to deliveries alone, until a reason is recorded', async (t) => {
  const home = mkdtempSync(join(tmpdir(), 'backlot-sources-'));
  t.after(() => rmSync(home, { recursive: true }));
  const io = realIo();
  const state = await openState(io, home, storageOf({}, {}));
  t.after(() => state.close());
  const { metadata, objects } = state;
  const { owner } = await foundPeople(state.access, 'shop');
  const rules = [range('n', { max: 10 })];
  const sales = table('sales', { n: int() }, { purposes: ['measure', 'train'], rules });
  const object = (await objects.put(Buffer.from('n\n11\n'))).digest;
  const scratch = join(home, 'scratch');
  const source = { object, format: 'csv' } as const;
  const { manifest: digest } = await deliver({ io, objects, contract: sales, source, scratch });
  const manifest = await readManifest(objects, digest!);
  const at = io.clock.now();
  await metadata.write((tx) => publishSnapshot(tx, owner, { digest: digest!, manifest, at }));
  const quality = ownerQuality(state, [sales]);
  const resolve = resolveSource(metadata, objects, quality);
  const wanted = { name: 'table.sales', kind: 'snapshot' };
  await assert.rejects(resolve(owner, wanted, { pipeline: 'train' }), QualityRefused);
  assert.equal((await resolve(owner, wanted, { pipeline: 'deliver' })).digest, digest);
  await qualityOf(quality, owner, digest!);
  const wish = { table: 'sales', snapshot: digest!, reason: 'known', at };
  await metadata.write((tx) => overrideQuality(tx, owner, wish));
  assert.equal((await resolve(owner, wanted, { pipeline: 'train' })).digest, digest);
});
