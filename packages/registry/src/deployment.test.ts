import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Principal } from '@backlot/access';
import type { Metadata } from '@backlot/store';
import { type Approval, type ApprovalDecision, approve, findApproval, reject } from './approval.ts';
import {
  approvalVerdict,
  currentDeployment,
  type Deployment,
  type DeploymentRequest,
  deploy,
  listDeployments,
  listEndpoints,
  rollback,
  verifyDeployment,
} from './deployment.ts';
import {
  ApprovalRefused,
  BadRegistration,
  MayNotApprove,
  MovedMeanwhile,
  ProposalClosed,
} from './error.ts';
import {
  getProposal,
  listProposals,
  type Proposal,
  type ProposalDraft,
  propose,
} from './proposal.ts';
import {
  approver,
  author,
  digestNamed,
  type FakeAuthority,
  fakeAuthority,
  principal,
  registration,
  temporaryMetadata,
} from './testing/registry-fixture.ts';
import { aliasVersion, amendVersion, registerVersion } from './version.ts';

const draft: ProposalDraft = {
  ...{ model: 'als-film', version: 1, endpoint: 'film-recommend', at: 2_000 },
  storefronts: ['JP', 'BR', 'JP'],
  checks: [{ name: 'full-ranking', status: 'passed', detail: 'all items ranked' }],
};
const request = {
  ...{ endpoint: 'film-recommend', storefronts: ['BR', 'JP'], model: 'als-film', version: 1 },
  at: 4_000,
};

/** A version that was registered, proposed and approved. */
async function approved(
  metadata: Metadata,
  authority: FakeAuthority,
  version = 1,
): Promise<Approval> {
  const digest = digestNamed(`model ${version}`);
  return metadata.write(async (tx) => {
    await registerVersion(tx, author, registration({ digest }));
    const { id } = await propose(tx, author, { ...draft, version });
    return approve(tx, approver, decision(id, { seen: seen(version) }), authority);
  });
}

function seen(version = 1): ApprovalDecision['seen'] {
  const { evaluation, card } = registration();
  return { digest: digestNamed(`model ${version}`), evaluation, card };
}

function decision(proposal: string, change: Partial<ApprovalDecision> = {}): ApprovalDecision {
  return {
    proposal,
    reason: 'It gains in every storefront.',
    seen: seen(),
    expiresAt: 100_000,
    at: 3_000,
    ...change,
  };
}

function put(
  metadata: Metadata,
  authority: FakeAuthority,
  approval: string,
  change: Partial<DeploymentRequest> = {},
): Promise<Deployment> {
  return metadata.write((tx) =>
    deploy(tx, approver, { ...request, approval, ...change }, authority),
  );
}

function refusedFor(fault: string): (error: unknown) => boolean {
  return (error) => error instanceof ApprovalRefused && error.fault === fault;
}

test('a version goes from proposal through approval to an endpoint', async (t) => {
  const metadata = await temporaryMetadata(t);
  const authority = fakeAuthority();
  const approval = await approved(metadata, authority);
  const deployment = await put(metadata, authority, approval.id);
  assert.deepEqual(await currentDeployment(metadata, 'lumen', 'film-recommend'), deployment);
  assert.equal(await aliasVersion(metadata, 'lumen', 'als-film', 'production'), 1);
  const loaded = await verifyDeployment(metadata, 'lumen', 'film-recommend', authority, 5_000);
  assert.equal(loaded.version.digest, digestNamed('model 1'));
  assert.equal(loaded.approval.deployment, deployment.id);
  assert.equal((await listEndpoints(metadata, 'lumen'))[0]?.revision, 1);
  const actions = await metadata.all<{ action: string }>(
    'SELECT action FROM ledger_entries ORDER BY position',
  );
  assert.deepEqual(
    actions.map(({ action }) => action),
    ['model.register', 'proposal.open', 'proposal.approve', 'model.alias', 'endpoint.deploy'],
  );
});

test('proposing the same again answers with the same, a key or new evaluation with another', async (t) => {
  const metadata = await temporaryMetadata(t);
  const ask = (change: Partial<ProposalDraft> = {}): Promise<Proposal> =>
    metadata.write((tx) => propose(tx, author, { ...draft, ...change }));
  await metadata.write((tx) => registerVersion(tx, author, registration()));
  const first = await ask();
  assert.deepEqual(first.storefronts, ['BR', 'JP']);
  assert.equal((await ask({ at: 9_000 })).id, first.id);
  const second = await ask({ key: 'again' });
  assert.notEqual(second.id, first.id);
  await metadata.write((tx) =>
    amendVersion(tx, author, { model: 'als-film', version: 1, card: digestNamed('c2') }),
  );
  assert.equal(new Set([first.id, second.id, (await ask()).id]).size, 3);
  await metadata.write((tx) => reject(tx, approver, { proposal: first.id, reason: 'No.', at: 5 }));
  assert.equal((await getProposal(metadata, 'lumen', first.id)).status, 'rejected');
  assert.equal((await listProposals(metadata, 'lumen', { status: 'waiting' })).items.length, 2);
  await assert.rejects(ask({ storefronts: ['jp'] }), BadRegistration);
  await assert.rejects(ask({ endpoint: '../x' }), /E-CORE-005/);
});

