import assert from 'node:assert/strict';
import { accessSync, constants, cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canonicalJson, type Io, type SeededRandom, seededRandom } from '@backlot/core';
import { type FaultCode, type SimulatedDisk, simulatedDisk } from './simulated-disk.ts';

/** A durable protocol as the enumerator drives it. Everything in it is deterministic. */
export interface CrashProtocol<State> {
  /** Names the protocol in the printed line. */
  readonly name: string;
  /** Makes what stands before the workload, once; it is durable and is not crashed. */
  readonly prepare?: (world: World) => Promise<void>;
  /** The work that is crashed. It acknowledges each effect right after it was promised durable. */
  readonly workload: (world: World) => Promise<void>;
  /** What a fresh process does first; answers all effects that can be seen, as plain JSON data. */
  readonly recover: (world: World) => Promise<State>;
  /** Throws when an acknowledged effect is missing, or another one is there in part. */
  readonly check: (state: State, history: History) => void | Promise<void>;
  /** New work on the recovered state; it has to succeed. */
  readonly resume?: (world: World) => Promise<void>;
  /** The faults that each operation meets in turn; ENOSPC and EIO by default. */
  readonly faults?: readonly FaultCode[];
  /**
   * The most losses that are tried for one crash, 48 by default; of more, evenly spread ones are. A
   * folder with many names that were not synced has very many.
   */
  readonly maxLosses?: number;
  readonly seed?: number;
}

/** The machine that a protocol runs on. */
export interface World {
  readonly io: Io;
  /** The folder that stands for the disk; every path lies in it. */
  readonly root: string;
  /** Counts a step of another engine as an operation; give it to `onStep` of the metadata. */
  readonly step: (name: string) => void;
  /** Notes an effect as acknowledged, as a client that got the answer would. */
  readonly acknowledge: (effect: string) => void;
  /** Lets go of something (a database connection) when the process ends, crashed or not. */
  readonly defer: (close: () => Promise<void> | void) => void;
}

export interface History {
  readonly acknowledged: readonly string[];
  readonly ended: 'crash' | 'fault' | 'done';
}

export interface CrashReport {
  readonly name: string;
  /** Operations of one undisturbed run. */
  readonly operations: number;
  /** Crashes, each at one side of one operation with one loss. */
  readonly crashPoints: number;
  /** Failed operations (ENOSPC, EIO), each with each end of unsynced data. */
  readonly faultPoints: number;
}

/**
 * Runs a protocol once to count its operations; then, for each operation, before and after it and
 * for each allowed loss, replays it to that crash, recovers (about every second time with a crash in
 * the midst of recovery first), checks, recovers again (nothing may change) and does new work. Then each
 * operation fails in turn. Prints one line with the count.
 *
 * @throws an error that names the crash point and the loss, with the protocol's own as its cause
 */
export async function enumerateCrashes<State>(
  protocol: CrashProtocol<State>,
): Promise<CrashReport> {
  const base = mkdtempSync(join(scratchFolder(), 'backlot-crash-'));
  try {
    const run = new CrashRun(protocol, base);
    await run.prepare();
    const operations = await run.undisturbed();
    const crashPoints = await run.crashes(operations.length);
    const faultPoints = await run.faults(operations.length);
    console.log(
      `crash points: ${protocol.name} ${crashPoints} (and ${faultPoints} failed operations)`,
    );
    return { name: protocol.name, operations: operations.length, crashPoints, faultPoints };
  } finally {
    rmSync(base, { recursive: true, force: true });
  }
}

/**
 * Memory where the system has a folder for it: thousands of disks are made and thrown away, and
 * what is durable is this package's own bookkeeping, not the real disk's.
 */
function scratchFolder(): string {
  const memory = '/dev/shm';
  try {
    accessSync(memory, constants.W_OK);
    return memory;
  } catch {
    // No such folder, or not for us.
    return tmpdir();
  }
}

type Ending = { readonly disk: SimulatedDisk; readonly history: History };

class CrashRun<State> {
  readonly #protocol: CrashProtocol<State>;
  readonly #root: string;
  readonly #template: string;
  readonly #seed: number;
  readonly #random: SeededRandom;
  #log: readonly string[] = [];
  #recoveryOperations = 0;

  constructor(protocol: CrashProtocol<State>, base: string) {
    this.#protocol = protocol;
    this.#root = join(base, 'disk');
    this.#template = join(base, 'template');
    this.#seed = protocol.seed ?? 1;
    this.#random = seededRandom(this.#seed, 2);
  }

