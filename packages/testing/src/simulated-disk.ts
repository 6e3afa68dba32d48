import { lstatSync, mkdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  DurabilityLost,
  type Files,
  type Io,
  realIo,
  seededRandom,
  type WritableFile,
} from '@backlot/core';
import { allowedLosses, type Loss, survivingBytes, survivors } from './disk-loss.ts';
import type { FileNode } from './disk-tree.ts';
import { type SimulatedClock, simulatedClock } from './simulated-clock.ts';
import { systemError, TrackedFiles } from './tracked-files.ts';

/** The machine went down: thrown by the operation that met the crash, and by every later one. */
export class SimulatedCrash extends Error {
  override readonly name = 'SimulatedCrash';
}

export type FaultCode = 'ENOSPC' | 'EIO';

export interface SimulatedDiskOptions {
  /** A real folder; what it holds at the start is durable. */
  readonly root: string;
  readonly seed?: number;
  readonly clock?: SimulatedClock;
  /** Files that another engine writes and recovers by itself; SQLite's by default. */
  readonly isNative?: (path: string) => boolean;
  /** The process ids that count as alive. */
  readonly alive?: ReadonlySet<number>;
}

const sqliteFile = /\.sqlite(?:-wal|-shm|-journal)?$/;

/**
 * A disk that forgets what was not synced: an io over a real folder. Operations that change
 * something are counted from 1; one of them can crash the machine or fail.
 */
export class SimulatedDisk {
  readonly io: Io;
  readonly clock: SimulatedClock;
  readonly #options: SimulatedDiskOptions;
  readonly #seed: number;
  readonly #aside: string;
  readonly #tracked: TrackedFiles;
  readonly #log: string[] = [];
  #crashed = false;
  #crashPoint: { readonly operation: number; readonly when: 'before' | 'after' } | undefined;
  #fault: { readonly operation: number; readonly code: FaultCode } | undefined;
  #faulted = false;

