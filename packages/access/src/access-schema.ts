import type { Schema } from '@backlot/store';

/** The tables of access. Secrets stand here as SHA-256 hashes alone. */
export const accessSchema: Schema = {
  name: 'access',
  migrations: [
    [
      'CREATE TABLE access_organisations (id TEXT PRIMARY KEY, created_at INTEGER NOT NULL)',
      `CREATE TABLE access_workspaces (
         id TEXT PRIMARY KEY, organisation TEXT NOT NULL REFERENCES access_organisations (id),
         created_at INTEGER NOT NULL)`,
      `CREATE TABLE access_projects (
         workspace TEXT NOT NULL REFERENCES access_workspaces (id), id TEXT NOT NULL,
         created_at INTEGER NOT NULL, PRIMARY KEY (workspace, id))`,
      `CREATE TABLE access_principals (
         workspace TEXT NOT NULL, id TEXT NOT NULL, project TEXT NOT NULL, kind TEXT NOT NULL,
         roles TEXT NOT NULL, suspended INTEGER NOT NULL, created_at INTEGER NOT NULL,
         PRIMARY KEY (workspace, id),
         FOREIGN KEY (workspace, project) REFERENCES access_projects (workspace, id))`,
      `CREATE TABLE access_tokens (
         workspace TEXT NOT NULL, id TEXT NOT NULL UNIQUE, principal TEXT NOT NULL,
         hash TEXT NOT NULL, title TEXT, roles TEXT, actions TEXT, attempt TEXT,
         created_at INTEGER NOT NULL,
         expires_at INTEGER NOT NULL, revoked_at INTEGER, PRIMARY KEY (workspace, id),
         FOREIGN KEY (workspace, principal) REFERENCES access_principals (workspace, id))`,
      'CREATE INDEX access_tokens_by_principal ON access_tokens (workspace, principal)',
      `CREATE TABLE access_bootstrap_secrets (
         workspace TEXT NOT NULL, id TEXT NOT NULL UNIQUE, principal TEXT NOT NULL,
         hash TEXT NOT NULL, created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL,
         used_at INTEGER, PRIMARY KEY (workspace, id),
         FOREIGN KEY (workspace, principal) REFERENCES access_principals (workspace, id))`,
      `CREATE TABLE access_sessions (
         workspace TEXT NOT NULL, id TEXT NOT NULL UNIQUE, principal TEXT NOT NULL,
         hash TEXT NOT NULL, created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL,
         revoked_at INTEGER, PRIMARY KEY (workspace, id),
         FOREIGN KEY (workspace, principal) REFERENCES access_principals (workspace, id))`,
    ],
  ],
};
