import type { Schema } from '@backlot/store';

/** The tables of the data package: contracts, snapshots, current pointers, deliveries, quarantine. */
export const dataSchema: Schema = {
  name: 'data',
  migrations: [
    [
      `CREATE TABLE data_tables (
         workspace TEXT NOT NULL, id TEXT NOT NULL, contract TEXT NOT NULL,
         contract_digest TEXT NOT NULL, version INTEGER NOT NULL, changed_at INTEGER NOT NULL,
         PRIMARY KEY (workspace, id))`,
      `CREATE TABLE data_snapshots (
         workspace TEXT NOT NULL, id TEXT NOT NULL, table_id TEXT NOT NULL,
         sequence INTEGER NOT NULL, previous TEXT, delivery TEXT NOT NULL,
         contract_digest TEXT NOT NULL, row_count INTEGER NOT NULL, byte_count INTEGER NOT NULL,
         buckets INTEGER NOT NULL, published_at INTEGER NOT NULL,
         PRIMARY KEY (workspace, id), UNIQUE (workspace, table_id, sequence))`,
      `CREATE TABLE data_pointers (
         workspace TEXT NOT NULL, id TEXT NOT NULL, snapshot TEXT NOT NULL, moved_at INTEGER NOT NULL,
         PRIMARY KEY (workspace, id))`,
      `CREATE TABLE data_deliveries (
         workspace TEXT NOT NULL, id TEXT NOT NULL, sequence INTEGER NOT NULL, delivery TEXT NOT NULL,
         table_id TEXT NOT NULL, status TEXT NOT NULL, provider TEXT NOT NULL, receipt TEXT NOT NULL,
         body TEXT NOT NULL, run TEXT, recorded_at INTEGER NOT NULL,
         PRIMARY KEY (workspace, id), UNIQUE (workspace, sequence), UNIQUE (workspace, receipt))`,
      'CREATE INDEX data_deliveries_by_table ON data_deliveries (workspace, table_id, sequence)',
      `CREATE TABLE data_quarantine (
         workspace TEXT NOT NULL, id TEXT NOT NULL, ordinal INTEGER NOT NULL, table_id TEXT NOT NULL,
         rule TEXT NOT NULL, column_name TEXT NOT NULL, row_count INTEGER NOT NULL,
         first_row INTEGER NOT NULL, mend TEXT NOT NULL, recorded_at INTEGER NOT NULL,
         PRIMARY KEY (workspace, id, ordinal))`,
      'CREATE INDEX data_quarantine_by_table ON data_quarantine (workspace, table_id, recorded_at)',
    ],
    [
      `CREATE TABLE data_profiles (
         workspace TEXT NOT NULL, id TEXT NOT NULL, profile TEXT NOT NULL,
         computed_at INTEGER NOT NULL, PRIMARY KEY (workspace, id))`,
      `CREATE TABLE data_retention (
         workspace TEXT NOT NULL, id TEXT NOT NULL, sequence INTEGER NOT NULL,
         applied_at INTEGER NOT NULL, cutoff INTEGER NOT NULL, body TEXT NOT NULL,
         PRIMARY KEY (workspace, id, sequence))`,
    ],
    [
      `CREATE TABLE data_quality (
         workspace TEXT NOT NULL, id TEXT NOT NULL, table_id TEXT NOT NULL, passed INTEGER NOT NULL,
         body TEXT NOT NULL, checked_at INTEGER NOT NULL, PRIMARY KEY (workspace, id))`,
      `CREATE TABLE data_quality_overrides (
         workspace TEXT NOT NULL, id TEXT NOT NULL, actor TEXT NOT NULL, reason TEXT NOT NULL,
         overridden_at INTEGER NOT NULL, PRIMARY KEY (workspace, id))`,
    ],
    // What was overridden before is to be said again: of which rules it was meant is not known.
    [`ALTER TABLE data_quality_overrides ADD COLUMN broken TEXT NOT NULL DEFAULT '[]'`],
  ],
};
