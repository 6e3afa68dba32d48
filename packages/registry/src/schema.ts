import type { Schema } from '@backlot/store';

/**
 * The tables of the registry. Versions keep what they were registered with; an amendment changes
 * the evaluation or the card and so voids every approval that was signed over the earlier ones.
 */
export const registrySchema: Schema = {
  name: 'registry',
  migrations: [
    [
      `CREATE TABLE runs (
         workspace TEXT NOT NULL, id TEXT NOT NULL, project TEXT NOT NULL, name TEXT NOT NULL,
         status TEXT NOT NULL, author TEXT NOT NULL, parameters TEXT NOT NULL,
         environment TEXT NOT NULL, code TEXT NOT NULL, data TEXT NOT NULL,
         started_at INTEGER NOT NULL, ended_at INTEGER, PRIMARY KEY (workspace, id))`,
      'CREATE INDEX runs_by_start ON runs (workspace, started_at, id)',
      `CREATE TABLE run_metrics (
         workspace TEXT NOT NULL, run TEXT NOT NULL, name TEXT NOT NULL, step INTEGER NOT NULL,
         value REAL NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (workspace, run, name, step),
         FOREIGN KEY (workspace, run) REFERENCES runs (workspace, id))`,
      `CREATE TABLE run_artifacts (
         workspace TEXT NOT NULL, run TEXT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL,
         digest TEXT NOT NULL, bytes INTEGER NOT NULL, PRIMARY KEY (workspace, run, name),
         FOREIGN KEY (workspace, run) REFERENCES runs (workspace, id))`,
      `CREATE TABLE models (
         workspace TEXT NOT NULL, id TEXT NOT NULL, project TEXT NOT NULL,
         versions INTEGER NOT NULL, created_at INTEGER NOT NULL, PRIMARY KEY (workspace, id))`,
      `CREATE TABLE model_versions (
         workspace TEXT NOT NULL, model TEXT NOT NULL, version INTEGER NOT NULL,
         digest TEXT NOT NULL, bytes INTEGER NOT NULL, run TEXT NOT NULL, task TEXT NOT NULL,
         inputs TEXT NOT NULL, evaluation TEXT NOT NULL, card TEXT NOT NULL, authors TEXT NOT NULL,
         code TEXT NOT NULL, parameters TEXT NOT NULL, metrics TEXT NOT NULL,
         created_by TEXT NOT NULL, created_at INTEGER NOT NULL,
         PRIMARY KEY (workspace, model, version),
         FOREIGN KEY (workspace, model) REFERENCES models (workspace, id))`,
      'CREATE UNIQUE INDEX model_versions_by_digest ON model_versions (workspace, model, digest)',
      `CREATE TABLE model_aliases (
         workspace TEXT NOT NULL, model TEXT NOT NULL, alias TEXT NOT NULL,
         version INTEGER NOT NULL, moved_by TEXT NOT NULL, moved_at INTEGER NOT NULL,
         PRIMARY KEY (workspace, model, alias),
         FOREIGN KEY (workspace, model, version)
           REFERENCES model_versions (workspace, model, version))`,
      `CREATE TABLE proposals (
         workspace TEXT NOT NULL, id TEXT NOT NULL, model TEXT NOT NULL, version INTEGER NOT NULL,
         endpoint TEXT NOT NULL, storefronts TEXT NOT NULL, checks TEXT NOT NULL,
         note TEXT NOT NULL, author TEXT NOT NULL, status TEXT NOT NULL,
         proposed_at INTEGER NOT NULL, decided_by TEXT, decided_at INTEGER, reason TEXT,
         PRIMARY KEY (workspace, id),
         FOREIGN KEY (workspace, model, version)
           REFERENCES model_versions (workspace, model, version))`,
      'CREATE INDEX proposals_by_time ON proposals (workspace, proposed_at, id)',
      `CREATE TABLE approvals (
         workspace TEXT NOT NULL, id TEXT NOT NULL, proposal TEXT NOT NULL, model TEXT NOT NULL,
         version INTEGER NOT NULL, envelope TEXT NOT NULL, approver TEXT NOT NULL,
         signed_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, deployment TEXT,
         consumed_at INTEGER, PRIMARY KEY (workspace, id),
         FOREIGN KEY (workspace, proposal) REFERENCES proposals (workspace, id))`,
      'CREATE UNIQUE INDEX approvals_by_proposal ON approvals (workspace, proposal)',
      `CREATE TABLE deployments (
         workspace TEXT NOT NULL, id TEXT NOT NULL, endpoint TEXT NOT NULL, model TEXT NOT NULL,
         version INTEGER NOT NULL, digest TEXT NOT NULL, storefronts TEXT NOT NULL,
         approval TEXT NOT NULL, deployed_by TEXT NOT NULL, deployed_at INTEGER NOT NULL,
         PRIMARY KEY (workspace, id),
         FOREIGN KEY (workspace, approval) REFERENCES approvals (workspace, id))`,
      'CREATE UNIQUE INDEX deployments_by_approval ON deployments (workspace, approval)',
      `CREATE TABLE endpoints (
         workspace TEXT NOT NULL, id TEXT NOT NULL, deployment TEXT NOT NULL,
         revision INTEGER NOT NULL, moved_by TEXT NOT NULL, moved_at INTEGER NOT NULL,
         PRIMARY KEY (workspace, id),
         FOREIGN KEY (workspace, deployment) REFERENCES deployments (workspace, id))`,
    ],
  ],
};
