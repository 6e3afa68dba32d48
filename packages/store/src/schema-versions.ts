import { BacklotError } from '@backlot/core';
import type { Schema } from './metadata.ts';

/** The tables were written by a newer Backlot. */
export class SchemaTooNew extends BacklotError {
  constructor(name: string, found: number, known: number) {
    super({
      code: 'E-STORE-001',
      kind: 'conflict',
      reason: `the ${name} tables have version ${found}, this Backlot knows up to ${known}`,
      mend: 'run the Backlot that wrote them, or a newer one',
    });
  }
}

/** The table that tells which migrations have run. */
export const schemaVersionsTable: string = `CREATE TABLE IF NOT EXISTS schema_versions
  (name TEXT PRIMARY KEY, version INTEGER NOT NULL, migrated_at INTEGER NOT NULL)`;

/** The statement that notes a migration; its values are the name, the version and the time. */
export const noteSchemaVersion: string = `INSERT INTO schema_versions (name, version, migrated_at) VALUES (?, ?, ?)
   ON CONFLICT (name) DO UPDATE SET version = excluded.version, migrated_at = excluded.migrated_at`;

/** A migration that has to run, and the version that it leads to. */
interface PendingMigration {
  readonly version: number;
  readonly statements: readonly string[];
}

/** The migrations that lead on from the version that was found, 0 where there is none. */
export function pendingMigrations(schema: Schema, found: number): readonly PendingMigration[] {
  const { name, migrations } = schema;
  if (found > migrations.length) throw new SchemaTooNew(name, found, migrations.length);
  return migrations
    .map((statements, index) => ({ statements, version: index + 1 }))
    .filter(({ version }) => version > found);
}
