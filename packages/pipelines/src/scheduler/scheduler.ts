import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { Principal } from '@backlot/access';
import { BacklotError, createId, type Io, type ProcessExit, present } from '@backlot/core';
import type { Metadata, Objects, Transaction } from '@backlot/store';
import type { ArtifactRef } from '../authoring/artifact.ts';
import type { Pipeline } from '../authoring/pipeline.ts';
import type { Executor } from '../executors/executor.ts';
import { BadParameters, IllegalMove, StaleAttempt, TaskEnded } from '../pipelines-error.ts';
import { compilePipeline, type PlanSource } from '../plan/plan.ts';
import { printTaskReference } from '../plan/task-reference.ts';
import { type CachedResult, explainMiss, findCached, reuseCached } from '../state/cached-result.ts';
import { cancelRun, resumeRun } from '../state/cancel-resume.ts';
import { createRun, type NewRun } from '../state/create-run.ts';
import type { EffectHandlers } from '../state/effects.ts';
import { type EndClass, endAttempt, failQueued } from '../state/end-attempt.ts';
import { isInFlight, leaseTask } from '../state/lease-task.ts';
import type { Occasion } from '../state/move.ts';
import {
  type AttemptRow,
  nodeOf,
  principalOf,
  type Refs,
  type RunRow,
  readAttempt,
  readPlan,
  readRun,
  type TaskRow,
} from '../state/rows.ts';
import { TaskVersions } from '../version/task-versions.ts';
import { backfillView } from '../views/backfill-view.ts';
import type { Control } from '../worker/control-messages.ts';
import { AttemptLogs, logPath, scratchPath } from './attempt-logs.ts';
import {
  type BackfillPlan,
  type BackfillRequest,
  planBackfill,
  startBackfill,
} from './backfills.ts';
import { type BackoffOptions, backoffMs, defaultCapMs } from './backoff.ts';
import type { CacheKey } from './cache-key.ts';
import { Changes } from './changes.ts';
import { ClockRuns } from './clock-runs.ts';
import { type Definitions, pipelineNamed } from './definitions.ts';
import { endOf } from './end-of-worker.ts';
import { LeaseClock } from './lease-clock.ts';
import { type LiveAttempt, LiveAttempts } from './live-attempts.ts';
import { ownerControl } from './owner-control.ts';
import { problemOf } from './problem-of.ts';
import { ProgressBoard } from './progress-board.ts';
import { keyOfTask, nextReadyAt, readyTasks } from './ready-tasks.ts';

/** Finds what a source stands for now; it throws a typed error when there is nothing. */
export type ResolveSource = (
  principal: Principal,
  source: PlanSource,
  run: { readonly pipeline: string },
) => Promise<ArtifactRef>;

export interface SchedulerOptions {
  readonly io: Io;
  readonly metadata: Metadata;
  readonly objects: Pick<Objects, 'has'>;
  readonly definitions: Definitions;
  readonly executor: Executor;
  readonly effects: EffectHandlers;
  readonly resolveSource: ResolveSource;
  /** The state folder; logs and scratch folders lie under its `runs`. */
  readonly home: string;
  /** Called when the scheduler cannot go on (the metadata failed) or a log was lost. */
  readonly onFault: (error: unknown) => void;
  /** Called when the metadata is out of reach; the scheduler goes on and tries again. */
  readonly onUnreachable?: (error: BacklotError) => void;
  /** How many attempts run at once; 2 when absent. */
  readonly workers?: number;
  /** How long a silent worker keeps its attempt; 60 s when absent. */
  readonly leaseMs?: number;
  /** How often a worker speaks up; 15 s when absent. */
  readonly heartbeatMs?: number;
  /** How long a worker may take to stop before it is ended; 10 s when absent. */
  readonly graceMs?: number;
  readonly backoff?: BackoffOptions;
  readonly versions?: Pick<TaskVersions, 'versionOf'>;
  /** Whose runs those are that the clock starts; without it pipelines run only when asked. */
  readonly clockPrincipal?: Principal;
}

export interface RunRequest {
  readonly pipeline: string;
  readonly parameters?: unknown;
  /** In place of the pipeline's seed. */
  readonly seed?: number;
  /** Artifacts for sources that are given rather than looked up. */
  readonly sources?: Refs;
}

