import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { verifyInclusion } from '@backlot/store';
import { tenantsWorld } from './handlers.fixture.ts';

const hex = (text: string) => Buffer.from(text, 'hex');

test('an entry is proven with what the answer holds, and with nothing less', async (t) => {
  const { tenants, services } = await tenantsWorld(t);
  const { api } = tenants.store;
  await services.signCheckpoint();
  const { entries, checkpoint, size } = await api.owner.listAudit({ query: { limit: 500 } });
  assert.ok(checkpoint && entries.length > 5 && size > entries.length, 'both workspaces are in it');
  assert.deepEqual([...new Set(entries.map(({ workspace }) => workspace))], ['store']);
  for (const { position } of entries) {
    const { leaf, proof, bytes, entry } = await api.owner.readAuditEntry({ params: { position } });
    assert.deepEqual(JSON.parse(bytes), entry);
    assert.equal(proof?.root, checkpoint.root);
    const claim = {
      ...{ leaf: hex(leaf), index: position, size: proof!.size, root: hex(proof!.root) },
      proof: proof!.path.map(hex),
    };
    assert.equal(verifyInclusion(claim), true);
    assert.equal(verifyInclusion({ ...claim, leaf: hex('00'.repeat(32)) }), false);
    assert.equal(verifyInclusion({ ...claim, index: position + 1 }), false);
  }
});

test('a row that was edited beside the server is named by the check', async (t) => {
  const { tenants, metadataPath } = await tenantsWorld(t);
  const { api, ids } = tenants.store;
  const whole = await api.approver.verifyAudit();
  assert.deepEqual([whole.ok, whole.firstBad], [true, undefined]);
  const position = Number(ids.position);
  const beside = new DatabaseSync(metadataPath);
  beside.prepare('UPDATE ledger_entries SET actor = ? WHERE position = ?').run('mallory', position);
  beside.close();
  const verdict = await api.approver.verifyAudit();
  assert.deepEqual([verdict.ok, verdict.firstBad], [false, position]);
  assert.match(verdict.reason ?? '', /./);
  await assert.rejects(
    api.author.verifyAudit().then(() => api.author.listAudit()),
    { status: 403 },
  );
});
