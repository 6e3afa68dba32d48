import type { ApprovalState, RunState, TaskState } from './api-types.ts';
import type { MessageKey } from './i18n/catalogue-en.ts';

/** The signs of the state language: each has an icon of its own and one of six hues. */
export type Sign =
  | 'ok'
  | 'run'
  | 'wait'
  | 'warn'
  | 'stale'
  | 'fail'
  | 'refused'
  | 'idle'
  | 'cached'
  | 'skipped';

type Hue = 'ok' | 'run' | 'wait' | 'warn' | 'fail' | 'idle';

export const hues: Readonly<Record<Sign, Hue>> = {
  ok: 'ok',
  run: 'run',
  wait: 'wait',
  warn: 'warn',
  stale: 'warn',
  fail: 'fail',
  refused: 'fail',
  idle: 'idle',
  cached: 'idle',
  skipped: 'idle',
};

export interface Stated {
  readonly sign: Sign;
  readonly word: MessageKey;
}

export const runStates: Readonly<Record<RunState, Stated>> = {
  queued: { sign: 'idle', word: 'state.queued' },
  running: { sign: 'run', word: 'state.running' },
  succeeded: { sign: 'ok', word: 'state.done' },
  failed: { sign: 'fail', word: 'state.failed' },
  cancelling: { sign: 'run', word: 'state.cancelling' },
  cancelled: { sign: 'skipped', word: 'state.cancelled' },
};

const taskStates: Readonly<Record<TaskState, Stated>> = {
  queued: { sign: 'idle', word: 'state.queued' },
  leased: { sign: 'run', word: 'state.starting' },
  running: { sign: 'run', word: 'state.running' },
  succeeded: { sign: 'ok', word: 'state.done' },
  failed: { sign: 'fail', word: 'state.failed' },
  cancelled: { sign: 'skipped', word: 'state.cancelled' },
  skipped: { sign: 'skipped', word: 'state.skipped' },
  upstream_failed: { sign: 'skipped', word: 'state.notStarted' },
};

/** A task that took its outputs from the cache is done, but says so with its own sign. */
export function taskState(task: {
  readonly state: TaskState;
  readonly cache?: { readonly hit: boolean } | undefined;
}): Stated {
  if (task.state === 'succeeded' && task.cache?.hit)
    return { sign: 'cached', word: 'state.cached' };
  return taskStates[task.state];
}

export const approvalStates: Readonly<Record<ApprovalState, Stated>> = {
  none: { sign: 'idle', word: 'approval.none' },
  proposed: { sign: 'wait', word: 'approval.proposed' },
  approved: { sign: 'ok', word: 'approval.approved' },
  refused: { sign: 'refused', word: 'approval.refused' },
  void: { sign: 'warn', word: 'approval.void' },
  expired: { sign: 'stale', word: 'approval.expired' },
  consumed: { sign: 'ok', word: 'approval.consumed' },
};

export const deliveryStates = {
  accepted: { sign: 'ok', word: 'delivery.accepted' },
  refused: { sign: 'refused', word: 'delivery.refused' },
  unchanged: { sign: 'skipped', word: 'delivery.unchanged' },
} as const satisfies Record<string, Stated>;

export const endpointStates = {
  serving: { sign: 'ok', word: 'endpoint.serving' },
  degraded: { sign: 'warn', word: 'endpoint.degraded' },
  stopped: { sign: 'idle', word: 'endpoint.stopped' },
} as const satisfies Record<string, Stated>;

export const freshnessStates = {
  empty: { sign: 'idle', word: 'freshness.empty' },
  building: { sign: 'run', word: 'freshness.building' },
  fresh: { sign: 'ok', word: 'freshness.fresh' },
  stale: { sign: 'stale', word: 'freshness.stale' },
} as const satisfies Record<string, Stated>;

/** How the newest run of a job stands, in the words of OpenLineage. */
export function jobStates(state: string | undefined): Stated {
  if (state === 'COMPLETE') return { sign: 'ok', word: 'state.done' };
  if (state === 'FAIL') return { sign: 'fail', word: 'state.failed' };
  if (state === 'ABORT') return { sign: 'skipped', word: 'state.cancelled' };
  const running = state === 'START' || state === 'RUNNING';
  return running ? { sign: 'run', word: 'state.running' } : { sign: 'idle', word: 'state.defined' };
}
