export { ObjectCorrupt, ObjectMissing, openFileObjects } from './file-objects.ts';
export type { LedgerEntry } from './ledger.ts';
export type {
  LedgerDraft,
  Metadata,
  Reader,
  Row,
  Schema,
  SqlValue,
  Transaction,
} from './metadata.ts';
export type { Objects, StoredObject } from './objects.ts';
export {
  openSqliteMetadata,
  SchemaTooNew,
  type SqliteMetadataOptions,
  type TransactionStep,
} from './sqlite-metadata.ts';
