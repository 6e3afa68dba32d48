import { canonicalJson, type Digest } from '@backlot/core';
import type { Transaction } from '@backlot/store';
import { type ContractData, contractDigest } from '../contract.ts';
import { SnapshotConflict } from '../data-error.ts';
import type { Manifest } from '../snapshots/manifest.ts';

/** Who acts: the tenant comes from here alone. Access's principal is one. */
export interface Actor {
  readonly workspace: string;
  readonly id: string;
}

/** Makes a table's contract known, or its new version; nothing happens when it is the known one. */
export async function registerTable(
  tx: Transaction,
  actor: Actor,
  { contract, at }: { readonly contract: ContractData; readonly at: number },
): Promise<'registered' | 'known'> {
  const digest = contractDigest(contract);
  const known = await tx.get<{ contract_digest: string; version: number }>(
    'SELECT contract_digest, version FROM data_tables WHERE workspace = ? AND id = ?',
    actor.workspace,
    contract.table,
  );
  if (known?.contract_digest === digest) return 'known';
  const version = (known?.version ?? 0) + 1;
  await tx.run(
    `INSERT INTO data_tables (workspace, id, contract, contract_digest, version, changed_at)
     VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (workspace, id) DO UPDATE SET contract = excluded.contract,
       contract_digest = excluded.contract_digest, version = excluded.version, changed_at = excluded.changed_at`,
    actor.workspace,
    contract.table,
    canonicalJson(contract),
    digest,
    version,
    at,
  );
  await tx.record({
    workspace: actor.workspace,
    actor: actor.id,
    action: 'table.register',
    resource: `table/${contract.table}`,
    facts: { contract: digest, version },
  });
  return 'registered';
}

export interface Publication {
  readonly digest: Digest;
  /** Read from the object store by `readManifest`, so that it is known to be whole. */
  readonly manifest: Manifest;
  /** The snapshot that must be current; absent: there must be none. */
  readonly expectedPrevious?: Digest;
  /** Milliseconds since 1970, UTC. */
  readonly at: number;
}

/**
 * Moves a table's pointer to a snapshot, when it still stands where the snapshot was built. Publishing
 * a snapshot again, even an old one, changes nothing.
 */
export async function publishSnapshot(
  tx: Transaction,
  actor: Actor,
  publication: Publication,
): Promise<'published' | 'already'> {
  const { digest, manifest, expectedPrevious } = publication;
  const { workspace } = actor;
  const known = await tx.get(
    'SELECT id FROM data_snapshots WHERE workspace = ? AND id = ?',
    workspace,
    digest,
  );
  if (known) return 'already';
  const current = (await currentRow(tx, workspace, manifest.table))?.snapshot;
  if (current !== expectedPrevious || manifest.previous !== expectedPrevious) {
    throw new SnapshotConflict(manifest.table, manifest.previous, current);
  }
  await registerTable(tx, actor, { contract: manifest.contract, at: publication.at });
  await insertSnapshot(tx, workspace, publication);
  await tx.run(
    `INSERT INTO data_pointers (workspace, id, snapshot, moved_at) VALUES (?, ?, ?, ?)
     ON CONFLICT (workspace, id) DO UPDATE SET snapshot = excluded.snapshot, moved_at = excluded.moved_at`,
    workspace,
    manifest.table,
    digest,
    publication.at,
  );
  await tx.record({
    workspace,
    actor: actor.id,
    action: 'snapshot.publish',
    resource: `table/${manifest.table}`,
    facts: { snapshot: digest, previous: expectedPrevious ?? null, rows: manifest.rows },
  });
  return 'published';
}

async function currentRow(
  tx: Transaction,
  workspace: string,
  table: string,
): Promise<{ readonly snapshot: string } | undefined> {
  return tx.get<{ snapshot: string }>(
    'SELECT snapshot FROM data_pointers WHERE workspace = ? AND id = ?',
    workspace,
    table,
  );
}

async function insertSnapshot(
  tx: Transaction,
  workspace: string,
  { digest, manifest, at }: Publication,
): Promise<void> {
  const last = await tx.get<{ sequence: number | null }>(
    'SELECT MAX(sequence) AS sequence FROM data_snapshots WHERE workspace = ? AND table_id = ?',
    workspace,
    manifest.table,
  );
  await tx.run(
    `INSERT INTO data_snapshots (workspace, id, table_id, sequence, previous, delivery,
       contract_digest, row_count, byte_count, buckets, published_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    workspace,
    digest,
    manifest.table,
    (last?.sequence ?? 0) + 1,
    manifest.previous ?? null,
    manifest.delivery,
    manifest.contractDigest,
    manifest.rows,
    manifest.files.reduce((sum, file) => sum + file.bytes, 0),
    manifest.buckets,
    at,
  );
}
