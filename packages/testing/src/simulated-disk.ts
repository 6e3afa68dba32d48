import {
  closeSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import {
  assert,
  DurabilityLost,
  type Files,
  type Io,
  present,
  realIo,
  seededRandom,
  type WritableFile,
} from '@backlot/core';
import { allowedLosses, type Loss, survivingBytes, survivors } from './disk-loss.ts';
import {
  changeNames,
  changeNative,
  currentNames,
  type DiskNode,
  type FileNode,
  type FolderNode,
  fileNode,
  folderNode,
} from './disk-tree.ts';
import { type SimulatedClock, simulatedClock } from './simulated-clock.ts';

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
  readonly #top: FolderNode;
  readonly #log: string[] = [];
  #ids = 0;
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
    this.#top = this.#load(options.root);
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

  /** Stops the machine now. */
  crash(): void {
    this.#crashed = true;
  }

  /** The losses that lead to different disks if the machine stopped now. */
  losses(): readonly Loss[] {
    this.#discoverAll(this.#top, this.#options.root);
    return allowedLosses(this.#top, this.#seed);
  }

  /** The files that would be left, by path under the root, without touching anything. */
  preview(loss: Loss): ReadonlyMap<string, Uint8Array> {
    const files = new Map<string, Uint8Array>();
    for (const { path, node, data } of survivors(this.#top, loss, this.#seed)) {
      if (node.kind === 'file') files.set(path, survivingBytes(node, data, this.#seed));
    }
    return files;
  }

  /** Puts the real files in the state that a crash with this loss leaves, and starts a new disk on them. */
  recover(loss: Loss): SimulatedDisk {
    this.#discoverAll(this.#top, this.#options.root);
    this.#crashed = true;
    const { root } = this.#options;
    const next = `${root}.next`;
    rmSync(next, { recursive: true, force: true });
    mkdirSync(next, { recursive: true });
    for (const { path, node, data } of survivors(this.#top, loss, this.#seed)) {
      if (node.kind === 'folder') mkdirSync(join(next, path), { recursive: true });
      else writeSurvivor(join(next, path), node, survivingBytes(node, data, this.#seed));
    }
    rmSync(root, { recursive: true });
    rmSync(this.#aside, { recursive: true });
    renameSync(next, root);
    return new SimulatedDisk({ ...this.#options, seed: this.#seed + 1, clock: this.clock });
  }

  #isNative(path: string): boolean {
    return this.#options.isNative?.(path) ?? sqliteFile.test(path);
  }

  #nextId(): number {
    this.#ids++;
    return this.#ids;
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
      makeFolder: async (path) => this.#operate('makeFolder', () => this.#makeFolder(path)),
      rename: async (from, to) => this.#operate('rename', () => this.#rename(from, to)),
      truncate: async (path, bytes) => this.#operate('truncate', () => this.#cut(path, bytes)),
      remove: async (path) => this.#operate('remove', () => this.#remove(path)),
      sync: async (path) => this.#syncFile(this.#file(path)),
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
    const [parent, name] = this.#parent(path);
    const known = currentNames(parent).get(name);
    const handle = openSync(path, flag, 0o600);
    assert(known?.kind !== 'folder', 'a file is opened for writing');
    const file = known ?? fileNode(this.#nextId(), path);
    if (!known) {
      this.#stamp(path);
      changeNames(parent, [[name, file]]);
    }
    return {
      write: async (bytes) =>
        this.#operate(
          'write',
          () => this.#write(handle, file, bytes),
          () => this.#write(handle, file, bytes.subarray(0, bytes.byteLength >> 1)),
        ),
      sync: async () => this.#syncFile(file),
      close: async () => {
        closeSync(handle);
        this.#operate('close', () => undefined);
      },
    };
  }

  #write(handle: number, file: FileNode, bytes: Uint8Array): void {
    for (let at = 0; at < bytes.byteLength; ) at += writeSync(handle, bytes, at);
    this.#stamp(file.real);
  }

  #stamp(path: string): void {
    const seconds = this.clock.now() / 1000;
    utimesSync(path, seconds, seconds);
  }

  #syncFile(file: FileNode): void {
    const settle = (): void => {
      if (file.dropped) return;
      file.native = this.#isNative(file.real);
      file.durableBytes = lstatSync(file.real).size;
      file.durableCopy = undefined;
    };
    const drop = (): void => {
      file.dropped = true;
    };
    this.#durably('sync', settle, drop);
  }

  #syncNames(path: string): void {
    const folder = this.#folder(path);
    this.#durably('syncFolder', () => {
      this.#discover(folder, path);
      folder.history = [currentNames(folder)];
    });
  }

  #durably(name: string, action: () => void, partly?: () => void): void {
    try {
      this.#operate(name, action, partly);
    } catch (error) {
      if (error instanceof SimulatedCrash) throw error;
      throw new DurabilityLost(error);
    }
  }

  #makeFolder(path: string): void {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    let folder = this.#top;
    for (const name of this.#parts(path)) {
      const known = currentNames(folder).get(name);
      assert(known?.kind !== 'file', 'a folder is made');
      const child = known ?? folderNode(this.#nextId());
      if (!known) changeNames(folder, [[name, child]]);
      folder = child;
    }
  }

  #rename(from: string, to: string): void {
    const [fromParent, fromName] = this.#parent(from);
    const [toParent, toName] = this.#parent(to);
    const node = currentNames(fromParent).get(fromName);
    const replaced = currentNames(toParent).get(toName);
    if (replaced?.kind === 'file' && node) {
      const kept = join(this.#aside, String(replaced.id));
      linkSync(to, kept);
      replaced.real = kept;
    }
    renameSync(from, to);
    relocate(present(node, 'the renamed node'), from, to);
    if (fromParent === toParent) {
      changeNames(fromParent, [
        [fromName, undefined],
        [toName, node],
      ]);
    } else {
      changeNames(toParent, [[toName, node]]);
      changeNames(fromParent, [[fromName, undefined]]);
    }
  }

  #cut(path: string, bytes: number): void {
    const file = this.#file(path);
    if (bytes < file.durableBytes && !file.durableCopy) {
      file.durableCopy = readFileSync(path).subarray(0, file.durableBytes);
    }
    truncateSync(path, bytes);
  }

  #remove(path: string): void {
    if (!lstatSync(path, { throwIfNoEntry: false })) return;
    const [parent, name] = this.#parent(path);
    const node = currentNames(parent).get(name);
    if (node) this.#bury(node, path);
    rmSync(path, { recursive: true, force: true });
    changeNames(parent, [[name, undefined]]);
  }

  #bury(node: DiskNode, path: string): void {
    if (node.kind === 'file') {
      const kept = join(this.#aside, String(node.id));
      renameSync(path, kept);
      node.real = kept;
      return;
    }
    this.#discover(node, path);
    for (const [name, child] of currentNames(node)) {
      this.#bury(child, join(path, name));
      changeNames(node, [[name, undefined]]);
    }
  }

  #parts(path: string): readonly string[] {
    const inner = relative(this.#options.root, path);
    assert(inner !== '..' && !inner.startsWith(`..${sep}`), 'a path lies on the simulated disk');
    return inner === '' ? [] : inner.split(sep);
  }

  #folder(path: string): FolderNode {
    let folder = this.#top;
    let place = this.#options.root;
    for (const name of this.#parts(path)) {
      this.#discover(folder, place);
      const child = currentNames(folder).get(name);
      if (child?.kind !== 'folder') throw systemError('ENOENT', 'open');
      folder = child;
      place = join(place, name);
    }
    return folder;
  }

  #parent(path: string): readonly [FolderNode, string] {
    const name = present(this.#parts(path).at(-1), 'a name below the root');
    const folder = this.#folder(dirname(path));
    this.#discover(folder, dirname(path));
    return [folder, name];
  }

  #file(path: string): FileNode {
    const [parent, name] = this.#parent(path);
    const node = currentNames(parent).get(name);
    if (node?.kind !== 'file') throw systemError('ENOENT', 'open');
    return node;
  }

  /** Takes note of files that something else wrote into a folder: nothing of them is durable. */
  #discover(folder: FolderNode, path: string): void {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      const place = join(path, entry.name);
      if (currentNames(folder).has(entry.name)) continue;
      if (entry.isDirectory()) changeNames(folder, [[entry.name, folderNode(this.#nextId())]]);
      else if (this.#isNative(place)) {
        changeNative(folder, entry.name, { ...fileNode(this.#nextId(), place), native: true });
      } else changeNames(folder, [[entry.name, fileNode(this.#nextId(), place)]]);
    }
    for (const [name, node] of currentNames(folder)) {
      const isGone = node.kind === 'file' && node.native && !existsSync(node.real);
      if (isGone) changeNative(folder, name, undefined);
    }
  }

  #discoverAll(folder: FolderNode, path: string): void {
    this.#discover(folder, path);
    for (const [name, node] of currentNames(folder)) {
      if (node.kind === 'folder') this.#discoverAll(node, join(path, name));
    }
  }

  /** What stands in a real folder, all of it durable. */
  #load(path: string): FolderNode {
    const folder = folderNode(this.#nextId());
    const names = new Map<string, DiskNode>();
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      const place = join(path, entry.name);
      if (entry.isDirectory()) names.set(entry.name, this.#load(place));
      else {
        const durableBytes = lstatSync(place).size;
        const native = this.#isNative(place);
        names.set(entry.name, { ...fileNode(this.#nextId(), place), durableBytes, native });
      }
    }
    folder.history = [names];
    return folder;
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

function relocate(node: DiskNode, from: string, to: string): void {
  if (node.kind === 'file') {
    node.real = to;
    return;
  }
  for (const [name, child] of currentNames(node)) relocate(child, join(from, name), join(to, name));
}

/** Removing and closing need no space, and what follows a commit cannot undo it. */
function canFail(name: string, code: FaultCode): boolean {
  if (name === 'close' || name === 'step committed') return false;
  return code === 'EIO' || name !== 'remove';
}

function systemError(code: string, operation: string): Error {
  return Object.assign(new Error(`${code}: simulated, ${operation}`), { code, syscall: operation });
}
