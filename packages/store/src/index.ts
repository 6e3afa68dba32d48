export {
  type BackupFile,
  type BackupManifest,
  BackupRefused,
  backupState,
  type RestoreOptions,
  restoreState,
  verifyBackup,
} from './backup.ts';
export { TextNotStorable } from './bound-value.ts';
export { makeFolderDurably, StorageFull, writeFileDurably } from './durable-files.ts';
export {
  type FileObjectsOptions,
  ObjectCorrupt,
  ObjectMissing,
  openFileObjects,
} from './file-objects.ts';
export { collectGarbage, type GarbageOptions, type GarbageReport } from './garbage.ts';
export { KeyDamaged, KeyMissing, type Keys, ledgerSigner, openKeys, type Signer } from './keys.ts';
export { type LedgerEntry, ledgerEntryBytes } from './ledger.ts';
export {
  type Checkpoint,
  checkpointBytes,
  latestCheckpoint,
  ledgerRoot,
  signCheckpoint,
} from './ledger-checkpoint.ts';
export {
  type EntryProof,
  type LedgerFilter,
  type LedgerPage,
  proveEntry,
  readLedger,
  storedCheckpoints,
  storedEntries,
} from './ledger-page.ts';
export {
  type Proof,
  ProofTree,
  verifyConsistency,
  verifyInclusion,
} from './ledger-proof.ts';
export {
  type LedgerFault,
  type LedgerToVerify,
  type LedgerVerdict,
  type StoredCheckpoint,
  type StoredEntry,
  verifyLedger,
} from './ledger-verifier.ts';
export type { TransactionStep } from './ledgered-transaction.ts';
export { leafHash } from './merkle.ts';
export type {
  LedgerDraft,
  Metadata,
  Reader,
  Row,
  Schema,
  SqlValue,
  Transaction,
} from './metadata.ts';
export type { CollectableObjects, Objects, StoredObject } from './objects.ts';
export { PostgresRefused } from './postgres-address.ts';
export { CommitUnknown, MetadataUnreachable, StatementRefused } from './postgres-error.ts';
export {
  describePostgres,
  openPostgresMetadata,
  type PostgresMetadataOptions,
} from './postgres-metadata.ts';
export { MetadataOwned } from './postgres-owner.ts';
export type { S3Bucket } from './s3-address.ts';
export type { Fetch } from './s3-client.ts';
export { ObjectStoreRefused, ObjectStoreUnreachable } from './s3-error.ts';
export { openS3Objects, type S3ObjectsOptions } from './s3-objects.ts';
export type { S3Credentials } from './s3-signature.ts';
export { SchemaTooNew } from './schema-versions.ts';
export { openSqliteMetadata, type SqliteMetadataOptions } from './sqlite-metadata.ts';
export {
  openStateFolder,
  readStateOwner,
  type StateFolder,
  StateFolderOwned,
  StateFolderTooNew,
  type StateOwner,
  type StatePaths,
  statePaths,
} from './state-folder.ts';
export { SealBroken, SubjectKeys } from './subject-keys.ts';
export {
  destroySubjectKey,
  type EnsuredSubjects,
  ensureSubjects,
  type NewSubject,
  type SealedSubjectRow,
  sealSubject,
  storeSealedSubjects,
  subjectIdentity,
  subjectKey,
  subjectSchema,
} from './subjects.ts';
