import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Metadata } from '@backlot/store';
import { enumerateCrashes, type History, type World } from '@backlot/testing';
import { approve } from './approval.ts';
import { deploy, verifyDeployment } from './deployment.ts';
import { ApprovalRefused } from './error.ts';
import { propose } from './proposal.ts';
import {
  approver,
  author,
  digestNamed,
  fakeAuthority,
  freshKeys,
  openMetadata,
  registration,
  seededBytes,
} from './testing/registry-fixture.ts';
import { aliasVersion, registerVersion } from './version.ts';

const keys = freshKeys();
const place = { endpoint: 'film-recommend', storefronts: ['JP'], model: 'als-film', version: 1 };
const { digest, evaluation, card } = registration();

/** What a fresh process sees of the one version on its way to the endpoint. */
interface Seen {
  readonly registered: boolean;
  readonly proposal: string | null;
  readonly approval: { readonly id: string; readonly deployment: string | null } | null;
  readonly endpoint: string | null;
  readonly alias: number | null;
  readonly actions: readonly string[];
}

test('approval and deployment survive a crash at every operation', async () => {
  const report = await enumerateCrashes<Seen>({
    name: 'approval and deployment',
    workload,
    recover: look,
    check,
    resume: finish,
  });
  assert.ok(report.crashPoints > 50);
});

async function open(world: World): Promise<Metadata> {
  const metadata = await openMetadata(join(world.root, 'metadata.sqlite'), (step) =>
    world.step(`metadata ${step}`),
  );
  world.defer(() => metadata.close());
  return metadata;
}

async function workload(world: World): Promise<void> {
  const metadata = await open(world);
  await metadata.write((tx) => registerVersion(tx, author, registration()));
  world.acknowledge('registered');
  const proposal = await metadata.write((tx) => propose(tx, author, { ...place, at: 2_000 }));
  world.acknowledge('proposed');
  const approval = await metadata.write((tx) =>
    approve(tx, approver, decisionOn(proposal.id), authorityOf(1)),
  );
  world.acknowledge('approved');
  const request = { ...place, approval: approval.id, at: 4_000 };
  await metadata.write((tx) => deploy(tx, approver, request, authorityOf(2)));
  world.acknowledge('deployed');
}

async function look(world: World): Promise<Seen> {
  const metadata = await open(world);
  const rows = async (sql: string): Promise<Record<string, unknown> | null> =>
    (await metadata.get<Record<string, unknown>>(sql)) ?? null;
  const proposal = await rows('SELECT status FROM proposals');
  const approval = await rows('SELECT id, deployment FROM approvals');
  const endpoint = await rows('SELECT deployment FROM endpoints');
  const actions = await metadata.all<{ action: string }>(
    'SELECT action FROM ledger_entries ORDER BY position',
  );
  return {
    registered: (await rows('SELECT version FROM model_versions')) !== null,
    proposal: (proposal?.status as string | undefined) ?? null,
    approval: approval && { ...(approval as { id: string; deployment: string | null }) },
    endpoint: (endpoint?.deployment as string | undefined) ?? null,
    alias: await aliasVersion(metadata, 'lumen', 'als-film', 'production'),
    actions: actions.map(({ action }) => action),
  };
}

const steps = [
  'model.register',
  'proposal.open',
  'proposal.approve',
  'model.alias',
  'endpoint.deploy',
];

function check(seen: Seen, { acknowledged }: History): void {
  assert.ok(!acknowledged.includes('registered') || seen.registered, 'a version was lost');
  assert.ok(!acknowledged.includes('proposed') || seen.proposal !== null, 'a proposal was lost');
  assert.ok(!acknowledged.includes('approved') || seen.approval !== null, 'an approval was lost');
  assert.ok(!acknowledged.includes('deployed') || seen.endpoint !== null, 'a deployment was lost');
  // The approval's use, the endpoint and the alias move together or not at all.
  assert.equal(seen.approval?.deployment ?? null, seen.endpoint);
  assert.equal(seen.alias, seen.endpoint === null ? null : 1);
  assert.equal(seen.approval !== null, seen.proposal === 'approved');
  // And the ledger tells exactly what there is.
  const effects = [seen.registered, seen.proposal, seen.approval, seen.alias, seen.endpoint];
  const expected = steps.filter((_, index) => effects[index] !== null && effects[index] !== false);
  assert.deepEqual(seen.actions, expected);
}

/** New work after recovery: what is missing is done, what is done is not done twice. */
async function finish(world: World): Promise<void> {
  const metadata = await open(world);
  const state = await look(world);
  await metadata.write((tx) => registerVersion(tx, author, registration()));
  const proposal = await metadata.write((tx) => propose(tx, author, { ...place, at: 2_000 }));
  const approval =
    state.approval?.id ??
    (await metadata.write((tx) => approve(tx, approver, decisionOn(proposal.id), authorityOf(3))))
      .id;
  const request = { ...place, approval, at: 4_000 };
  const first = await metadata.write((tx) => deploy(tx, approver, request, authorityOf(4)));
  const again = await metadata.write((tx) => deploy(tx, approver, request, authorityOf(5)));
  assert.equal(again.id, first.id);
  await verifyDeployment(metadata, 'lumen', place.endpoint, authorityOf(6), 5_000);
  const elsewhere = { ...request, endpoint: 'book-recommend' };
  await assert.rejects(
    metadata.write((tx) => deploy(tx, approver, elsewhere, authorityOf(7))),
    ApprovalRefused,
  );
}

function decisionOn(proposal: string): Parameters<typeof approve>[2] {
  return {
    proposal,
    reason: 'Better.',
    seen: { digest, evaluation, card },
    expiresAt: 9_000,
    at: 3_000,
  };
}

function authorityOf(seed: number): ReturnType<typeof fakeAuthority> {
  return fakeAuthority({
    signer: () => keys.signer,
    keyring: keys.keyring,
    random: seededBytes(seed),
    policy: digestNamed('policies'),
  });
}