const me = 'scheduler';
/** The rest after the metadata was out of reach. */
const unreachableMs = 1000;

/**
 * Runs pipelines durably: every state is a row, so that a scheduler that ends in any way is
 * followed by another that goes on. One scheduler owns a state folder at a time.
 */
export class Scheduler {
  /** Fires whenever a run, task, attempt or progress has changed. */
  readonly changes = new Changes();
  readonly progress: ProgressBoard;
  readonly #options: SchedulerOptions;
  readonly #versions: Pick<TaskVersions, 'versionOf'>;
  readonly #logs: AttemptLogs;
  readonly #live: LiveAttempts;
  readonly #leases: LeaseClock;
  readonly #clockRuns: ClockRuns | undefined;
  /** Tells this scheduler's attempts from those of one before it. */
  readonly #owner: string;
  readonly #wake = new Changes();
  readonly #stopped = new AbortController();
  #woken = false;
  #loop: Promise<void> | undefined;

  constructor(options: SchedulerOptions) {
    const { io, home, onFault, leaseMs = 60_000, graceMs = 10_000 } = options;
    this.#options = options;
    this.#versions = options.versions ?? new TaskVersions(io.files);
    this.#logs = new AttemptLogs(io, home, onFault);
    this.#live = new LiveAttempts(io.clock, graceMs);
    this.#leases = new LeaseClock(io.clock, leaseMs);
    this.progress = new ProgressBoard(io.clock);
    this.#owner = createId(io.random);
    this.#clockRuns = this.#openClockRuns(options.clockPrincipal);
  }

  /** Takes over what an earlier scheduler left, then works until `stop`. */
  async start(): Promise<void> {
    await this.recover();
    this.#loop = this.#work().catch(this.#options.onFault);
  }

