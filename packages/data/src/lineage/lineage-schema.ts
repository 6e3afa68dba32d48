import type { Schema } from '@backlot/store';

/**
 * The tables of lineage: what made each snapshot; the graph of jobs and data sets, our own and those
 * that others tell of; the events that were received; and those that wait to be sent.
 */
export const lineageSchema: Schema = {
  name: 'lineage',
  migrations: [
    [
      `CREATE TABLE lineage_makings (
         workspace TEXT NOT NULL, id TEXT NOT NULL, table_id TEXT NOT NULL, kind TEXT NOT NULL,
         job TEXT NOT NULL, run TEXT, code TEXT, relation TEXT, delivery TEXT,
         inputs TEXT NOT NULL, columns TEXT NOT NULL, made_at INTEGER NOT NULL,
         PRIMARY KEY (workspace, id))`,
      'CREATE INDEX lineage_makings_by_run ON lineage_makings (workspace, run)',
      `CREATE TABLE lineage_nodes (
         workspace TEXT NOT NULL, id TEXT NOT NULL, kind TEXT NOT NULL, namespace TEXT NOT NULL,
         name TEXT NOT NULL, external INTEGER NOT NULL, fields TEXT NOT NULL, state TEXT,
         updated_at INTEGER NOT NULL, PRIMARY KEY (workspace, id))`,
      'CREATE INDEX lineage_nodes_by_name ON lineage_nodes (workspace, name, id)',
      `CREATE TABLE lineage_edges (
         workspace TEXT NOT NULL, source TEXT NOT NULL, target TEXT NOT NULL,
         columns TEXT NOT NULL, updated_at INTEGER NOT NULL,
         PRIMARY KEY (workspace, source, target))`,
      'CREATE INDEX lineage_edges_by_target ON lineage_edges (workspace, target, source)',
      `CREATE TABLE lineage_runs (
         workspace TEXT NOT NULL, id TEXT NOT NULL, job TEXT NOT NULL, parent TEXT,
         state TEXT NOT NULL, event_at INTEGER NOT NULL, PRIMARY KEY (workspace, id))`,
      `CREATE TABLE lineage_events (
         workspace TEXT NOT NULL, id TEXT NOT NULL, received_at INTEGER NOT NULL,
         PRIMARY KEY (workspace, id))`,
      `CREATE TABLE lineage_outbox (
         workspace TEXT NOT NULL, id TEXT NOT NULL, sequence INTEGER NOT NULL, body TEXT NOT NULL,
         attempts INTEGER NOT NULL, due_at INTEGER NOT NULL, refused TEXT,
         PRIMARY KEY (workspace, id), UNIQUE (workspace, sequence))`,
      `CREATE TABLE lineage_exported (
         workspace TEXT NOT NULL, run TEXT NOT NULL, position INTEGER NOT NULL,
         PRIMARY KEY (workspace, run))`,
    ],
    [
      'ALTER TABLE lineage_edges ADD COLUMN external INTEGER NOT NULL DEFAULT 1',
      `UPDATE lineage_edges SET external = 0 WHERE EXISTS (
         SELECT 1 FROM lineage_nodes WHERE lineage_nodes.workspace = lineage_edges.workspace
           AND lineage_nodes.id IN (lineage_edges.source, lineage_edges.target)
           AND lineage_nodes.kind = 'job' AND lineage_nodes.external = 0)`,
    ],
    [
      'CREATE INDEX lineage_runs_by_time ON lineage_runs (workspace, event_at)',
      'CREATE INDEX lineage_events_by_time ON lineage_events (workspace, received_at)',
    ],
  ],
};