test('nobody approves who is no person, no approver, suspended or of the lineage', async (t) => {
  const metadata = await temporaryMetadata(t);
  const authority = fakeAuthority();
  authority.standings.set('sam', 'suspended').set('rik', 'removed');
  await metadata.write((tx) =>
    registerVersion(
      tx,
      principal('reg'),
      registration({ authors: ['imke', 'coder', 'data', 'judge'], digest: seen().digest }),
    ),
  );
  const { id } = await metadata.write((tx) => propose(tx, principal('proposer'), draft));
  const roles = ['approver'] as const;
  const refused: readonly Principal[] = [
    ...['imke', 'coder', 'data', 'judge', 'reg', 'proposer', 'sam', 'rik'].map((name) =>
      principal(name, { roles }),
    ),
    principal('nia'),
    principal('nia', { roles: ['author', 'operator', 'admin', 'steward', 'auditor', 'viewer'] }),
    principal('bot', { kind: 'service', roles }),
    principal('bot', { kind: 'worker', roles }),
  ];
  for (const who of refused) {
    const attempt = metadata.write((tx) => approve(tx, who, decision(id), authority));
    await assert.rejects(attempt, MayNotApprove, `${who.id} ${who.kind}`);
  }
  const other = principal('tarek', { workspace: 'other', roles });
  await assert.rejects(
    metadata.write((tx) => approve(tx, other, decision(id), authority)),
    /E-REGISTRY-001/,
  );
  assert.equal(await findApproval(metadata, 'lumen', id), undefined);
  assert.equal((await getProposal(metadata, 'lumen', id)).status, 'waiting');
});

test('a decision needs a reason, a bounded time, passed checks and what was looked at', async (t) => {
  const metadata = await temporaryMetadata(t);
  const authority = fakeAuthority();
  await metadata.write((tx) =>
    registerVersion(tx, author, registration({ digest: seen().digest })),
  );
  const { id } = await metadata.write((tx) => propose(tx, author, draft));
  const attempt = (change: Partial<ApprovalDecision>): Promise<Approval> =>
    metadata.write((tx) => approve(tx, approver, decision(id, change), authority));
  await assert.rejects(attempt({ reason: '  ' }), BadRegistration);
  await assert.rejects(attempt({ expiresAt: 3_000 }), BadRegistration);
  await assert.rejects(attempt({ expiresAt: Number.NaN }), BadRegistration);
  await assert.rejects(attempt({ expiresAt: 3_000 + 367 * 86_400_000 }), BadRegistration);
  await assert.rejects(
    attempt({ seen: { ...seen(), evaluation: digestNamed('x') } }),
    MovedMeanwhile,
  );
  const failing = {
    ...draft,
    key: 'failing',
    checks: [{ name: 'latency', status: 'failed', detail: '90 ms' }],
  } as const;
  const failed = await metadata.write((tx) => propose(tx, author, failing));
  await assert.rejects(attempt({ proposal: failed.id }), ProposalClosed);
  await attempt({});
  await assert.rejects(attempt({}), ProposalClosed);
  await assert.rejects(
    metadata.write((tx) => reject(tx, approver, decision(id))),
    ProposalClosed,
  );
});

test('an approval is used once, for one target, while nothing changes', async (t) => {
  const metadata = await temporaryMetadata(t);
  const authority = fakeAuthority();
  const first = await approved(metadata, authority);
  const misuses: readonly (readonly [string, Partial<DeploymentRequest>])[] = [
    ['missing', { approval: 'none' }],
    ['wrong-target', { endpoint: 'book-recommend' }],
    ['wrong-target', { storefronts: ['BR'] }],
    ['wrong-target', { storefronts: ['BR', 'JP', 'US'] }],
    ['expired', { at: 100_000 }],
  ];
  for (const [fault, change] of misuses) {
    await assert.rejects(put(metadata, authority, first.id, change), refusedFor(fault), fault);
  }
  const second = await approved(metadata, authority, 2);
  await assert.rejects(
    put(metadata, authority, first.id, { version: 2 }),
    refusedFor('wrong-version'),
  );
  const one = await put(metadata, authority, first.id);
  assert.deepEqual(
    await put(metadata, authority, first.id),
    one,
    'a repeated request changes nothing',
  );
  await put(metadata, authority, second.id, { version: 2, expected: one.id });
  await assert.rejects(put(metadata, authority, first.id), refusedFor('consumed'));
  assert.equal((await listDeployments(metadata, 'lumen', 'film-recommend')).length, 2);
});