  /**
   * Stops. Workers are asked to end and their tasks are queued again, to go on at the next start;
   * with `finish`, those that run are first waited for.
   */
  async stop(options: { readonly finish?: AbortSignal } = {}): Promise<void> {
    this.#stopped.abort();
    this.#wakeUp();
    await this.#loop;
    if (options.finish) {
      const aborted = this.#abortOf(options.finish);
      await Promise.race([this.#live.idle(), aborted]);
    }
    for (const live of this.#live.all()) this.#live.stop(live, 'shutdown');
    await this.#live.idle();
  }

  /** Starts a run: makes the plan, pins the sources, writes it down. Answers the run's id. */
  async startRun(principal: Principal, request: RunRequest): Promise<string> {
    const { io, definitions } = this.#options;
    const pipeline = pipelineNamed(definitions, request.pipeline);
    const run = { id: createId(io.random), ...(await this.#prepare(principal, pipeline, request)) };
    await this.#write((tx, { at }) => createRun(tx, principal, run, { at }));
    return run.id;
  }

  async #prepare(
    principal: Principal,
    pipeline: Pipeline,
    request: Omit<RunRequest, 'pipeline'>,
  ): Promise<Omit<NewRun, 'id'>> {
    const { plan, digest } = compilePipeline(pipeline, request.parameters ?? {});
    const seed = request.seed ?? plan.seed;
    if (!Number.isSafeInteger(seed) || seed < 0) {
      throw new BadParameters(plan.pipeline, 'the seed is a whole number from 0');
    }
    const sources: Record<string, ArtifactRef> = {};
    for (const source of plan.sources) {
      sources[source.name] = await this.#resolve(principal, source, plan.pipeline, request.sources);
    }
    return { plan, digest, seed, sources };
  }

  /** What a backfill would run for; nothing is changed. */
  planBackfill(principal: Principal, request: BackfillRequest): Promise<BackfillPlan> {
    const pipeline = pipelineNamed(this.#options.definitions, request.pipeline);
    const { metadata, io } = this.#options;
    return planBackfill(metadata, principal, pipeline, request, io.clock.now());
  }

  /** Starts a run for each scheduled time of a span, behind the runs of the day. */
  startBackfill(
    principal: Principal,
    request: BackfillRequest,
  ): Promise<{ readonly id: string; readonly runs: number }> {
    const { io, metadata, definitions } = this.#options;
    const parts = {
      ...{ io, metadata },
      write: this.#write.bind(this),
      prepare: (pipeline: Pipeline, parameters: Readonly<Record<string, string>>) =>
        this.#prepare(principal, pipeline, { parameters }),
    };
    return startBackfill(parts, principal, pipelineNamed(definitions, request.pipeline), request);
  }

  /** Cancels the runs of a backfill that have not ended; answers how many. */
  async cancelBackfill(principal: Principal, id: string): Promise<number> {
    const { runs } = await backfillView(this.#options.metadata, principal, id);
    const open = runs.filter(({ state }) => state === 'queued' || state === 'running');
    let cancelled = 0;
    for (const { run } of open) {
      try {
        await this.cancelRun(principal, run);
        cancelled++;
      } catch (error) {
        // It ended meanwhile.
        if (!(error instanceof IllegalMove)) throw error;
      }
    }
    return cancelled;
  }

  /** Cancels a run; it is cancelled once its workers are gone. */
  async cancelRun(principal: Principal, run: string): Promise<void> {
    await this.#write((tx, occasion) =>
      cancelRun(tx, principal.workspace, run, { ...occasion, actor: principal.id }),
    );
  }

  /** Goes on with a run that failed or was cancelled, from the tasks that did not succeed. */
  async resumeRun(principal: Principal, run: string): Promise<void> {
    await this.#write((tx, occasion) =>
      resumeRun(tx, principal.workspace, run, { ...occasion, actor: principal.id }),
    );
  }

  /** The control port for a principal; one whose credential is for one attempt reaches no other. */
  control(principal: Principal): Control {
    return ownerControl(principal, {
      metadata: this.#options.metadata,
      objects: this.#options.objects,
      effects: this.#options.effects,
      live: this.#live,
      leases: this.#leases,
      logs: this.#logs,
      progress: this.progress,
      heartbeatMs: this.#options.heartbeatMs ?? 15_000,
      backoff: this.#backoff,
      write: (work) => this.#write(work),
      changed: () => this.changes.notify(),
    });
  }

  /** Gives up the attempts of schedulers before this one: their workers can no longer commit. */
  async recover(): Promise<void> {
    for (const attempt of await this.#activeAttempts()) {
      if (attempt.owner === this.#owner) continue;
      const error = new TaskEnded(attempt.node, 'the scheduler ended while the task ran');
      await this.#end(attempt.workspace, attempt.id, 'abandoned', error);
      await this.#removeScratch(attempt.run, attempt.id);
    }
  }

  /** One round: gives up silent attempts, stops cancelled ones, starts what is ready. */
  async tick(): Promise<void> {
    await this.#clockRuns?.start();
    for (const attempt of await this.#activeAttempts()) await this.#check(attempt);
    while (this.#live.size < this.#workers && (await this.#startReady())) {
      // Each pass may have ended tasks by reuse and so made others ready.
    }
  }

  #openClockRuns(principal: Principal | undefined): ClockRuns | undefined {
    const { io, metadata, definitions } = this.#options;
    return (
      principal &&
      new ClockRuns({
        ...{ io, metadata, definitions, principal },
        write: (work) => this.#write(work),
        prepare: (pipeline, parameters) => this.#prepare(principal, pipeline, { parameters }),
      })
    );
  }

  async #work(): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      this.#woken = false;
      try {
        await this.tick();
        // SQLite answers within the turn: timers and sockets get theirs here, however much there is to do.
        await setImmediate();
        await this.#rest();
      } catch (error) {
        if (!this.#isUnreachable(error)) throw error;
        await this.#options.io.clock.sleep(unreachableMs, this.#stopped.signal);
      }
    }
  }

  /** Sleeps until something happens that could make work. */
  async #rest(): Promise<void> {
    const { metadata, io } = this.#options;
    if (this.#woken || this.#stopped.signal.aborted) return;
    const ready = await nextReadyAt(metadata, io.clock.now());
    const active = (await this.#activeAttempts()).length > 0;
    const longest = active ? Math.min(this.#leases.leaseMs / 4, 15_000) : 60_000;
    const clock = await this.#clockRuns?.nextAt();
    const next = Math.min(ready ?? Number.POSITIVE_INFINITY, clock ?? Number.POSITIVE_INFINITY);
    const ms = Math.min(longest, next - io.clock.now());
    if (this.#woken) return;
    const awake = new AbortController();
    const woken = this.#wake.next(awake.signal);
    await Promise.race([woken, io.clock.sleep(Math.max(1, ms), awake.signal)]);
    awake.abort();
  }

  async #check(attempt: AttemptRow): Promise<void> {
    const live = this.#live.get(attempt.id);
    if (this.#leases.isExpired(attempt)) {
      if (live) this.#live.stop(live, 'lost');
      const error = new TaskEnded(attempt.node, 'the worker did not speak up within its lease');
      await this.#end(attempt.workspace, attempt.id, 'lost', error);
      return;
    }
    if (!live || live.stopping) return;
    const run = await readRun(this.#options.metadata, attempt.workspace, attempt.run);
    if (run.state === 'cancelling') this.#live.stop(live, 'cancelled');
  }

  /** Starts or reuses what is ready, as far as there are slots. Answers whether anything moved. */
  async #startReady(): Promise<boolean> {
    const { metadata, io } = this.#options;
    const longestWait = this.#options.backoff?.capMs ?? defaultCapMs;
    let moved = false;
    for (const task of await readyTasks(metadata, io.clock.now(), longestWait)) {
      if (this.#live.size >= this.#workers || this.#stopped.signal.aborted) return false;
      try {
        if (await this.#startTask(task)) moved = true;
      } catch (error) {
        // The run was cancelled, or the row moved, since the list was read.
        if (!(error instanceof IllegalMove)) throw error;
      }
    }
    return moved;
  }

  async #startTask(task: TaskRow): Promise<boolean> {
    const { metadata, definitions } = this.#options;
    const run = await readRun(metadata, task.workspace, task.run);
    const plan = await readPlan(metadata, run);
    let key: CacheKey;
    try {
      key = await keyOfTask(metadata, definitions, this.#versions, run, plan, task);
    } catch (error) {
      await this.#write((tx, occasion) =>
        failQueued(tx, task, problemOf(error, task.node), occasion),
      );
      return true;
    }
    let reason = 'the task is never reused';
    const reusable = nodeOf(plan, task.node).cache;
    if (reusable) {
      reason = await explainMiss(metadata, task, run.pipeline, key);
      const cached = await findCached(metadata, task.workspace, key.digest);
      const refused = cached && (await this.#reuse(task, run, key, cached));
      if (cached && refused === undefined) return true;
      if (refused !== undefined) reason = refused;
    }
    return this.#lease(task, run, key, reason, reusable);
  }

  /** Ends the task by an earlier result; answers why that cannot be, when it cannot. */
  async #reuse(
    task: TaskRow,
    run: RunRow,
    key: CacheKey,
    cached: CachedResult,
  ): Promise<string | undefined> {
    const { metadata, objects, effects } = this.#options;
    for (const { digest } of Object.values(cached.outputs)) {
      if (!(await objects.has(digest))) return 'an output of the earlier result is gone';
    }
    const plan = await readPlan(metadata, run);
    try {
      await this.#write((tx, occasion) =>
        reuseCached(tx, task, plan, key, cached, effects, occasion),
      );
      return undefined;
    } catch (error) {
      if (!(error instanceof BacklotError) || error instanceof IllegalMove) throw error;
      // What it changed then cannot be changed again now: the task itself decides what can.
      return `its earlier effects no longer apply: ${problemOf(error, task.node).reason}`;
    }
  }

  async #lease(
    task: TaskRow,
    run: RunRow,
    key: CacheKey,
    reason: string,
    singleFlight: boolean,
  ): Promise<boolean> {
    const { metadata } = this.#options;
    // Looked at without a transaction first: a task that waits must not keep the loop awake.
    if (singleFlight && (await isInFlight(metadata, task.workspace, key.digest))) return false;
    const id = createId(this.#options.io.random);
    const log = logPath(task.run, task.node, task.attempt + 1);
    const { leaseMs } = this.#leases;
    const lease = { id, owner: this.#owner, leaseMs, key, reason, log, singleFlight };
    const attempt = await this.#write((tx, occasion) => leaseTask(tx, task, lease, occasion));
    if (!attempt) return false;
    this.#leases.beat(id);
    await this.#launch(run, attempt);
    return true;
  }

  async #launch(run: RunRow, attempt: AttemptRow): Promise<void> {
    const { metadata, executor } = this.#options;
    const { workspace, node, log } = attempt;
    const plan = await readPlan(metadata, run);
    const { pipeline, plan: digest } = run;
    try {
      const running = await executor.start({
        reference: printTaskReference({ workspace, pipeline, plan: digest, task: node }),
        workspace,
        run: run.id,
        node,
        attempt: attempt.id,
        number: attempt.number,
        principal: principalOf(run),
        print: (chunk) => void this.#logs.append(log, chunk),
      });
      const live: LiveAttempt = {
        ...{ workspace, attempt: attempt.id, run: run.id, node, log, running },
        ...{ gone: new AbortController(), stopping: undefined },
      };
      this.#live.add(live, nodeOf(plan, node).timeoutMs, (exit) => this.#gone(live, exit));
    } catch (error) {
      await this.#end(workspace, attempt.id, 'retry', error);
    }
  }

  /** A worker is gone. Most have said what became of their task; for the others it is said here. */
  async #gone(live: LiveAttempt, exit: ProcessExit): Promise<void> {
    try {
      const { class: endClass, reason } = endOf(exit, live.stopping);
      await this.#end(live.workspace, live.attempt, endClass, new TaskEnded(live.node, reason));
      await this.#logs.close(live.log);
      await this.#removeScratch(live.run, live.attempt);
    } catch (error) {
      // Its lease ends by itself, and then the attempt is given up.
      if (!this.#isUnreachable(error)) this.#options.onFault(error);
    }
    this.#wakeUp();
  }

  #isUnreachable(error: unknown): boolean {
    if (!(error instanceof BacklotError) || error.kind !== 'unreachable') return false;
    this.#options.onUnreachable?.(error);
    return true;
  }

  /** Ends an attempt that has not ended itself. */
  async #end(workspace: string, id: string, endClass: EndClass, error: unknown): Promise<void> {
    const end = { class: endClass, error: problemOf(error, id), backoff: this.#backoff };
    // Nearly all have committed or failed by themselves; a look is cheaper than a transaction.
    const { state } = await readAttempt(this.#options.metadata, workspace, id);
    try {
      if (state === 'leased' || state === 'running') {
        await this.#write((tx, occasion) => endAttempt(tx, workspace, id, end, occasion));
      }
    } catch (refusal) {
      // It did so meanwhile, which is what counts.
      if (!(refusal instanceof StaleAttempt)) throw refusal;
    }
    this.#leases.forget(id);
  }

  readonly #backoff = (failures: number): number =>
    backoffMs(this.#options.io.random, failures, this.#options.backoff);

  get #workers(): number {
    return this.#options.workers ?? 2;
  }

  #activeAttempts(): Promise<readonly AttemptRow[]> {
    return this.#options.metadata.all<AttemptRow>(
      "SELECT * FROM pipeline_attempts WHERE state IN ('leased', 'running') ORDER BY workspace, id",
    );
  }

  async #resolve(
    principal: Principal,
    source: PlanSource,
    pipeline: string,
    given?: Refs,
  ): Promise<ArtifactRef> {
    const ref =
      given && Object.hasOwn(given, source.name)
        ? present(given[source.name], 'a given source')
        : await this.#options.resolveSource(principal, source, { pipeline });
    if (ref.kind === source.kind) return ref;
    throw new BadParameters(source.name, `the source is ${ref.kind}, wanted is ${source.kind}`);
  }

  async #write<T>(work: (tx: Transaction, occasion: Occasion) => Promise<T>): Promise<T> {
    const { metadata, io } = this.#options;
    const result = await metadata.write((tx) => work(tx, { actor: me, at: io.clock.now() }));
    this.changes.notify();
    this.#wakeUp();
    return result;
  }

  #wakeUp(): void {
    this.#woken = true;
    this.#wake.notify();
  }

  async #removeScratch(run: string, attempt: string): Promise<void> {
    await this.#options.io.files.remove(join(this.#options.home, scratchPath(run, attempt)));
  }

  #abortOf(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }
}