  constructor(options: SimulatedDiskOptions) {
    this.#options = options;
    this.#seed = options.seed ?? 1;
    this.#aside = `${options.root}.removed`;
    this.clock = options.clock ?? simulatedClock({ autoAdvance: true });
    mkdirSync(options.root, { recursive: true });
    mkdirSync(this.#aside, { recursive: true });
    this.#tracked = new TrackedFiles({
      root: options.root,
      aside: this.#aside,
      now: () => this.clock.now(),
      isNative: options.isNative ?? ((path) => sqliteFile.test(path)),
    });
    this.io = this.#makeIo();
  }

  /** The names of the operations so far. */
  get log(): readonly string[] {
    return this.#log;
  }

  get operations(): number {
    return this.#log.length;
  }

  get crashed(): boolean {
    return this.#crashed;
  }

  /** Whether the fault that was asked for has struck. */
  get faulted(): boolean {
    return this.#faulted;
  }

  /** Crashes before or after the n-th operation, counted from 1. */
  crashAt(operation: number, when: 'before' | 'after'): void {
    this.#crashPoint = { operation, when };
  }

  /** Fails the n-th operation, counted from 1; a failing write leaves half of its bytes. */
  failAt(operation: number, code: FaultCode): void {
    this.#fault = { operation, code };
  }

  /** Counts as an operation what another engine does, such as a step of a metadata transaction. */
  step(name: string): void {
    this.#operate(`step ${name}`, () => undefined);
  }

  /** The losses that lead to different disks if the machine stopped now. */
  losses(): readonly Loss[] {
    this.#tracked.discover();
    return allowedLosses(this.#tracked.top, this.#seed);
  }

  /** The files that would be left, by path under the root, without touching anything. */
  preview(loss: Loss): ReadonlyMap<string, Uint8Array> {
    const files = new Map<string, Uint8Array>();
    for (const { path, node, data } of survivors(this.#tracked.top, loss, this.#seed)) {
      if (node.kind === 'file') files.set(path, survivingBytes(node, data, this.#seed));
    }
    return files;
  }

  /** Puts the real files in the state that a crash with this loss leaves, and starts a new disk on them. */
  recover(loss: Loss): SimulatedDisk {
    this.#tracked.discover();
    this.#crashed = true;
    // Where nothing is lost, the real files are as they should be.
    if (loss.data !== 'kept' || loss.names.size > 0) this.#materialise(loss);
    rmSync(this.#aside, { recursive: true });
    return new SimulatedDisk({ ...this.#options, seed: this.#seed + 1, clock: this.clock });
  }

  #materialise(loss: Loss): void {
    const { root } = this.#options;
    const next = `${root}.next`;
    rmSync(next, { recursive: true, force: true });
    mkdirSync(next, { recursive: true });
    for (const { path, node, data } of survivors(this.#tracked.top, loss, this.#seed)) {
      if (node.kind === 'folder') mkdirSync(join(next, path), { recursive: true });
      else writeSurvivor(join(next, path), node, survivingBytes(node, data, this.#seed));
    }
    rmSync(root, { recursive: true });
    renameSync(next, root);
  }

  #makeIo(): Io {
    const random = seededRandom(this.#seed, 1);
    const refuse = (): never => {
      throw new Error('a simulated machine starts no process');
    };
    return {
      files: this.#files(),
      clock: {
        now: () => this.clock.now(),
        monotonic: () => this.clock.monotonic(),
        sleep: async (ms, signal) => {
          this.#mustRun();
          await this.clock.sleep(ms, signal);
          this.#mustRun();
        },
      },
      random: { bytes: (count) => Uint8Array.from({ length: count }, () => random.below(256)) },
      processes: { spawn: refuse, isAlive: (pid) => this.#options.alive?.has(pid) ?? false },
    };
  }

  #files(): Files {
    const real = realIo().files;
    const disk = this;
    return {
      create: async (path) => this.#operate('create', () => this.#open(path, 'wx')),
      append: async (path) => this.#operate('append', () => this.#open(path, 'a')),
      makeFolder: async (path) => this.#operate('makeFolder', () => this.#tracked.makeFolder(path)),
      rename: async (from, to) => this.#operate('rename', () => this.#tracked.rename(from, to)),
      truncate: async (path, bytes) =>
        this.#operate('truncate', () => this.#tracked.truncate(path, bytes)),
      remove: async (path) => this.#operate('remove', () => this.#tracked.remove(path)),
      sync: async (path) => this.#syncFile(this.#tracked.file(path)),
      syncFolder: async (path) => this.#syncNames(path),
      read: async (path, options) => {
        this.#mustRun();
        return real.read(path, options);
      },
      stream: async function* (path, range) {
        for await (const chunk of real.stream(path, range)) {
          disk.#mustRun();
          yield chunk;
        }
      },
      stat: async (path) => {
        this.#mustRun();
        return real.stat(path);
      },
      list: async (path) => {
        this.#mustRun();
        return real.list(path);
      },
    };
  }

  #mustRun(): void {
    if (this.#crashed) throw new SimulatedCrash('the simulated machine is down');
  }

  /** Counts an operation, and crashes or fails it when it is the chosen one. */
  #operate<T>(name: string, action: () => T, partly: () => void = () => undefined): T {
    this.#mustRun();
    this.#log.push(name);
    const chosen = this.#crashPoint?.operation === this.operations ? this.#crashPoint.when : '';
    if (chosen === 'before') this.#crashed = true;
    this.#mustRun();
    if (this.#fault?.operation === this.operations && canFail(name, this.#fault.code)) {
      this.#faulted = true;
      partly();
      throw systemError(this.#fault.code, name);
    }
    const result = action();
    if (chosen === 'after') this.#crashed = true;
    this.#mustRun();
    return result;
  }

  #open(path: string, flag: 'wx' | 'a'): WritableFile {
    const { file, handle } = this.#tracked.open(path, flag);
    const write = (bytes: Uint8Array): void => this.#tracked.write(handle, file, bytes);
    return {
      write: async (bytes) =>
        this.#operate(
          'write',
          () => write(bytes),
          () => write(bytes.subarray(0, bytes.byteLength >> 1)),
        ),
      sync: async () => this.#syncFile(file),
      close: async () => {
        this.#tracked.close(handle);
        this.#operate('close', () => undefined);
      },
    };
  }

  #syncFile(file: FileNode): void {
    const drop = (): void => {
      file.dropped = true;
    };
    this.#durably('sync', () => this.#tracked.settle(file), drop);
  }

  #syncNames(path: string): void {
    const folder = this.#tracked.folder(path);
    this.#durably('syncFolder', () => this.#tracked.settleNames(folder, path));
  }

  #durably(name: string, action: () => void, partly?: () => void): void {
    try {
      this.#operate(name, action, partly);
    } catch (error) {
      if (error instanceof SimulatedCrash) throw error;
      throw new DurabilityLost(error);
    }
  }
}

/**
 * Makes a simulated disk over a real folder.
 *
 * @example
 * const disk = simulatedDisk({ root: folder });
 * const file = await disk.io.files.create(join(folder, 'note'));
 * await file.write(bytes);
 * disk.losses().map((loss) => loss.label); // kept, or forgotten, or the name kept and the bytes lost
 */
export function simulatedDisk(options: SimulatedDiskOptions): SimulatedDisk {
  return new SimulatedDisk(options);
}

function writeSurvivor(path: string, node: FileNode, bytes: Uint8Array): void {
  const { mtime, mode } = lstatSync(node.real);
  writeFileSync(path, bytes, { mode: mode & 0o777 });
  utimesSync(path, mtime, mtime);
}

/** Removing and closing need no space, and what follows a commit cannot undo it. */
function canFail(name: string, code: FaultCode): boolean {
  if (name === 'close' || name === 'step committed') return false;
  return code === 'EIO' || name !== 'remove';
}
