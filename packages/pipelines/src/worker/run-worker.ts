import { join } from 'node:path';
import type { Principal } from '@backlot/access';
import { type Digest, type Io, type Json, present } from '@backlot/core';
import type { Objects } from '@backlot/store';
import type { AnyTask } from '../authoring/task.ts';
import type { Effect, TaskContext } from '../authoring/task-context.ts';
import { workerExitCodes } from '../executors/executor.ts';
import { BadTaskReference, ControlUnreachable, StaleAttempt } from '../pipelines-error.ts';
import { parseTaskReference, printTaskReference } from '../plan/task-reference.ts';
import { scratchPath } from '../scheduler/attempt-logs.ts';
import { codeOfPlan, type Definitions } from '../scheduler/definitions.ts';
import { problemOf } from '../scheduler/problem-of.ts';
import { TaskVersions } from '../version/task-versions.ts';
import { openInputs, storeOutputs } from './artifact-exchange.ts';
import type { Control, ControlRequest, ControlResponse } from './control-messages.ts';
import { exitCodeOf, failureClass } from './failure-class.ts';
import { WorkerJournal } from './worker-journal.ts';
import { keepLease } from './worker-lease.ts';

export interface WorkerOptions {
  /** The task reference as text. */
  readonly reference: string;
  readonly definitions: Definitions;
  readonly control: Control;
  readonly objects: Objects;
  readonly io: Io;
  /** Handed to the task as `context.services`. */
  readonly services?: unknown;
  /** `BACKLOT_ATTEMPT` and `BACKLOT_HOME`, and `BACKLOT_OWNER` (a pid) where there is one. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Fires when the worker shall stop. When absent, SIGTERM and SIGINT of this process do it. */
  readonly signal?: AbortSignal;
  /** The worker's process, as the claim tells it. */
  readonly pid?: number;
  readonly versions?: Pick<TaskVersions, 'versionOf'>;
  /** Told what the owner would not hear: a refused claim, a refused end. For the worker's stderr. */
  readonly onFault: (error: unknown) => void;
}

/** A worker that was asked to stop, and does not, is left behind after this long. */
const abandonMs = 5000;

/**
 * Carries out one attempt: claims it, runs the task, stores its outputs, commits. Answers the
 * exit code: 0 done, 99 skipped, 75 retry, 65 do not retry. The caller ends the process with it,
 * since a task that does not heed its signal may still be running.
 */
export async function runWorker(options: WorkerOptions): Promise<number> {
  const stop = new AbortController();
  const release = onStopSignal(options.signal, () => stop.abort());
  try {
    const { BACKLOT_ATTEMPT: attempt, BACKLOT_HOME: home } = options.environment;
    const pid = options.pid === undefined ? {} : { pid: options.pid };
    const { control, io } = options;
    const id = present(attempt, 'BACKLOT_ATTEMPT');
    const claim = await insist(io, () => control.claim(id, pid));
    const worker = new Worker(options, claim, present(home, 'BACKLOT_HOME'), stop);
    return await worker.run();
  } catch (error) {
    // The claim was refused or not answered: there is nothing to give up.
    options.onFault(error);
    return exitCodeOf(failureClass(error, stop.signal.aborted));
  } finally {
    release();
  }
}

function onStopSignal(signal: AbortSignal | undefined, stop: () => void): () => void {
  if (signal) {
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop);
    return () => signal.removeEventListener('abort', stop);
  }
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  return () => {
    process.off('SIGTERM', stop);
    process.off('SIGINT', stop);
  };
}

class Worker {
  readonly #options: WorkerOptions;
  readonly #claim: ControlResponse<'claim'>;
  readonly #scratch: string;
  readonly #stop: AbortController;
  readonly #journal: WorkerJournal;
  readonly #effects: Effect[] = [];
  readonly #metrics: Record<string, number> = {};
  #lost: StaleAttempt | undefined;

  constructor(
    options: WorkerOptions,
    claim: ControlResponse<'claim'>,
    home: string,
    stop: AbortController,
  ) {
    this.#options = options;
    this.#claim = claim;
    this.#scratch = join(home, scratchPath(claim.run, claim.attempt));
    this.#stop = stop;
    this.#journal = new WorkerJournal(options.control, claim.attempt, options.io.clock);
  }