test('whatever changes after the approval voids it, also at a later load', async (t) => {
  const changes: readonly (readonly [
    string,
    (m: Metadata, a: FakeAuthority) => Promise<unknown>,
  ])[] = [
    ['evaluation-changed', (m) => amend(m, { evaluation: digestNamed('other') })],
    ['card-changed', (m) => amend(m, { card: digestNamed('other') })],
    ['self-approval', (m) => amend(m, { authors: ['tarek'] })],
    ['model-changed', (m) => overwrite(m, 'digest', digestNamed('other'))],
    ['data-changed', (m) => overwrite(m, 'inputs', '{}')],
    ['approver-suspended', async (_, a) => a.standings.set('tarek', 'suspended')],
    ['approver-removed', async (_, a) => a.standings.set('tarek', 'removed')],
  ];
  for (const [fault, change] of changes) {
    const metadata = await temporaryMetadata(t);
    const authority = fakeAuthority();
    const { id } = await approved(metadata, authority);
    await put(metadata, authority, id);
    await change(metadata, authority);
    const load = verifyDeployment(metadata, 'lumen', 'film-recommend', authority, 5_000);
    await assert.rejects(load, refusedFor(fault), fault);
    const verdict = await approvalVerdict(metadata, 'lumen', id, authority, 5_000);
    assert.ok(!verdict.valid && verdict.fault === fault);
  }
});

test('new policies, another key and the end of its time void a deployment', async (t) => {
  const metadata = await temporaryMetadata(t);
  const authority = fakeAuthority();
  await put(metadata, authority, (await approved(metadata, authority)).id);
  const load = (change: Partial<FakeAuthority>, at = 5_000): Promise<unknown> =>
    verifyDeployment(metadata, 'lumen', 'film-recommend', { ...authority, ...change }, at);
  await load({});
  await assert.rejects(
    load({ policy: digestNamed('newer policies') }),
    refusedFor('policy-changed'),
  );
  await assert.rejects(load({ keyring: fakeAuthority().keyring }), refusedFor('bad-signature'));
  await assert.rejects(load({ keyring: { find: () => undefined } }), refusedFor('unknown-key'));
  await assert.rejects(load({}, 100_000), refusedFor('expired'));
  await assert.rejects(
    verifyDeployment(metadata, 'other', 'film-recommend', authority, 5_000),
    refusedFor('missing'),
  );
});

test('an endpoint rolls back only to a deployment whose approval still holds', async (t) => {
  const metadata = await temporaryMetadata(t);
  const authority = fakeAuthority();
  const one = await put(metadata, authority, (await approved(metadata, authority)).id);
  const two = await put(metadata, authority, (await approved(metadata, authority, 2)).id, {
    version: 2,
  });
  const back = (change = {}): Promise<Deployment> =>
    metadata.write((tx) =>
      rollback(
        tx,
        approver,
        { endpoint: 'film-recommend', deployment: one.id, at: 6_000, ...change },
        authority,
      ),
    );
  await assert.rejects(back({ at: 100_000 }), refusedFor('expired'));
  await assert.rejects(back({ expected: one.id }), MovedMeanwhile);
  await assert.rejects(back({ endpoint: 'book-recommend' }), /E-REGISTRY-001/);
  assert.equal((await currentDeployment(metadata, 'lumen', 'film-recommend'))?.id, two.id);
  assert.equal((await back({ expected: two.id })).id, one.id);
  assert.equal(await aliasVersion(metadata, 'lumen', 'als-film', 'production'), 1);
  await verifyDeployment(metadata, 'lumen', 'film-recommend', authority, 7_000);
});

function amend(metadata: Metadata, change: object): Promise<unknown> {
  return metadata.write((tx) =>
    amendVersion(tx, author, { model: 'als-film', version: 1, ...change }),
  );
}

/** What nobody can do through the registry: change a row behind its back. */
function overwrite(metadata: Metadata, column: 'digest' | 'inputs', value: string): Promise<void> {
  return metadata.write(async (tx) => {
    await tx.run(`UPDATE model_versions SET ${column} = ? WHERE model = 'als-film'`, value);
    await tx.record({
      workspace: 'lumen',
      actor: 'eve',
      action: 'test.tamper',
      resource: 'model/als-film',
    });
  });
}
