/** The states of a task, and from each the states that it can be moved to. */
export const taskMoves = {
  queued: ['leased', 'succeeded', 'failed', 'cancelled', 'skipped', 'upstream_failed'],
  leased: ['running', 'queued', 'failed', 'cancelled'],
  running: ['succeeded', 'queued', 'failed', 'cancelled', 'skipped'],
  succeeded: [],
  failed: ['queued'],
  cancelled: ['queued'],
  skipped: [],
  upstream_failed: ['queued'],
} as const;

/** The states of a run, and from each the states that it can be moved to. */
export const runMoves = {
  queued: ['running', 'cancelling', 'failed'],
  running: ['succeeded', 'failed', 'cancelling'],
  cancelling: ['cancelled'],
  succeeded: [],
  failed: ['queued'],
  cancelled: ['queued'],
} as const;

export type TaskState = keyof typeof taskMoves;
export type RunState = keyof typeof runMoves;

/** What became of an attempt. `lost`: its worker went silent; `abandoned`: its owner did. */
export type AttemptState =
  | 'leased'
  | 'running'
  | 'succeeded'
  | 'failed'
  | 'skipped'
  | 'cancelled'
  | 'lost'
  | 'abandoned';

/** Whether a task can be moved from one state to another. */
export function isTaskMove(from: TaskState, to: TaskState): boolean {
  return (taskMoves[from] as readonly TaskState[]).includes(to);
}

/** Whether a run can be moved from one state to another. */
export function isRunMove(from: RunState, to: RunState): boolean {
  return (runMoves[from] as readonly RunState[]).includes(to);
}
