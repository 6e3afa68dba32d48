import type { Io } from '@backlot/core';
import { StaleAttempt } from '../pipelines-error.ts';
import type { Control } from './control-messages.ts';

/** How often a worker looks whether the process that it belongs to is still there. */
const ownerLookMs = 1000;

interface WorkerLeaseOptions {
  readonly io: Io;
  readonly control: Control;
  readonly attempt: string;
  readonly leaseMs: number;
  readonly heartbeatMs: number;
  /** The process that the worker belongs to, when it is on this machine. */
  readonly owner: number | undefined;
  /** Called once when the attempt must not go on, with the reason why. */
  readonly onLost: (why: StaleAttempt) => void;
  /** Called when the run was cancelled. */
  readonly onCancel: () => void;
}

/**
 * Keeps an attempt's lease until the signal fires. It is lost when the owner says so, when the
 * owner's process is gone, or when nothing was heard of the owner for as long as a lease lasts.
 */
export async function keepLease(options: WorkerLeaseOptions, signal: AbortSignal): Promise<void> {
  const { io, attempt, heartbeatMs, leaseMs, owner, onLost } = options;
  let heard = io.clock.monotonic();
  let next = heard + heartbeatMs;
  while (!signal.aborted) {
    const pause = owner === undefined ? heartbeatMs : Math.min(ownerLookMs, heartbeatMs);
    await io.clock.sleep(pause, signal);
    if (signal.aborted) return;
    if (owner !== undefined && !io.processes.isAlive(owner)) {
      return onLost(new StaleAttempt(attempt, 'belonged to a process that has ended'));
    }
    if (io.clock.monotonic() < next) continue;
    const answer = await beat(options);
    if (answer instanceof StaleAttempt) return onLost(answer);
    const now = io.clock.monotonic();
    if (answer) heard = now;
    if (now - heard > leaseMs) {
      return onLost(new StaleAttempt(attempt, 'has lost its owner'));
    }
    next = now + heartbeatMs;
  }
}

/** Whether the owner answered; a refusal is the attempt's end. */
async function beat({
  control,
  attempt,
  onCancel,
}: WorkerLeaseOptions): Promise<boolean | StaleAttempt> {
  try {
    const { cancel } = await control.heartbeat(attempt, {});
    if (cancel) onCancel();
    return true;
  } catch (error) {
    const kind = error instanceof Error && 'kind' in error ? error.kind : undefined;
    if (kind === 'conflict' || kind === 'notFound' || kind === 'auth') {
      return new StaleAttempt(attempt, 'is no longer accepted by its owner');
    }
    return false;
  }
}
