import assert from 'node:assert/strict';
import { test } from 'node:test';
import { approve, reject } from './approval.ts';
import { deploy } from './deployment.ts';
import { statementDigest } from './envelope.ts';
import { propose } from './proposal.ts';
import {
  approver,
  author,
  fakeAuthority,
  registration,
  temporaryMetadata,
} from './testing/registry-fixture.ts';
import { registerVersion } from './version.ts';
import { versionApproval } from './version-approval.ts';

test('a version is shown where it stands, step by step', async (t) => {
  const metadata = await temporaryMetadata(t);
  const authority = fakeAuthority();
  const place = { model: 'als-film', version: 1, endpoint: 'film-recommend', storefronts: [] };
  const { write } = { write: metadata.write.bind(metadata) };
  const look = (at = 5_000) => versionApproval(metadata, 'lumen', place, authority, at);
  const seen = await write((tx) => registerVersion(tx, author, registration()));
  assert.deepEqual(await look(), { state: 'none' });

  const first = await write((tx) => propose(tx, author, { ...place, at: 2_000 }));
  assert.equal((await look()).state, 'proposed');
  await write((tx) => reject(tx, approver, { proposal: first.id, reason: 'Not yet.', at: 2_500 }));
  assert.equal((await look()).state, 'refused');

  const second = await write((tx) => propose(tx, author, { ...place, key: 'again', at: 3_000 }));
  const decision = { proposal: second.id, reason: 'Yes.', seen, expiresAt: 9_000, at: 3_500 };
  const approval = await write((tx) => approve(tx, approver, decision, authority));
  const found = await look();
  assert.deepEqual(
    [found.state, found.proposal?.id, found.approval?.id],
    ['approved', second.id, approval.id],
  );

  await write((tx) =>
    deploy(tx, approver, { ...place, approval: approval.id, at: 4_000 }, authority),
  );
  assert.equal((await look()).state, 'consumed');
  assert.equal((await look(9_000)).state, 'expired');
  authority.standings.set('tarek', 'removed');
  assert.equal((await look()).state, 'void');

  const entry = await metadata.get<{ facts: string }>(
    "SELECT facts FROM ledger_entries WHERE action = 'proposal.approve'",
  );
  assert.equal(JSON.parse(entry!.facts).statement, statementDigest(approval.envelope));
});
