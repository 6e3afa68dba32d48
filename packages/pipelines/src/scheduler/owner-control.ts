import type { Principal } from '@backlot/access';
import type { Metadata, Objects, Transaction } from '@backlot/store';
import { BadCommit, NotFound } from '../pipelines-error.ts';
import { printTaskReference } from '../plan/task-reference.ts';
import { beatAttempt, claimAttempt, readLiveAttempt } from '../state/attempt.ts';
import { type Commit, commitAttempt } from '../state/commit-attempt.ts';
import type { EffectHandlers } from '../state/effects.ts';
import { endAttempt } from '../state/end-attempt.ts';
import type { Occasion } from '../state/move.ts';
import {
  type AttemptRow,
  nodeOf,
  principalOf,
  readAttempt,
  readPlan,
  readRun,
  refsOf,
  type TaskRow,
} from '../state/rows.ts';
import type { Control, ControlRequest, ControlResponse } from '../worker/control-messages.ts';
import type { AttemptLogs } from './attempt-logs.ts';
import type { LeaseClock } from './lease-clock.ts';
import type { LiveAttempts } from './live-attempts.ts';
import type { ProgressBoard } from './progress-board.ts';

/** What the control port works on: parts of the scheduler. */
interface ControlParts {
  readonly metadata: Metadata;
  readonly objects: Pick<Objects, 'has'>;
  readonly effects: EffectHandlers;
  readonly live: LiveAttempts;
  readonly leases: LeaseClock;
  readonly logs: AttemptLogs;
  readonly progress: ProgressBoard;
  readonly heartbeatMs: number;
  readonly backoff: (failures: number) => number;
  readonly write: <T>(work: (tx: Transaction, occasion: Occasion) => Promise<T>) => Promise<T>;
  readonly changed: () => void;
}

/** The control port of the process that owns the metadata. */
export function ownerControl(principal: Principal, parts: ControlParts): Control {
  const { metadata, leases, write } = parts;
  const { workspace } = principal;
  const as = (occasion: Occasion): Occasion => ({ ...occasion, actor: principal.id });
  return {
    claim: guarded(principal, async (id, { pid }) => {
      const claim = { pid: pid ?? null, leaseMs: leases.leaseMs };
      const live = await write((tx, when) => claimAttempt(tx, workspace, id, claim, as(when)));
      leases.beat(id);
      return claimed(parts, live.attempt, live.task);
    }),
    heartbeat: guarded(principal, async (id) => {
      const { attempt } = await write((tx, when) =>
        beatAttempt(tx, workspace, id, leases.leaseMs, as(when)),
      );
      leases.beat(id);
      return { cancel: await isToStop(parts, attempt) };
    }),
    progress: guarded(principal, async (id, progress) => {
      await readLiveAttempt(metadata, workspace, id);
      const { done, total, unit, loss } = progress;
      const rest = { ...(total !== undefined && { total }), ...(loss !== undefined && { loss }) };
      parts.progress.set(id, { done, unit, ...rest });
      parts.changed();
      return {};
    }),
    log: guarded(principal, async (id, { text }) => {
      const { attempt } = await readLiveAttempt(metadata, workspace, id);
      await parts.logs.append(attempt.log, new TextEncoder().encode(text));
      return {};
    }),
    commit: guarded(principal, async (id, message) => {
      const commit = message as Commit;
      await checkObjects(parts, id, commit);
      await write((tx, when) => commitAttempt(tx, workspace, id, commit, parts.effects, as(when)));
      leases.forget(id);
      return { state: 'succeeded' };
    }),
    fail: guarded(principal, (id, failure) => fail(parts, workspace, id, failure, as)),
  };
}

/** A credential for one attempt reaches no other, whatever the caller has checked before. */
function guarded<Request, Response>(
  { scope }: Principal,
  act: (attempt: string, request: Request) => Promise<Response>,
): (attempt: string, request: Request) => Promise<Response> {
  return async (attempt, request) => {
    if (scope?.attempt && scope.attempt.attempt !== attempt) {
      throw new NotFound(`attempt ${attempt}`);
    }
    return act(attempt, request);
  };
}

async function claimed(
  { metadata, leases, heartbeatMs }: ControlParts,
  attempt: AttemptRow,
  task: TaskRow,
): Promise<ControlResponse<'claim'>> {
  const run = await readRun(metadata, attempt.workspace, attempt.run);
  const plan = await readPlan(metadata, run);
  const { workspace, pipeline, plan: digest } = run;
  const { organisation, project, id, kind, roles } = principalOf(run);
  return {
    reference: printTaskReference({ workspace, pipeline, plan: digest, task: attempt.node }),
    run: run.id,
    node: attempt.node,
    attempt: attempt.id,
    number: attempt.number,
    pipeline,
    plan: digest,
    runParameters: plan.parameters as ControlResponse<'claim'>['runParameters'],
    parameters: nodeOf(plan, attempt.node).parameters as ControlResponse<'claim'>['parameters'],
    inputs: { ...refsOf(task.inputs) },
    seed: run.seed,
    principal: { organisation, workspace, project, id, kind, roles: [...roles] },
    leaseMs: leases.leaseMs,
    heartbeatMs,
  };
}

async function isToStop({ metadata, live }: ControlParts, attempt: AttemptRow): Promise<boolean> {
  if (live.get(attempt.id)?.stopping !== undefined) return true;
  const run = await readRun(metadata, attempt.workspace, attempt.run);
  return run.state === 'cancelling';
}

async function checkObjects({ objects }: ControlParts, id: string, commit: Commit): Promise<void> {
  for (const [name, { digest }] of Object.entries(commit.outputs)) {
    if (!(await objects.has(digest))) {
      throw new BadCommit(id, `the object of the output ${name} is not stored`);
    }
  }
}

async function fail(
  parts: ControlParts,
  workspace: string,
  id: string,
  failure: ControlRequest<'fail'>,
  as: (occasion: Occasion) => Occasion,
): Promise<{ state: string }> {
  const attempt = await readAttempt(parts.metadata, workspace, id);
  // A worker that stops still runs while it says so: its task has ended when the process has.
  const stopping = await isToStop(parts, attempt);
  if (stopping && parts.live.get(id)) {
    await readLiveAttempt(parts.metadata, workspace, id);
    return { state: 'running' };
  }
  const { code, kind, reason, place, mend } = failure.error;
  const error = {
    ...{ code, kind, reason },
    ...(place !== undefined && { place }),
    ...(mend !== undefined && { mend }),
  };
  const end = { class: failure.class, error, backoff: parts.backoff };
  const state = await parts.write((tx, when) => endAttempt(tx, workspace, id, end, as(when)));
  parts.leases.forget(id);
  return { state };
}