  async prepare(): Promise<void> {
    mkdirSync(this.#root);
    const disk = simulatedDisk({ root: this.#root, seed: this.#seed });
    await inWorld(disk, this.#root, [], async (world) => this.#protocol.prepare?.(world));
    cpSync(this.#root, this.#template, { recursive: true, preserveTimestamps: true });
  }

  /** One run without a crash: it must succeed, recover to itself and pass the check. */
  async undisturbed(): Promise<readonly string[]> {
    const { disk, history } = await this.#replay(() => undefined);
    assert.equal(history.ended, 'done');
    this.#log = disk.log.slice();
    assert.ok(this.#log.length > 0, `${this.#protocol.name}: the workload does nothing durable`);
    await this.#eachLoss(async (index) => {
      const ending = await this.#replay(() => undefined);
      assert.deepEqual(ending.disk.log, this.#log, `${this.#protocol.name} is not deterministic`);
      return this.#recoverFrom(ending, index, 'no crash');
    });
    return this.#log;
  }

  async crashes(operations: number): Promise<number> {
    let points = 0;
    for (let operation = 1; operation <= operations; operation++) {
      for (const when of ['before', 'after'] as const) {
        points += await this.#eachLoss(async (index) => {
          const ending = await this.#replay((disk) => disk.crashAt(operation, when));
          const place = `crash ${when} operation ${operation} (${this.#log[operation - 1]})`;
          assert.equal(ending.history.ended, 'crash', `${this.#protocol.name}: no ${place}`);
          return this.#recoverFrom(ending, index, place);
        });
      }
    }
    return points;
  }

  async faults(operations: number): Promise<number> {
    let points = 0;
    for (const code of this.#protocol.faults ?? (['ENOSPC', 'EIO'] as const)) {
      for (let operation = 1; operation <= operations; operation++) {
        for (const last of [false, true]) {
          const ending = await this.#replay((disk) => disk.failAt(operation, code));
          const index = last ? ending.disk.losses().length - 1 : 0;
          if (!ending.disk.faulted || (last && index === 0)) break;
          const place = `${code} at operation ${operation} (${this.#log[operation - 1]})`;
          await this.#recoverFrom(ending, index, place);
          points++;
        }
      }
    }
    return points;
  }

  /** Tries losses by their index; each trial answers how many there are. */
  async #eachLoss(attempt: (index: number) => Promise<number>): Promise<number> {
    const count = await attempt(0);
    const tried = Math.min(count, this.#protocol.maxLosses ?? 48);
    for (let place = 1; place < tried; place++) {
      await attempt(Math.round((place * (count - 1)) / (tried - 1)));
    }
    return tried;
  }

  async #replay(disturb: (disk: SimulatedDisk) => void): Promise<Ending> {
    rmSync(this.#root, { recursive: true, force: true });
    rmSync(`${this.#root}.removed`, { recursive: true, force: true });
    cpSync(this.#template, this.#root, { recursive: true, preserveTimestamps: true });
    const disk = simulatedDisk({ root: this.#root, seed: this.#seed });
    disturb(disk);
    const acknowledged: string[] = [];
    let ended: History['ended'] = 'done';
    try {
      await inWorld(disk, this.#root, acknowledged, this.#protocol.workload);
      if (disk.crashed) ended = 'crash';
    } catch (error) {
      if (!disk.crashed && !disk.faulted) throw error;
      ended = disk.crashed ? 'crash' : 'fault';
    }
    return { disk, history: { acknowledged, ended } };
  }

  /** Recovers with the loss of that index, and answers how many losses there are. */
  async #recoverFrom(ending: Ending, index: number, place: string): Promise<number> {
    const losses = ending.disk.losses();
    const loss = losses[index]!;
    try {
      let disk = ending.disk.recover(loss);
      if (this.#random.below(2) === 1) disk = await this.#interruptRecovery(disk);
      const state = await this.#recover(disk);
      this.#recoveryOperations = disk.operations;
      await this.#protocol.check(state, ending.history);
      const again = disk.losses();
      disk = disk.recover(again[index % 2 === 0 ? 0 : again.length - 1]!);
      assert.equal(
        canonicalJson(await this.#recover(disk)),
        canonicalJson(state),
        'recovered twice',
      );
      await inWorld(disk, this.#root, [], async (world) => this.#protocol.resume?.(world));
    } catch (error) {
      const where = `${this.#protocol.name}: ${place}, ${loss.label}`;
      throw new Error(`${where}: ${error instanceof Error ? error.message : error}`, {
        cause: error,
      });
    }
    return losses.length;
  }

  /** Recovery meets a crash of its own, at an operation that the seed chooses. */
  async #interruptRecovery(disk: SimulatedDisk): Promise<SimulatedDisk> {
    if (this.#recoveryOperations === 0) return disk;
    const operation = 1 + this.#random.below(this.#recoveryOperations);
    disk.crashAt(operation, this.#random.below(2) === 0 ? 'before' : 'after');
    try {
      await this.#recover(disk);
    } catch (error) {
      if (!disk.crashed) throw error;
    }
    const losses = disk.losses();
    return disk.recover(losses[this.#random.below(losses.length)]!);
  }

  #recover(disk: SimulatedDisk): Promise<State> {
    return inWorld(disk, this.#root, [], this.#protocol.recover);
  }
}

/** Runs one process's life on a disk. */
async function inWorld<T>(
  disk: SimulatedDisk,
  root: string,
  acknowledged: string[],
  life: (world: World) => Promise<T>,
): Promise<T> {
  const closers: (() => Promise<void> | void)[] = [];
  const world: World = {
    io: disk.io,
    root,
    step: (name) => disk.step(name),
    acknowledge: (effect) => {
      if (!disk.crashed) acknowledged.push(effect);
    },
    defer: (close) => closers.unshift(close),
  };
  try {
    return await life(world);
  } finally {
    for (const close of closers) await close();
  }
}
