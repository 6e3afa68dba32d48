import type { Principal } from '@backlot/access';
import type { Clock } from '@backlot/core';
import type { Reader } from '@backlot/store';
import type { Changes } from '../scheduler/changes.ts';
import type { ProgressBoard, ProgressView } from '../scheduler/progress-board.ts';
import { readRun } from '../state/rows.ts';

/** Something that happened in a run. */
export type RunEvent =
  | {
      readonly kind: 'move';
      /** From 1, without gaps; goes into `after` to go on from here. */
      readonly position: number;
      /** The node that moved; the run itself when absent. */
      readonly node?: string;
      readonly attempt: number;
      readonly from: string;
      readonly to: string;
      readonly by: string;
      readonly reason?: string;
      readonly at: number;
    }
  | { readonly kind: 'progress'; readonly node: string; readonly progress: ProgressView };

export interface RunEventsOptions {
  readonly reader: Reader;
  readonly changes: Changes;
  readonly progress: Pick<ProgressBoard, 'get'>;
  readonly clock: Clock;
  readonly principal: Pick<Principal, 'workspace'>;
  /** The whole id. */
  readonly run: string;
  /** The position to go on after; 0 when absent. */
  readonly after?: number;
  readonly signal?: AbortSignal;
}

/** A change by another process is not told here, so the rows are looked at now and then. */
const lookMs = 2000;

/** What happens in a run, live, until the run has ended or the signal fires. */
export async function* runEvents(options: RunEventsOptions): AsyncIterable<RunEvent> {
  const { reader, principal, run, signal } = options;
  const told = new Map<string, ProgressView>();
  let after = options.after ?? 0;
  while (!signal?.aborted) {
    const changed = nextChange(options);
    const { state } = await readRun(reader, principal.workspace, run);
    for (const event of await movesAfter(options, after)) {
      after = event.position;
      yield event;
    }
    yield* await newProgress(options, told);
    if (state === 'succeeded' || state === 'failed' || state === 'cancelled') {
      changed.forget();
      return;
    }
    await changed.happened;
    changed.forget();
  }
}

type Move = Extract<RunEvent, { kind: 'move' }>;

interface EventRow {
  readonly position: number;
  readonly node: string | null;
  readonly attempt: number;
  readonly from_state: string;
  readonly to_state: string;
  readonly actor: string;
  readonly reason: string | null;
  readonly at: number;
}

async function movesAfter(
  { reader, principal, run }: RunEventsOptions,
  after: number,
): Promise<readonly Move[]> {
  const rows = await reader.all<EventRow>(
    `SELECT position, node, attempt, from_state, to_state, actor, reason, at FROM pipeline_events
     WHERE workspace = ? AND run = ? AND position > ? ORDER BY position`,
    ...[principal.workspace, run, after],
  );
  return rows.map((row) => ({
    kind: 'move',
    position: row.position,
    ...(row.node !== null && { node: row.node }),
    attempt: row.attempt,
    from: row.from_state,
    to: row.to_state,
    by: row.actor,
    ...(row.reason !== null && { reason: row.reason }),
    at: row.at,
  }));
}

async function newProgress(
  { reader, progress, principal, run }: RunEventsOptions,
  told: Map<string, ProgressView>,
): Promise<readonly RunEvent[]> {
  const rows = await reader.all<{ readonly node: string; readonly attempt_id: string }>(
    `SELECT node, attempt_id FROM pipeline_tasks
     WHERE workspace = ? AND run = ? AND state = 'running' ORDER BY position`,
    ...[principal.workspace, run],
  );
  const events: RunEvent[] = [];
  for (const { node, attempt_id } of rows) {
    const view = progress.get(attempt_id);
    if (!view || told.get(attempt_id) === view) continue;
    told.set(attempt_id, view);
    events.push({ kind: 'progress', node, progress: view });
  }
  return events;
}

/** Begins to listen before the rows are read, so that no change falls between. */
function nextChange({ changes, clock, signal }: RunEventsOptions): {
  readonly happened: Promise<void>;
  readonly forget: () => void;
} {
  const enough = new AbortController();
  const ends = signal ? AbortSignal.any([signal, enough.signal]) : enough.signal;
  const happened = Promise.race([changes.next(ends), clock.sleep(lookMs, ends)]);
  return { happened, forget: () => enough.abort() };
}
