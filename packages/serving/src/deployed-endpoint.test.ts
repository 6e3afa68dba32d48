import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { ApprovalRefused } from '@backlot/registry';
import { encodeBundle } from './bundle.ts';
import { NotServing } from './error.ts';
import { bundleContent, pseudonymOf } from './testing/bundle-fixture.ts';
import { approver, deployedWorld } from './testing/deployed-world.ts';

const account = pseudonymOf('ana');
const first = encodeBundle(bundleContent());
const second = encodeBundle(bundleContent({ popularity: Float32Array.of(1, 2, 3, 4, 5, 6) }));

test('what was approved and deployed serves, and replays after a restart', async (t) => {
  const world = await deployedWorld(t);
  await assert.rejects(world.endpoint.load(), ApprovalRefused, 'nothing is deployed yet');
  const deployment = await world.deploy(first);
  const loaded = await world.endpoint.load();
  assert.deepEqual([loaded.deployment, loaded.digest], [deployment.id, deployment.digest]);
  const answer = await world.endpoint.recommend({ account, k: 3 });
  const later = await world.restart();
  await later.load();
  const replay = await later.replay(answer.prediction);
  assert.deepEqual([replay.same, replay.items], [true, answer.items]);
});

test('a model changed on disk after its approval is not loaded', async (t) => {
  const world = await deployedWorld(t);
  const { digest } = await world.deploy(first);
  const path = await world.objects.localPath(digest);
  const bytes = await readFile(path);
  bytes[bytes.length - 9]! ^= 1;
  await writeFile(path, bytes);
  await assert.rejects(world.endpoint.load(), /E-STORE-003|model-changed/);
  await assert.rejects(world.endpoint.recommend({ account }), NotServing);
});

test('an approval that ends, or whose approver goes, empties the endpoint at its next load', async (t) => {
  const world = await deployedWorld(t);
  await world.deploy(first);
  await world.endpoint.load();
  world.standing.now = 'suspended';
  await assert.rejects(world.endpoint.load(), ApprovalRefused);
  await assert.rejects(world.endpoint.recommend({ account }), NotServing);
  world.standing.now = 'allowed';
  await world.endpoint.load();
  world.clock.advance(86_400_000);
  await assert.rejects(world.endpoint.check(), ApprovalRefused);
  assert.equal(world.endpoint.state, 'stopped');
});

test('an endpoint goes back only to a deployment whose own approval still holds', async (t) => {
  const world = await deployedWorld(t);
  const old = await world.deploy(first);
  world.clock.advance(86_300_000);
  await world.deploy(second);
  await world.endpoint.load();
  assert.equal(world.endpoint.loaded?.version, 2);
  const back = () =>
    world.registry.rollback(approver, { endpoint: 'film-recommend', deployment: old.id });
  await back();
  assert.equal((await world.endpoint.check()).version, 1);
  await world.deploy(encodeBundle(bundleContent({ specification: { factors: 3 } })));
  world.clock.advance(100_000);
  await assert.rejects(
    back(),
    (error) => error instanceof ApprovalRefused && error.fault === 'expired',
  );
  assert.equal((await world.endpoint.check()).version, 3);
});
