import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { Principal } from '@backlot/access';
import { BacklotError, type Io, realIo, type SeededRandom, seededRandom } from '@backlot/core';
import { type Metadata, openSqliteMetadata } from '@backlot/store';
import { type SimulatedClock, simulatedClock } from '@backlot/testing';
import { pipelinesSchema } from '../state/pipelines-schema.ts';
import { isRunMove, isTaskMove, type RunState, type TaskState } from '../state/state-machine.ts';
import {
  commitOf,
  diamond,
  type ScriptedWorker,
  scriptedExecutor,
  someVersion,
} from '../testing/scripted-workers.ts';
import { author, countEffect, effectsSchema } from '../testing/shop.ts';
import { Scheduler } from './scheduler.ts';

/** `npm run test:nightly` plays a hundred thousand. */
const histories = Number(process.env.BACKLOT_HISTORIES ?? 2000);
/** So many share a database: its ledger grows, and each entry is found in it. */
const together = 200;

class History {
  readonly #metadata: Metadata;
  readonly #clock: SimulatedClock;
  readonly #random: SeededRandom;
  readonly #io: Io;
  readonly #principal: Principal;
  readonly #workers: ScriptedWorker[] = [];
  readonly acknowledged: string[] = [];
  #scheduler: Scheduler;
  #life = { over: false };
  #run = '';
  refused = 0;
  crashes = 0;

