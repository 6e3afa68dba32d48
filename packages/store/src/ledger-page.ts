import { canonicalJson, type Json } from '@backlot/core';
import type { LedgerEntry } from './ledger.ts';
import type { Checkpoint } from './ledger-checkpoint.ts';
import { ProofTree } from './ledger-proof.ts';
import type { StoredCheckpoint, StoredEntry } from './ledger-verifier.ts';
import type { Reader, SqlValue } from './metadata.ts';

/** What entries to read: the parts that are given have to be equal. */
export interface LedgerFilter {
  readonly actor?: string;
  readonly action?: string;
  readonly resource?: string;
}

export interface LedgerPage {
  /** Newest first. */
  readonly entries: readonly LedgerEntry[];
  /** Where the next, older page starts; absent on the last. */
  readonly next?: number;
}

/** A page of a workspace's entries, newest first, from a position (inclusive) down. */
export async function readLedger(
  reader: Reader,
  options: {
    readonly workspace: string;
    readonly from?: number;
    readonly limit?: number;
    readonly filter?: LedgerFilter;
  },
): Promise<LedgerPage> {
  const { workspace, from = Number.MAX_SAFE_INTEGER, limit = 50, filter = {} } = options;
  const conditions = ['workspace = ?', 'position <= ?'];
  const values: SqlValue[] = [workspace, from];
  for (const column of ['actor', 'action', 'resource'] as const) {
    const wanted = filter[column];
    if (wanted === undefined) continue;
    conditions.push(`${column} = ?`);
    values.push(wanted);
  }
  const rows = await reader.all<StoredEntry>(
    `SELECT position, at, workspace, actor, action, resource, facts, leaf FROM ledger_entries
     WHERE ${conditions.join(' AND ')} ORDER BY position DESC LIMIT ?`,
    ...values,
    limit + 1,
  );
  const entries = rows.slice(0, limit).map(entryOf);
  const next = rows[limit]?.position;
  return { entries, ...(next !== undefined && { next }) };
}

function entryOf({ leaf: _, facts, ...row }: StoredEntry): LedgerEntry {
  return { ...row, facts: JSON.parse(facts) as Json };
}

/** All rows in the order of their position, in pages, for the verifier. */
export async function* storedEntries(reader: Reader): AsyncIterable<StoredEntry> {
  const pageSize = 1000;
  for (let from = -1; ; ) {
    const rows = await reader.all<StoredEntry>(
      `SELECT position, at, workspace, actor, action, resource, facts, leaf FROM ledger_entries
       WHERE position > ? ORDER BY position LIMIT ${pageSize}`,
      from,
    );
    yield* rows;
    const last = rows.at(-1);
    if (!last) return;
    from = last.position;
  }
}

/** All checkpoints as they are stored, for the verifier. */
export function storedCheckpoints(reader: Reader): Promise<readonly StoredCheckpoint[]> {
  return reader.all<StoredCheckpoint>(
    'SELECT size, root, at, signer, signature FROM ledger_checkpoints ORDER BY size',
  );
}

/** A proof, for a receipt, that an entry is in the ledger that a checkpoint signed. */
export interface EntryProof {
  readonly position: number;
  /** The canonical JSON text whose leaf hash is proven. */
  readonly entry: string;
  readonly checkpoint: Checkpoint;
  /** Hexadecimal hashes from the leaf to the root. */
  readonly path: readonly string[];
}

/** Proves an entry against a checkpoint that covers it. Reads the leaf of every entry. */
export async function proveEntry(
  reader: Reader,
  position: number,
  checkpoint: Checkpoint,
): Promise<EntryProof | undefined> {
  const row = await reader.get<StoredEntry>(
    `SELECT position, at, workspace, actor, action, resource, facts, leaf FROM ledger_entries
     WHERE position = ? AND position < ?`,
    position,
    checkpoint.size,
  );
  if (!row) return undefined;
  const leaves = await reader.all<{ leaf: Uint8Array }>(
    'SELECT leaf FROM ledger_entries WHERE position < ? ORDER BY position',
    checkpoint.size,
  );
  const proof = new ProofTree(leaves.map(({ leaf }) => leaf)).inclusion(position, leaves.length);
  const path = proof.map((hash) => Buffer.from(hash).toString('hex'));
  return { position, entry: canonicalJson(entryOf(row)), checkpoint, path };
}
