import type { Reader, Transaction } from '@backlot/store';
import { NotFound } from '../pipelines-error.ts';
import type { Occasion } from './move.ts';
import type { RunState } from './state-machine.ts';

/** A wish to run a pipeline for times that have passed. */
interface BackfillRow {
  readonly workspace: string;
  readonly id: string;
  readonly pipeline: string;
  /** The first time, and the one after the last; milliseconds since 1970, UTC. */
  readonly from_at: number;
  readonly until_at: number;
  readonly priority: number;
  readonly created_by: string;
  readonly created_at: number;
}

/** A run of a backfill with the time it is for. */
interface BackfillRun {
  readonly time: number;
  readonly run: string;
  readonly state: RunState;
}

/** The scheduled times that already have a run, in `[from, until)`. */
export async function timesWithRun(
  reader: Reader,
  workspace: string,
  pipeline: string,
  from: number,
  until: number,
): Promise<ReadonlySet<number>> {
  const rows = await reader.all<{ readonly time: number }>(
    `SELECT time FROM pipeline_times WHERE workspace = ? AND pipeline = ? AND outcome = 'run'
       AND time >= ? AND time < ?`,
    ...[workspace, pipeline, from, until],
  );
  return new Set(rows.map(({ time }) => time));
}

/** Writes a backfill down, with the run of each of its times. */
export async function createBackfill(
  tx: Transaction,
  row: BackfillRow,
  runs: readonly { readonly time: number; readonly run: string }[],
  { actor, at }: Occasion,
): Promise<void> {
  const { workspace, id, pipeline, from_at: from, until_at: until, priority } = row;
  await tx.run(
    `INSERT INTO pipeline_backfills
       (workspace, id, pipeline, from_at, until_at, priority, created_by, created_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    ...[workspace, id, pipeline, from, until, priority, row.created_by, at],
  );
  for (const { time, run } of runs) {
    await tx.run(
      `INSERT INTO pipeline_times
         (workspace, pipeline, time, outcome, run, reason, decided_at, backfill)
       VALUES (?, ?, ?, 'run', ?, NULL, ?, ?)
       ON CONFLICT (workspace, pipeline, time) DO UPDATE SET outcome = excluded.outcome,
         run = excluded.run, reason = NULL, decided_at = excluded.decided_at,
         backfill = excluded.backfill`,
      ...[workspace, pipeline, time, run, at, id],
    );
  }
  await tx.record({
    ...{ workspace, actor },
    action: 'backfill.start',
    resource: `backfill/${id}`,
    facts: { pipeline, from, until, runs: runs.length },
  });
}

/** A backfill, or a not-found error. */
export async function readBackfill(
  reader: Reader,
  workspace: string,
  id: string,
): Promise<BackfillRow> {
  const row = await reader.get<BackfillRow>(
    'SELECT * FROM pipeline_backfills WHERE workspace = ? AND id = ?',
    ...[workspace, id],
  );
  if (!row) throw new NotFound(`backfill ${id}`);
  return row;
}

/** The runs of a backfill, by their time. A time that a later backfill took over is no longer here. */
export function backfillRuns(
  reader: Reader,
  workspace: string,
  id: string,
): Promise<readonly BackfillRun[]> {
  return reader.all<BackfillRun>(
    `SELECT t.time AS time, t.run AS run, r.state AS state FROM pipeline_times t
       JOIN pipeline_runs r ON r.workspace = t.workspace AND r.id = t.run
     WHERE t.workspace = ? AND t.backfill = ? ORDER BY t.time`,
    ...[workspace, id],
  );
}