  constructor(metadata: Metadata, clock: SimulatedClock, seed: number) {
    this.#metadata = metadata;
    this.#clock = clock;
    this.#random = seededRandom(seed);
    this.#principal = { ...author, workspace: `history-${seed}` };
    const real = realIo();
    const files = { ...real.files, remove: async () => undefined };
    const bytes = (count: number) =>
      Uint8Array.from({ length: count }, () => this.#random.below(256));
    this.#io = { ...real, files, clock, random: { bytes } };
    this.#scheduler = this.#newScheduler();
  }

  async play(): Promise<void> {
    const request = { pipeline: 'diamond' };
    this.#run = await this.#scheduler.startRun(this.#principal, request);
    for (let step = 0; step < 25; step++) await this.#act();
    await this.#finish();
    await this.#check();
  }

  /** What a crashed scheduler still had to do, it never does. */
  #newScheduler(): Scheduler {
    const life = { over: false };
    this.#life.over = true;
    this.#life = life;
    const never = new Promise<never>(() => undefined);
    const real = this.#metadata;
    const metadata: Metadata = {
      all: (sql, ...values) => (life.over ? never : real.all(sql, ...values)),
      get: (sql, ...values) => (life.over ? never : real.get(sql, ...values)),
      write: (work) => (life.over ? never : real.write(work)),
      close: () => real.close(),
    };
    return new Scheduler({
      ...{ io: this.#io, metadata, home: '/nowhere' },
      objects: { has: async () => true },
      definitions: { pipelines: [diamond] },
      executor: scriptedExecutor(this.#workers),
      backoff: { capMs: 60_000 },
      effects: countEffect,
      resolveSource: () => Promise.reject(new Error('there is no source')),
      onFault: (error) => {
        throw error;
      },
      versions: { versionOf: async () => someVersion },
    });
  }

  async #act(): Promise<void> {
    const scheduler = this.#scheduler;
    const worker = this.#workers[this.#random.below(Math.max(1, this.#workers.length))];
    const roll = this.#random.below(100);
    if (roll < 30) return scheduler.tick();
    if (roll < 35) return this.#crash();
    if (roll < 42) return void this.#clock.advance(1000 * this.#random.below(90));
    if (roll < 45) return this.#clock.jump(3_600_000 * (this.#random.below(5) - 2));
    if (roll < 48) return this.#try(() => scheduler.cancelRun(this.#principal, this.#run));
    if (roll < 52) return this.#try(() => scheduler.resumeRun(this.#principal, this.#run));
    if (worker) await this.#actAs(worker, roll);
  }

  /** Workers of crashed schedulers act too, and dead ones whose messages were on the way. */
  async #actAs(worker: ScriptedWorker, roll: number): Promise<void> {
    const { attempt } = worker.launch;
    const control = this.#scheduler.control(this.#principal);
    if (roll < 65) return this.#try(() => control.claim(attempt, { pid: 7 }));
    if (roll < 70) return this.#try(() => control.heartbeat(attempt, {}));
    if (roll < 80) return this.#commit(worker);
    if (roll < 84) {
      await this.#commit(worker);
      return this.#commit(worker);
    }
    if (roll < 92) {
      const error = { code: 'E-TEST-001', kind: 'failed', reason: 'it failed' } as const;
      const failure = (['retry', 'final', 'cancelled'] as const)[this.#random.below(3)]!;
      return this.#try(() => control.fail(attempt, { class: failure, error }));
    }
    worker.exit({ code: null, signal: 'SIGKILL' });
    await setImmediate();
  }

  async #commit({ launch }: ScriptedWorker): Promise<void> {
    const effect = `${launch.run}/${launch.node}/${launch.number}`;
    await this.#try(async () => {
      await this.#scheduler.control(this.#principal).commit(launch.attempt, commitOf(effect));
      if (!this.acknowledged.includes(effect)) this.acknowledged.push(effect);
    });
  }

  /** What is refused is refused with a typed conflict, and nothing else. */
  async #try(act: () => Promise<unknown>): Promise<void> {
    try {
      await act();
    } catch (error) {
      assert.ok(error instanceof BacklotError && error.kind === 'conflict', String(error));
      this.refused++;
    }
  }

  async #crash(): Promise<void> {
    this.crashes++;
    this.#scheduler = this.#newScheduler();
    await this.#scheduler.recover();
  }

  async #finish(): Promise<void> {
    await this.#crash();
    for (let round = 0; round < 60; round++) {
      await this.#scheduler.tick();
      for (const worker of this.#workers) {
        if (worker.gone) continue;
        const { attempt } = worker.launch;
        const control = this.#scheduler.control(this.#principal);
        await this.#try(() => control.claim(attempt, { pid: 7 }));
        await this.#commit(worker);
        worker.exit({ code: 0, signal: null });
        await setImmediate();
      }
      this.#clock.advance(61_000);
      const state = await this.#state();
      if (state === 'succeeded') return;
      if (state === 'failed' || state === 'cancelled') {
        await this.#scheduler.resumeRun(this.#principal, this.#run);
      }
    }
    assert.fail(`the run is stuck as ${await this.#state()}`);
  }

  async #state(): Promise<string> {
    const row = await this.#metadata.get<{ state: string }>(
      'SELECT state FROM pipeline_runs WHERE workspace = ? AND id = ?',
      ...[this.#principal.workspace, this.#run],
    );
    return row!.state;
  }

  async #check(): Promise<void> {
    const { workspace } = this.#principal;
    const events = await this.#metadata.all<{
      position: number;
      node: string | null;
      attempt: number;
      from_state: string;
      to_state: string;
    }>('SELECT * FROM pipeline_events WHERE workspace = ? ORDER BY position', workspace);
    const states = new Map<string | null, string>();
    const attempts = new Map<string, number>();
    const commits = new Map<string, number>();
    for (const [
      index,
      { position, node, attempt, from_state: from, to_state: to },
    ] of events.entries()) {
      assert.equal(position, index + 1, 'events have no gaps');
      const known = states.get(node) ?? (node === null ? 'none' : 'queued');
      assert.equal(from, known, 'each move begins where the last ended');
      states.set(node, to);
      if (node === null) {
        assert.ok(from === 'none' || isRunMove(from as RunState, to as RunState));
        continue;
      }
      assert.ok(isTaskMove(from as TaskState, to as TaskState), `${from} to ${to}`);
      assert.ok(attempt >= (attempts.get(node) ?? 0), 'attempts only grow');
      attempts.set(node, attempt);
      if (to === 'succeeded') commits.set(node, (commits.get(node) ?? 0) + 1);
    }
    assert.deepEqual([...commits.values()], [1, 1, 1, 1, 1], 'each task is committed once');
    const effects = await this.#metadata.all<{ id: string; applied: number }>(
      'SELECT id, applied FROM effects WHERE workspace = ? ORDER BY id',
      workspace,
    );
    assert.deepEqual(
      effects.map(({ id, applied }) => [id, applied]),
      [...this.acknowledged].sort().map((effect) => [effect, 1]),
      'what was acknowledged is there once, and nothing else',
    );
  }
}

test(`${histories} histories with crashes, pauses, clock jumps, duplicate and late commits`, async (t) => {
  // A disk in memory where there is one: crashes here are of the scheduler, not of the machine.
  const memory = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
  let refused = 0;
  let crashes = 0;
  for (let first = 1; first <= histories; first += together) {
    const folder = await mkdtemp(join(memory, 'backlot-histories-'));
    const clock = simulatedClock();
    const metadata = await openSqliteMetadata({
      path: join(folder, 'metadata.sqlite'),
      clock,
      schemas: [pipelinesSchema, effectsSchema],
    });
    try {
      for (let seed = first; seed < first + together && seed <= histories; seed++) {
        const played = await play(metadata, clock, seed);
        refused += played.refused;
        crashes += played.crashes;
      }
    } finally {
      await metadata.close();
      await rm(folder, { recursive: true });
    }
  }
  t.diagnostic(`histories: ${histories}, crashes: ${crashes}, refused calls: ${refused}`);
  assert.ok(refused > histories, 'late and duplicate calls were made');
});

async function play(metadata: Metadata, clock: SimulatedClock, seed: number): Promise<History> {
  const history = new History(metadata, clock, seed);
  try {
    await history.play();
  } catch (error) {
    throw new Error(`the history of seed ${seed}`, { cause: error });
  }
  return history;
}
