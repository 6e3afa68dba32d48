import type { Principal } from '@backlot/access';
import type { Digest } from '@backlot/core';
import { isId } from '@backlot/core';
import type { Reader, SqlValue } from '@backlot/store';
import { NotFound, PipelinesError } from '../pipelines-error.ts';
import type { Problem } from '../state/end-attempt.ts';
import type { RunRow } from '../state/rows.ts';
import type { RunState } from '../state/state-machine.ts';

/** An error as pages show it. */
export type ShownProblem = Omit<Problem, 'kind'>;

/** A run as a list shows it. Times are milliseconds since 1970, UTC. */
export interface RunSummary {
  readonly id: string;
  readonly pipeline: string;
  readonly plan: Digest;
  readonly state: RunState;
  /** The id of whoever started it. */
  readonly by: string;
  readonly createdAt: number;
  readonly startedAt?: number;
  readonly endedAt?: number;
  readonly tasks: number;
  /** Tasks that succeeded or were skipped. */
  readonly done: number;
  /** Of the first task that failed. */
  readonly error?: ShownProblem;
}

export interface RunListRequest {
  /** 1 to 500; 50 when absent. */
  readonly limit?: number;
  /** The `next` of the page before. */
  readonly after?: string;
  readonly pipeline?: string;
  readonly state?: RunState;
}

export interface RunList {
  readonly runs: readonly RunSummary[];
  /** Where to go on; absent on the last page. */
  readonly next?: string;
}

/** The runs of the principal's workspace, newest first. */
export async function listRuns(
  reader: Reader,
  { workspace }: Pick<Principal, 'workspace'>,
  request: RunListRequest = {},
): Promise<RunList> {
  const limit = Math.min(Math.max(request.limit ?? 50, 1), 500);
  const where = ['workspace = ?'];
  const values: SqlValue[] = [workspace];
  const add = (condition: string, ...bound: readonly SqlValue[]): void => {
    where.push(condition);
    values.push(...bound);
  };
  if (request.pipeline !== undefined) add('pipeline = ?', request.pipeline);
  if (request.state !== undefined) add('state = ?', request.state);
  if (request.after !== undefined) {
    const { at, id } = parseCursor(request.after);
    add('(created_at < ? OR (created_at = ? AND id < ?))', at, at, id);
  }
  const rows = await reader.all<RunRow>(
    `SELECT * FROM pipeline_runs WHERE ${where.join(' AND ')}
     ORDER BY created_at DESC, id DESC LIMIT ?`,
    ...values,
    limit + 1,
  );
  const runs = await summariesOf(reader, rows.slice(0, limit));
  const last = runs.at(-1);
  const more = rows.length > limit && last;
  return { runs, ...(more && { next: `${last.createdAt}.${last.id}` }) };
}

/** The run whose id begins so, when there is just one. */
export async function findRun(
  reader: Reader,
  { workspace }: Pick<Principal, 'workspace'>,
  beginning: string,
): Promise<RunRow> {
  if (!/^[0-9a-z]{4,20}$/.test(beginning)) throw new NotFound('such run');
  const rows = await reader.all<RunRow>(
    'SELECT * FROM pipeline_runs WHERE workspace = ? AND id LIKE ? LIMIT 2',
    workspace,
    `${beginning}%`,
  );
  if (rows.length > 1) throw new NotFound(`single run whose id begins with ${beginning}`);
  if (!rows[0]) throw new NotFound(`run ${beginning}`);
  return rows[0];
}

/** The summaries of runs of one workspace. */
export async function summariesOf(
  reader: Reader,
  runs: readonly RunRow[],
): Promise<readonly RunSummary[]> {
  if (runs.length === 0) return [];
  const tasks = await reader.all<{ run: string; state: string; tasks: number }>(
    `SELECT run, state, COUNT(*) AS tasks FROM pipeline_tasks
     WHERE workspace = ? AND run IN (${runs.map(() => '?').join(', ')}) GROUP BY run, state`,
    runs[0]!.workspace,
    ...runs.map(({ id }) => id),
  );
  const done = new Map<string, number>();
  for (const { run, state, tasks: count } of tasks) {
    if (state === 'succeeded' || state === 'skipped') done.set(run, (done.get(run) ?? 0) + count);
  }
  return Promise.all(runs.map((run) => summaryOf(reader, run, done.get(run.id) ?? 0)));
}

async function summaryOf(reader: Reader, run: RunRow, done: number): Promise<RunSummary> {
  const failed =
    run.state === 'failed'
      ? await reader.get<{ readonly error: string }>(
          `SELECT error FROM pipeline_tasks WHERE workspace = ? AND run = ? AND state = 'failed'
             AND error IS NOT NULL ORDER BY ended_at, position LIMIT 1`,
          run.workspace,
          run.id,
        )
      : undefined;
  return {
    id: run.id,
    pipeline: run.pipeline,
    plan: run.plan,
    state: run.state,
    by: run.started_by,
    createdAt: run.created_at,
    ...(run.started_at !== null && { startedAt: run.started_at }),
    ...(run.ended_at !== null && { endedAt: run.ended_at }),
    tasks: run.tasks,
    done,
    ...(failed && { error: shownProblem(failed.error) }),
  };
}

/** The error of a column as pages show it. */
export function shownProblem(column: string): ShownProblem {
  const { kind: _kind, ...shown } = JSON.parse(column) as Problem;
  return shown;
}

/** A place in a list that the list itself did not name. */
class BadCursor extends PipelinesError {
  constructor() {
    super({ code: 'E-PIPELINES-013', kind: 'usage', reason: 'this is not the next of a page' });
  }
}

function parseCursor(text: string): { readonly at: number; readonly id: string } {
  const [at, id] = text.split('.');
  if (at === undefined || !/^[0-9]{1,15}$/.test(at) || !isId(id)) throw new BadCursor();
  return { at: Number(at), id };
}
