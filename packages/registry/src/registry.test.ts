import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { realIo } from '@backlot/core';
import { openFileObjects } from '@backlot/store';
import { simulatedClock } from '@backlot/testing';
import { ApprovalRefused, BadRegistration } from './error.ts';
import { cardBytes, modelCard } from './model-card.ts';
import { openRegistry } from './registry.ts';
import { cardFacts } from './testing/card-fixture.ts';
import {
  approver,
  author,
  fakeAuthority,
  registration,
  temporaryMetadata,
} from './testing/registry-fixture.ts';

test('the registry registers stored objects only and reads cards back', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'backlot-registry-objects-'));
  t.after(() => rm(folder, { recursive: true }));
  const objects = await openFileObjects(realIo(), folder);
  const metadata = await temporaryMetadata(t);
  const clock = simulatedClock({ startMs: 1_000_000 });
  const registry = openRegistry({ metadata, objects, clock, authority: fakeAuthority() });
  await assert.rejects(registry.registerVersion(author, registration()), BadRegistration);

  const put = async (text: string | Uint8Array) =>
    (await objects.put(typeof text === 'string' ? Buffer.from(text) : text)).digest;
  const card = modelCard(cardFacts());
  const first = registration({
    digest: await put('model 1'),
    evaluation: await put('evaluation'),
    card: await put(cardBytes(card)),
  });
  await registry.registerVersion(author, first);
  assert.deepEqual(await registry.readCard(first.card), card);
  await assert.rejects(registry.readCard(first.digest));

  const second = { ...first, digest: await put('model 2'), parameters: { factors: 128 } };
  await registry.registerVersion(author, second);
  const diff = await registry.diff('lumen', 'als-film', 1, 2);
  assert.deepEqual(diff.parameters, [{ path: 'factors', after: 128 }]);

  const target = { endpoint: 'film-recommend', storefronts: [], model: 'als-film', version: 2 };
  const proposal = await registry.propose(author, target);
  const expiresAt = clock.now() + 1_000;
  const decision = { proposal: proposal.id, reason: 'Better.', seen: second, expiresAt };
  const approval = await registry.approve(approver, decision);
  await registry.deploy(approver, { ...target, approval: approval.id });
  assert.equal((await registry.verify('lumen', 'film-recommend')).version.version, 2);
  clock.advance(1_000);
  await assert.rejects(registry.verify('lumen', 'film-recommend'), ApprovalRefused);
});