  async run(): Promise<number> {
    const { io } = this.#options;
    const done = new AbortController();
    const lease = this.#keepLease(done.signal);
    try {
      await io.files.makeFolder(this.#scratch);
      const commit = await this.#work();
      await this.#journal.flush();
      await insist(io, () => this.#options.control.commit(this.#claim.attempt, commit));
      return workerExitCodes.done;
    } catch (error) {
      return await this.#fail(error);
    } finally {
      done.abort();
      await lease;
      await io.files.remove(this.#scratch);
    }
  }

  async #work(): Promise<ControlRequest<'commit'>> {
    const { io, objects, reference } = this.#options;
    if (printTaskReference(parseTaskReference(reference)) !== this.#claim.reference) {
      throw new BadTaskReference();
    }
    const task = this.#task();
    const versions = this.#options.versions ?? new TaskVersions(io.files);
    const version: Digest = await versions.versionOf(task.module);
    const results = await this.#orAbandoned(
      task.run({
        inputs: openInputs(task, this.#claim.inputs, objects) as never,
        parameters: task.parameters.parse(this.#claim.parameters),
        context: this.#context() as TaskContext<never>,
      }),
    );
    if (this.#lost) throw this.#lost;
    const outputs = await storeOutputs(task, results, objects);
    return {
      outputs: { ...outputs },
      effects: this.#effects as ControlRequest<'commit'>['effects'],
      metrics: this.#metrics,
      version,
    };
  }

  #task(): AnyTask {
    const { pipeline, plan, runParameters, node } = this.#claim;
    const parameters = runParameters as Readonly<Record<string, Json>>;
    const code = codeOfPlan(this.#options.definitions, { pipeline, parameters }, plan);
    return present(code.tasks.get(node), `the task of ${node}`);
  }

  #context(): TaskContext {
    const { io, objects, services } = this.#options;
    const { run, node, attempt, seed, principal } = this.#claim;
    return {
      ...{ io, objects, services, seed },
      scratch: this.#scratch,
      signal: this.#stop.signal,
      principal: principal as Principal,
      origin: { run, node, attempt },
      progress: (progress) => this.#journal.progress(progress),
      log: (text) => this.#journal.log(text),
      effect: (kind, payload) => void this.#effects.push({ kind, payload }),
      metric: (name, value) => {
        this.#metrics[name] = value;
      },
    };
  }

  #keepLease(signal: AbortSignal): Promise<void> {
    const { io, control, environment } = this.#options;
    const { attempt, leaseMs, heartbeatMs } = this.#claim;
    const owner = environment.BACKLOT_OWNER;
    return keepLease(
      {
        ...{ io, control, attempt, leaseMs, heartbeatMs },
        owner: owner === undefined ? undefined : Number(owner),
        onLost: (why) => {
          this.#lost = why;
          this.#stop.abort();
        },
        onCancel: () => this.#stop.abort(),
      },
      signal,
    );
  }

  /** The task's answer, or its abandonment when it goes on long after it was told to stop. */
  async #orAbandoned<T>(work: Promise<T>): Promise<T> {
    const settled = new AbortController();
    const { clock } = this.#options.io;
    const abandoned = (async (): Promise<never> => {
      await whenAborted(this.#stop.signal, settled.signal);
      await clock.sleep(abandonMs, settled.signal);
      throw this.#lost ?? new StaleAttempt(this.#claim.attempt, 'was told to stop and did not');
    })();
    try {
      return await Promise.race([work, abandoned]);
    } finally {
      settled.abort();
      abandoned.catch(() => undefined);
    }
  }

  async #fail(error: unknown): Promise<number> {
    const { io, control } = this.#options;
    const { attempt, node } = this.#claim;
    // Whoever holds the task now knows better than this worker what became of it.
    if (this.#lost) return workerExitCodes.retry;
    const failure = failureClass(error, this.#stop.signal.aborted);
    const problem = problemOf(error, node);
    const stack = error instanceof Error ? error.stack : undefined;
    if (failure !== 'skip') this.#journal.log(stack ?? problem.reason);
    await this.#journal.flush();
    try {
      await insist(io, () => control.fail(attempt, { class: failure, error: problem }));
    } catch (refusal) {
      // The exit code says the same to whoever started this process.
      this.#options.onFault(refusal);
      if (!(refusal instanceof ControlUnreachable)) return workerExitCodes.retry;
    }
    return exitCodeOf(failure);
  }
}

function whenAborted(...signals: readonly AbortSignal[]): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of signals) {
      if (signal.aborted) resolve();
      else signal.addEventListener('abort', () => resolve(), { once: true });
    }
  });
}

const insistMs = [100, 300, 1000, 3000] as const;

/** Repeats a call that got no answer; all calls of the control port may be made again. */
async function insist<T>({ clock }: Io, call: () => Promise<T>): Promise<T> {
  for (const pauseMs of insistMs) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof ControlUnreachable)) throw error;
      await clock.sleep(pauseMs);
    }
  }
  return call();
}
