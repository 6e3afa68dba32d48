import type { Principal } from '@backlot/access';
import type { Reader } from '@backlot/store';
import { backfillRuns, readBackfill } from '../state/backfill-rows.ts';
import type { RunState } from '../state/state-machine.ts';

/** A backfill as it is shown; times are milliseconds since 1970, UTC. */
export interface BackfillView {
  readonly id: string;
  readonly pipeline: string;
  readonly from: number;
  readonly until: number;
  readonly priority: number;
  readonly by: string;
  readonly createdAt: number;
  /** Its runs by the time they are for, oldest first. */
  readonly runs: readonly {
    readonly time: number;
    readonly run: string;
    readonly state: RunState;
  }[];
}

/** A backfill with where each of its runs stands. */
export async function backfillView(
  reader: Reader,
  { workspace }: Pick<Principal, 'workspace'>,
  id: string,
): Promise<BackfillView> {
  const row = await readBackfill(reader, workspace, id);
  return {
    id,
    pipeline: row.pipeline,
    from: row.from_at,
    until: row.until_at,
    priority: row.priority,
    by: row.created_by,
    createdAt: row.created_at,
    runs: (await backfillRuns(reader, workspace, id)).map(({ time, run, state }) => ({
      ...{ time, run, state },
    })),
  };
}
