import { canonicalJson } from '@backlot/core';
import { appendLeaf, type Frontier, leafHash } from './merkle.ts';
import type { LedgerDraft, Reader, Schema, SqlValue } from './metadata.ts';

/** The tables of the ledger: entries, and the frontier of their Merkle tree as one row. */
export const ledgerSchema: Schema = {
  name: 'ledger',
  migrations: [
    [
      `CREATE TABLE ledger_entries (
         position INTEGER PRIMARY KEY, at INTEGER NOT NULL, workspace TEXT NOT NULL,
         actor TEXT NOT NULL, action TEXT NOT NULL, resource TEXT NOT NULL, facts TEXT NOT NULL,
         leaf BLOB NOT NULL)`,
      'CREATE INDEX ledger_entries_by_resource ON ledger_entries (workspace, resource, position)',
      'CREATE TABLE ledger_tree (id INTEGER PRIMARY KEY, size INTEGER NOT NULL, frontier BLOB NOT NULL)',
      `CREATE TABLE ledger_checkpoints (
         size INTEGER PRIMARY KEY, root TEXT NOT NULL, at INTEGER NOT NULL, signer TEXT NOT NULL,
         signature TEXT NOT NULL)`,
    ],
  ],
};

/** An entry as it stands in the ledger. */
export interface LedgerEntry extends Required<LedgerDraft> {
  /** Counts from 0. */
  readonly position: number;
  /** Milliseconds since 1970, UTC. */
  readonly at: number;
}

/** The bytes that an entry's leaf hashes: its canonical JSON. */
export function ledgerEntryBytes(entry: LedgerEntry): Uint8Array {
  const { position, at, workspace, actor, action, resource, facts } = entry;
  return new TextEncoder().encode(
    canonicalJson({ position, at, workspace, actor, action, resource, facts }),
  );
}

interface LedgerWriter extends Reader {
  run(sql: string, ...values: readonly SqlValue[]): Promise<number>;
}

/** Where an entry was put, and the leaf that no other entry has. */
export interface LedgerAppend {
  readonly position: number;
  readonly leaf: Uint8Array;
}

/** Appends an entry within the transaction of what it tells. */
export async function appendToLedger(
  tx: LedgerWriter,
  draft: LedgerDraft,
  at: number,
): Promise<LedgerAppend> {
  const tree = await tx.get<{ size: number; frontier: Uint8Array }>(
    'SELECT size, frontier FROM ledger_tree WHERE id = 1',
  );
  const size = tree?.size ?? 0;
  const { workspace, actor, action, resource, facts = {} } = draft;
  const entry: LedgerEntry = { workspace, actor, action, resource, facts, position: size, at };
  const leaf = leafHash(ledgerEntryBytes(entry));
  const frontier = appendLeaf(tree ? unpackFrontier(tree.frontier) : [], size, leaf);
  await tx.run(
    `INSERT INTO ledger_entries (position, at, workspace, actor, action, resource, facts, leaf)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    size,
    at,
    entry.workspace,
    entry.actor,
    entry.action,
    entry.resource,
    canonicalJson(entry.facts),
    leaf,
  );
  await tx.run(
    `INSERT INTO ledger_tree (id, size, frontier) VALUES (1, ?, ?)
     ON CONFLICT (id) DO UPDATE SET size = excluded.size, frontier = excluded.frontier`,
    size + 1,
    Buffer.concat(frontier),
  );
  return { position: size, leaf };
}

const hashBytes = 32;

/** The frontier from the bytes of its row. */
export function unpackFrontier(packed: Uint8Array): Frontier {
  return Array.from({ length: packed.byteLength / hashBytes }, (_, index) =>
    packed.slice(index * hashBytes, (index + 1) * hashBytes),
  );
}
