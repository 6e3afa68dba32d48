import type { Reader, Schema, SqlValue, Transaction } from './metadata.ts';
import type { SubjectKeys } from './subject-keys.ts';

/**
 * One row for each person seen: the wrapped key, and the person's identifier sealed under it. When
 * the key is destroyed both are gone, and the row stays to refuse the person's rows from then on.
 */
export const subjectSchema: Schema = {
  name: 'subjects',
  migrations: [
    [
      `CREATE TABLE subject_keys (
         workspace TEXT NOT NULL, subject TEXT NOT NULL, wrapped BLOB, sealed_identity BLOB,
         created_at INTEGER NOT NULL, destroyed_at INTEGER, PRIMARY KEY (workspace, subject))`,
    ],
  ],
};

export interface NewSubject {
  /** The pseudonym. */
  readonly subject: string;
  /** The person's identifier, which is sealed. */
  readonly identity: string;
}

export interface EnsuredSubjects {
  readonly added: number;
  readonly known: number;
  /** Subjects whose keys were destroyed: their rows must not be stored again. */
  readonly destroyed: readonly string[];
}

const identityLabel = 'identity';
const batchRows = 200;

/**
 * Writes a key row for each subject that has none; known ones are left as they are. The caller
 * records the ledger entry, of counts alone.
 */
export async function ensureSubjects(
  tx: Transaction,
  options: {
    readonly keys: SubjectKeys;
    readonly subjects: Iterable<NewSubject>;
    /** Milliseconds since 1970, UTC. */
    readonly at: number;
  },
): Promise<EnsuredSubjects> {
  let [added, known] = [0, 0];
  const destroyed: string[] = [];
  for (const batch of batches(options.subjects)) {
    const rows = await knownSubjects(tx, options.keys.workspace, [...batch.keys()]);
    for (const row of rows) {
      batch.delete(row.subject);
      if (row.destroyed_at !== null) destroyed.push(row.subject);
    }
    known += rows.length;
    added += batch.size;
    await insertSubjects(tx, options.keys, [...batch.values()], options.at);
  }
  return { added, known, destroyed };
}

function* batches(subjects: Iterable<NewSubject>): Iterable<Map<string, NewSubject>> {
  let batch = new Map<string, NewSubject>();
  for (const subject of subjects) {
    batch.set(subject.subject, subject);
    if (batch.size < batchRows) continue;
    yield batch;
    batch = new Map();
  }
  if (batch.size > 0) yield batch;
}

function knownSubjects(
  tx: Reader,
  workspace: string,
  subjects: readonly string[],
): Promise<readonly { subject: string; destroyed_at: number | null }[]> {
  const places = subjects.map(() => '?').join(', ');
  return tx.all(
    `SELECT subject, destroyed_at FROM subject_keys WHERE workspace = ? AND subject IN (${places})`,
    workspace,
    ...subjects,
  );
}

async function insertSubjects(
  tx: Transaction,
  keys: SubjectKeys,
  subjects: readonly NewSubject[],
  at: number,
): Promise<void> {
  if (subjects.length === 0) return;
  const values: SqlValue[] = [];
  for (const { subject, identity } of subjects) {
    const { key, wrapped } = keys.create(subject);
    const sealed = keys.seal(subject, key, Buffer.from(identity), identityLabel);
    values.push(keys.workspace, subject, wrapped, sealed, at);
  }
  await tx.run(
    `INSERT INTO subject_keys (workspace, subject, wrapped, sealed_identity, created_at)
     VALUES ${subjects.map(() => '(?, ?, ?, ?, ?)').join(', ')}`,
    ...values,
  );
}

/**
 * A fresh key for a subject and the person's identifier sealed under it, in one piece: what a worker
 * that meets the person hands to the owner, who stores it with `storeSealedSubjects`.
 */
export function sealSubject(keys: SubjectKeys, { subject, identity }: NewSubject): Uint8Array {
  const { key, wrapped } = keys.create(subject);
  const sealed = keys.seal(subject, key, Buffer.from(identity), identityLabel);
  const length = new Uint8Array(2);
  new DataView(length.buffer).setUint16(0, wrapped.byteLength);
  return Buffer.concat([length, wrapped, sealed]);
}

/** A subject as `sealSubject` made it. */
export interface SealedSubjectRow {
  readonly subject: string;
  readonly sealed: Uint8Array;
}

/**
 * Writes a key row for each sealed subject that has none. The caller records the ledger entry, and
 * removes what it read them from: a copy of a wrapped key would outlive its row.
 *
 * @throws SealBroken when a piece was not made for its subject under these keys
 */
export async function storeSealedSubjects(
  tx: Transaction,
  options: {
    readonly keys: SubjectKeys;
    readonly subjects: Iterable<SealedSubjectRow>;
    /** Milliseconds since 1970, UTC. */
    readonly at: number;
  },
): Promise<number> {
  const { keys, at } = options;
  let added = 0;
  for (const { subject, sealed } of options.subjects) {
    const wrappedBytes = new DataView(sealed.buffer, sealed.byteOffset).getUint16(0);
    const wrapped = sealed.subarray(2, 2 + wrappedBytes);
    const identity = sealed.subarray(2 + wrappedBytes);
    keys.open(subject, keys.unwrap(subject, wrapped), identity, identityLabel);
    added += await tx.run(
      `INSERT INTO subject_keys (workspace, subject, wrapped, sealed_identity, created_at)
       VALUES (?, ?, ?, ?, ?) ON CONFLICT (workspace, subject) DO NOTHING`,
      keys.workspace,
      subject,
      wrapped,
      identity,
      at,
    );
  }
  return added;
}

/** The subject's key, or `undefined` when it is unknown or destroyed. */
export async function subjectKey(
  reader: Reader,
  keys: SubjectKeys,
  subject: string,
): Promise<Uint8Array | undefined> {
  const row = await reader.get<{ wrapped: Uint8Array | null }>(
    'SELECT wrapped FROM subject_keys WHERE workspace = ? AND subject = ?',
    keys.workspace,
    subject,
  );
  return row?.wrapped ? keys.unwrap(subject, row.wrapped) : undefined;
}

/** The person's identifier, or `undefined` when the subject is unknown or its key destroyed. */
export async function subjectIdentity(
  reader: Reader,
  keys: SubjectKeys,
  subject: string,
): Promise<string | undefined> {
  const key = await subjectKey(reader, keys, subject);
  const row = await reader.get<{ sealed_identity: Uint8Array | null }>(
    'SELECT sealed_identity FROM subject_keys WHERE workspace = ? AND subject = ?',
    keys.workspace,
    subject,
  );
  if (!key || !row?.sealed_identity) return undefined;
  return Buffer.from(keys.open(subject, key, row.sealed_identity, identityLabel)).toString();
}

/**
 * Destroys a subject's key, and with it all that is sealed under it; answers whether there was one.
 * Backups made before still hold it until they are removed.
 */
export async function destroySubjectKey(
  tx: Transaction,
  options: { readonly workspace: string; readonly subject: string; readonly at: number },
): Promise<boolean> {
  const changed = await tx.run(
    `UPDATE subject_keys SET wrapped = NULL, sealed_identity = NULL, destroyed_at = ?
     WHERE workspace = ? AND subject = ? AND destroyed_at IS NULL`,
    options.at,
    options.workspace,
    options.subject,
  );
  return changed === 1;
}
