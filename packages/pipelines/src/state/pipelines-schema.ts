import type { Schema } from '@backlot/store';

/**
 * The tables of pipelines. A task's row holds where it stands now, its attempts and events how it
 * came there. `attempt` is the number of the newest attempt: every move is guarded by it. A schedule's
 * row says up to when its times are decided, `pipeline_times` what became of each.
 */
export const pipelinesSchema: Schema = {
  name: 'pipelines',
  migrations: [
    [
      `CREATE TABLE pipeline_plans (
         workspace TEXT NOT NULL, digest TEXT NOT NULL, plan TEXT NOT NULL,
         PRIMARY KEY (workspace, digest))`,
      `CREATE TABLE pipeline_runs (
         workspace TEXT NOT NULL, id TEXT NOT NULL, pipeline TEXT NOT NULL, plan TEXT NOT NULL,
         seed INTEGER NOT NULL, sources TEXT NOT NULL, principal TEXT NOT NULL,
         started_by TEXT NOT NULL, state TEXT NOT NULL, events INTEGER NOT NULL,
         tasks INTEGER NOT NULL, created_at INTEGER NOT NULL, started_at INTEGER,
         ended_at INTEGER, cancelled_at INTEGER,
         PRIMARY KEY (workspace, id),
         FOREIGN KEY (workspace, plan) REFERENCES pipeline_plans (workspace, digest))`,
      'CREATE INDEX pipeline_runs_by_time ON pipeline_runs (workspace, created_at, id)',
      `CREATE INDEX pipeline_runs_by_pipeline
         ON pipeline_runs (workspace, pipeline, created_at, id)`,
      'CREATE INDEX pipeline_runs_by_state ON pipeline_runs (state)',
      `CREATE TABLE pipeline_tasks (
         workspace TEXT NOT NULL, run TEXT NOT NULL, node TEXT NOT NULL, position INTEGER NOT NULL,
         state TEXT NOT NULL, attempt INTEGER NOT NULL, attempt_id TEXT, waiting INTEGER NOT NULL,
         ready_at INTEGER NOT NULL, failures INTEGER NOT NULL, recoveries INTEGER NOT NULL,
         cache_key TEXT, key_parts TEXT, cache_hit INTEGER, cache_reason TEXT,
         inputs TEXT, outputs TEXT, metrics TEXT, error TEXT, started_at INTEGER, ended_at INTEGER,
         PRIMARY KEY (workspace, run, node),
         FOREIGN KEY (workspace, run) REFERENCES pipeline_runs (workspace, id))`,
      'CREATE INDEX pipeline_tasks_by_state ON pipeline_tasks (state, waiting, ready_at)',
      `CREATE TABLE pipeline_attempts (
         workspace TEXT NOT NULL, id TEXT NOT NULL, run TEXT NOT NULL, node TEXT NOT NULL,
         number INTEGER NOT NULL, owner TEXT NOT NULL, state TEXT NOT NULL,
         leased_until INTEGER NOT NULL, heartbeat_at INTEGER, pid INTEGER, error TEXT,
         committed TEXT, started_at INTEGER NOT NULL, ended_at INTEGER, log TEXT NOT NULL,
         PRIMARY KEY (workspace, id),
         FOREIGN KEY (workspace, run, node) REFERENCES pipeline_tasks (workspace, run, node))`,
      `CREATE UNIQUE INDEX pipeline_attempts_by_number
         ON pipeline_attempts (workspace, run, node, number)`,
      'CREATE INDEX pipeline_attempts_by_state ON pipeline_attempts (state, leased_until)',
      `CREATE TABLE pipeline_events (
         workspace TEXT NOT NULL, run TEXT NOT NULL, position INTEGER NOT NULL, node TEXT,
         attempt INTEGER NOT NULL, from_state TEXT NOT NULL, to_state TEXT NOT NULL,
         actor TEXT NOT NULL, reason TEXT, at INTEGER NOT NULL,
         PRIMARY KEY (workspace, run, position),
         FOREIGN KEY (workspace, run) REFERENCES pipeline_runs (workspace, id))`,
      `CREATE TABLE pipeline_cache (
         workspace TEXT NOT NULL, key TEXT NOT NULL, outputs TEXT NOT NULL, effects TEXT NOT NULL,
         metrics TEXT NOT NULL, run TEXT NOT NULL, node TEXT NOT NULL, version TEXT NOT NULL,
         created_at INTEGER NOT NULL, PRIMARY KEY (workspace, key))`,
    ],
    ['CREATE INDEX pipeline_tasks_by_run_state ON pipeline_tasks (workspace, run, state)'],
    [
      `CREATE TABLE pipeline_schedules (
         workspace TEXT NOT NULL, pipeline TEXT NOT NULL, expression TEXT NOT NULL,
         zone TEXT NOT NULL, reached_at INTEGER NOT NULL, PRIMARY KEY (workspace, pipeline))`,
      `CREATE TABLE pipeline_times (
         workspace TEXT NOT NULL, pipeline TEXT NOT NULL, time INTEGER NOT NULL,
         outcome TEXT NOT NULL, run TEXT, reason TEXT, decided_at INTEGER NOT NULL,
         PRIMARY KEY (workspace, pipeline, time))`,
    ],
    [
      `CREATE TABLE pipeline_backfills (
         workspace TEXT NOT NULL, id TEXT NOT NULL, pipeline TEXT NOT NULL,
         from_at INTEGER NOT NULL, until_at INTEGER NOT NULL, priority INTEGER NOT NULL,
         created_by TEXT NOT NULL, created_at INTEGER NOT NULL, PRIMARY KEY (workspace, id))`,
      'ALTER TABLE pipeline_times ADD COLUMN backfill TEXT',
      'CREATE INDEX pipeline_times_by_backfill ON pipeline_times (workspace, backfill, time)',
      'ALTER TABLE pipeline_runs ADD COLUMN priority INTEGER NOT NULL DEFAULT 0',
    ],
  ],
};
