import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Principal } from '@backlot/access';
import { BacklotError, seededRandom } from '@backlot/core';
import type { Metadata } from '@backlot/store';
import { type Approval, approve, getApproval } from './approval.ts';
import { openStatement } from './approval-statement.ts';
import { deploy, listDeployments, rollback, verifyDeployment } from './deployment.ts';
import { keyringOf } from './envelope.ts';
import { listProposals, propose } from './proposal.ts';
import {
  digestNamed,
  type FakeAuthority,
  fakeAuthority,
  freshWrittenKey,
  principal,
  registration,
  temporaryMetadata,
} from './testing/registry-fixture.ts';
import { amendVersion, getVersion, registerVersion } from './version.ts';

const names = ['ann', 'bob', 'cai', 'dee'] as const;
const endpoints = ['film', 'book'] as const;
const storefronts = [['JP'], ['BR', 'JP']] as const;

/**
 * Random people do random things to a few versions, everybody with every role. Whatever happens, an
 * endpoint that may load was approved by someone outside the authors, over what is there now, for
 * that endpoint, by an approval that no other deployment used.
 */
test('no sequence of moves serves what an author approved, or what nobody approved', async (t) => {
  const random = seededRandom(20_261_124);
  let [moves, refusals, loads] = [0, 0, 0];
  for (let history = 0; history < 40; history++) {
    const metadata = await temporaryMetadata(t);
    const authority = everyonesAuthority();
    for (let at = 1_000; at < 1_060; at++) {
      try {
        await randomMove(metadata, authority, random, at);
        moves++;
      } catch (error) {
        if (!(error instanceof BacklotError)) throw error;
        refusals++;
      }
      for (const endpoint of endpoints) loads += await checkLoad(metadata, authority, endpoint, at);
    }
  }
  console.log(`separation of duties: ${moves} moves, ${refusals} refusals, ${loads} loads checked`);
  assert.ok(moves > 500 && refusals > 100 && loads > 200);
});

function everyonesAuthority(): FakeAuthority {
  const keys = names.map((owner) => freshWrittenKey(`key-of-${owner}`, owner));
  return fakeAuthority({
    signer: (approver) => keys[names.indexOf(approver as (typeof names)[number])]!.signer,
    keyring: keyringOf(keys.map(({ written }) => written)),
  });
}

async function randomMove(
  metadata: Metadata,
  authority: FakeAuthority,
  random: ReturnType<typeof seededRandom>,
  at: number,
): Promise<unknown> {
  const pick = <T>(from: readonly T[]): T => from[random.below(from.length)]!;
  const who: Principal = principal(pick(names), { roles: ['author', 'approver', 'operator'] });
  const version = 1 + random.below(3);
  const target = {
    model: 'als-film',
    version,
    endpoint: pick(endpoints),
    storefronts: pick(storefronts),
  };
  const moves: readonly (() => Promise<unknown>)[] = [
    () =>
      metadata.write((tx) =>
        registerVersion(
          tx,
          who,
          registration({ digest: digestNamed(`m${version}`), authors: [who.id], at }),
        ),
      ),
    () => metadata.write((tx) => propose(tx, who, { ...target, key: String(random.below(9)), at })),
    () => approveSome(metadata, authority, who, at, random),
    () => approveSome(metadata, authority, who, at, random),
    () => deploySome(metadata, authority, who, target, at, random),
    () => deploySome(metadata, authority, who, target, at, random),
    () => amendSome(metadata, who, version, random),
    async () =>
      authority.standings.set(pick(names), pick(['allowed', 'allowed', 'suspended', 'removed'])),
    async () => {
      const made = await listDeployments(metadata, 'lumen', target.endpoint);
      const { id } = pick([...made, { id: 'none' }]);
      return metadata.write((tx) =>
        rollback(tx, who, { endpoint: target.endpoint, deployment: id, at }, authority),
      );
    },
  ];
  return pick(moves)();
}

async function approveSome(
  metadata: Metadata,
  authority: FakeAuthority,
  who: Principal,
  at: number,
  random: ReturnType<typeof seededRandom>,
): Promise<Approval | undefined> {
  const { items } = await listProposals(metadata, 'lumen', { status: 'waiting' });
  const proposal = items[random.below(Math.max(1, items.length))];
  if (!proposal) return undefined;
  const seen = await getVersion(metadata, 'lumen', proposal.model, proposal.version);
  const decision = {
    proposal: proposal.id,
    reason: 'Yes.',
    seen,
    expiresAt: at + 5 + random.below(40),
    at,
  };
  return metadata.write((tx) => approve(tx, who, decision, authority));
}

/** Deploys with some approval, mostly at the target it was made for. */
async function deploySome(
  metadata: Metadata,
  authority: FakeAuthority,
  who: Principal,
  target: { model: string; version: number; endpoint: string; storefronts: readonly string[] },
  at: number,
  random: ReturnType<typeof seededRandom>,
): Promise<unknown> {
  const { items } = await listProposals(metadata, 'lumen', { status: 'approved' });
  const proposal = items[random.below(Math.max(1, items.length))];
  if (!proposal) return undefined;
  const row = await metadata.get<{ id: string }>(
    'SELECT id FROM approvals WHERE proposal = ?',
    proposal.id,
  );
  const honest = random.below(4) > 0;
  const { endpoint, version } = proposal;
  const place = honest
    ? { ...target, endpoint, version, storefronts: proposal.storefronts }
    : target;
  return metadata.write((tx) => deploy(tx, who, { ...place, approval: row!.id, at }, authority));
}

function amendSome(
  metadata: Metadata,
  who: Principal,
  version: number,
  random: ReturnType<typeof seededRandom>,
): Promise<unknown> {
  const evaluation = digestNamed(`evaluation ${random.below(3)}`);
  return metadata.write((tx) => amendVersion(tx, who, { model: 'als-film', version, evaluation }));
}

/** 1 when the endpoint may load; every claim of its approval is then held against the rows. */
async function checkLoad(
  metadata: Metadata,
  authority: FakeAuthority,
  endpoint: string,
  at: number,
): Promise<number> {
  const loaded = await verifyDeployment(metadata, 'lumen', endpoint, authority, at).catch(
    (error) => {
      if (error instanceof BacklotError) return undefined;
      throw error;
    },
  );
  if (!loaded) return 0;
  const { version, deployment, approval } = loaded;
  const opened = await openStatement(approval.envelope, authority.keyring);
  assert.ok('statement' in opened);
  const { statement } = opened;
  assert.ok(!version.authors.includes(statement.approver), 'an author approved');
  assert.notEqual(version.createdBy, statement.approver);
  assert.equal(authority.standings.get(statement.approver) ?? 'allowed', 'allowed');
  assert.deepEqual(
    [statement.digest, statement.evaluation, statement.card],
    [version.digest, version.evaluation, version.card],
  );
  assert.deepEqual(statement.target, { endpoint, storefronts: deployment.storefronts });
  assert.ok(statement.expiresAt > at);
  assert.equal((await getApproval(metadata, 'lumen', approval.id)).deployment, deployment.id);
  const uses = await metadata.get<{ n: number }>(
    'SELECT COUNT(*) AS n FROM deployments WHERE approval = ?',
    approval.id,
  );
  assert.equal(uses?.n, 1);
  return 1;
}
