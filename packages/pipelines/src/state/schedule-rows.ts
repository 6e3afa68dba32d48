import type { Reader, Transaction } from '@backlot/store';
import type { Cron } from '../schedule/cron.ts';
import type { Occasion } from './move.ts';

/** How far the times of a pipeline's schedule are decided. */
export interface ScheduleRow {
  readonly workspace: string;
  readonly pipeline: string;
  readonly expression: string;
  readonly zone: string;
  /** Milliseconds since 1970, UTC. */
  readonly reached_at: number;
}

/** What became of a scheduled time. */
export type DecidedTime =
  | { readonly time: number; readonly outcome: 'run'; readonly run: string }
  | { readonly time: number; readonly outcome: 'missed' }
  | { readonly time: number; readonly outcome: 'refused'; readonly reason: string };

/** The schedules of a workspace that have begun. */
export function readSchedules(reader: Reader, workspace: string): Promise<readonly ScheduleRow[]> {
  return reader.all<ScheduleRow>(
    'SELECT * FROM pipeline_schedules WHERE workspace = ? ORDER BY pipeline',
    workspace,
  );
}

/** Lets a schedule count from now on; whatever another schedule of the pipeline left is dropped. */
export async function beginSchedule(
  tx: Transaction,
  workspace: string,
  pipeline: string,
  { expression, zone }: Cron,
  { actor, at }: Occasion,
): Promise<ScheduleRow> {
  await tx.run(
    `INSERT INTO pipeline_schedules (workspace, pipeline, expression, zone, reached_at)
     VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (workspace, pipeline) DO UPDATE SET expression = excluded.expression,
       zone = excluded.zone, reached_at = excluded.reached_at`,
    ...[workspace, pipeline, expression, zone, at],
  );
  const facts = { expression, zone };
  await tx.record({
    ...{ workspace, actor, facts },
    action: 'schedule.begin',
    resource: `pipeline/${pipeline}`,
  });
  return { workspace, pipeline, expression, zone, reached_at: at };
}

/**
 * Writes down what became of times, each once, and answers those that nobody had decided before: a
 * backfill may have been there first. Answers `undefined`, and changes nothing, when another
 * scheduler has decided since the row was read.
 */
export async function decideTimes(
  tx: Transaction,
  row: ScheduleRow,
  reached: number,
  decided: readonly DecidedTime[],
  { actor, at }: Occasion,
): Promise<readonly number[] | undefined> {
  const { workspace, pipeline, expression, zone } = row;
  const moved = await tx.run(
    `UPDATE pipeline_schedules SET reached_at = ?
     WHERE workspace = ? AND pipeline = ? AND expression = ? AND zone = ? AND reached_at = ?`,
    ...[reached, workspace, pipeline, expression, zone, row.reached_at],
  );
  if (moved !== 1) return undefined;
  const mine: number[] = [];
  for (const one of decided) {
    const inserted = await tx.run(
      `INSERT INTO pipeline_times (workspace, pipeline, time, outcome, run, reason, decided_at)
       VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (workspace, pipeline, time) DO NOTHING`,
      ...[workspace, pipeline, one.time, one.outcome],
      ...['run' in one ? one.run : null, 'reason' in one ? one.reason : null, at],
    );
    if (inserted === 1) mine.push(one.time);
  }
  const count = (outcome: DecidedTime['outcome']): number =>
    decided.filter((one) => one.outcome === outcome).length;
  const facts = { reached, run: count('run'), missed: count('missed'), refused: count('refused') };
  await tx.record({
    ...{ workspace, actor, facts },
    action: 'schedule.decide',
    resource: `pipeline/${pipeline}`,
  });
  return mine;
}
