import { spawn as nodeSpawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import {
  type FileHandle,
  lstat,
  mkdir,
  open,
  readdir,
  rename,
  rm,
  truncate,
} from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { BacklotError } from './error.ts';
import type {
  ByteRange,
  ChildProcess,
  Clock,
  FileStat,
  Files,
  Io,
  ProcessExit,
  Processes,
  SpawnOptions,
  WritableFile,
} from './io.ts';

/** The io of a real machine. */
export function realIo(): Io {
  return {
    files: realFiles,
    clock: realClock,
    random: { bytes: randomBytes },
    processes: realProcesses,
  };
}

/** A file that is larger than its reader allows. */
export class FileTooLarge extends BacklotError {
  constructor(limitBytes: number) {
    super({
      code: 'E-CORE-006',
      kind: 'usage',
      reason: `a file holds more than the ${limitBytes} bytes that are allowed`,
    });
  }
}

/**
 * A sync failed, so nothing is known of the bytes it was for: the kernel may have dropped them, and
 * a second sync would answer that all is well. Whoever meets this stops the process and recovers
 * from what is durable; it is never tried again.
 */
export class DurabilityLost extends BacklotError {
  constructor(cause: unknown) {
    super({
      code: 'E-CORE-007',
      kind: 'failed',
      reason: 'the disk failed to make written data durable; the process has to stop',
      mend: 'check the disk and its free space, then start again: what was acknowledged is recovered',
      cause,
    });
  }
}

const realFiles: Files = {
  create: async (path) => writable(await open(path, 'wx', 0o600)),
  append: async (path) => writable(await open(path, 'a', 0o600)),
  read: readFile,
  stream: streamFile,
  stat: statFile,
  list: listFolder,
  makeFolder: async (folder) => void (await mkdir(folder, { recursive: true, mode: 0o700 })),
  rename,
  truncate,
  remove: async (path) => rm(path, { recursive: true, force: true }),
  sync: syncPath,
  syncFolder: syncPath,
};

function writable(handle: FileHandle): WritableFile {
  return {
    write: async (bytes) => {
      for (let at = 0; at < bytes.byteLength; ) {
        at += (await handle.write(bytes, at, bytes.byteLength - at)).bytesWritten;
      }
    },
    sync: () => syncHandle(handle),
    close: () => handle.close(),
  };
}

async function readFile(
  path: string,
  { limitBytes = 2 ** 31 - 1 }: { readonly limitBytes?: number } = {},
): Promise<Uint8Array> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    if ((await handle.stat()).size > limitBytes) throw new FileTooLarge(limitBytes);
    // Not as a Buffer, whose `slice` is a view where everyone else's is a copy.
    const { buffer, byteOffset, byteLength } = await handle.readFile();
    return new Uint8Array(buffer, byteOffset, byteLength);
  } finally {
    await handle.close();
  }
}

async function* streamFile(path: string, range?: ByteRange): AsyncIterable<Uint8Array> {
  if (range?.end !== undefined && range.end <= range.start) return;
  yield* createReadStream(path, {
    highWaterMark: 1 << 20,
    flags: (constants.O_RDONLY | constants.O_NOFOLLOW) as unknown as string,
    start: range?.start ?? 0,
    ...(range?.end !== undefined && { end: range.end - 1 }),
  });
}

async function statFile(path: string): Promise<FileStat | undefined> {
  try {
    const found = await lstat(path);
    const kind = found.isFile() ? 'file' : found.isDirectory() ? 'folder' : 'other';
    return { kind, bytes: found.size, modifiedAt: found.mtimeMs };
  } catch (error) {
    if (hasErrno(error, 'ENOENT') || hasErrno(error, 'ENOTDIR')) return undefined;
    throw error;
  }
}

async function listFolder(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return [];
    throw error;
  }
}

async function syncPath(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await syncHandle(handle);
  } finally {
    await handle.close();
  }
}

async function syncHandle(handle: FileHandle): Promise<void> {
  try {
    await handle.sync();
  } catch (error) {
    throw new DurabilityLost(error);
  }
}

/** Whether a thrown value is the operating system's error of that name. */
export function hasErrno(error: unknown, name: string): boolean {
  return error instanceof Error && 'code' in error && error.code === name;
}

const realClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: async (ms, signal) => {
    try {
      await delay(ms, undefined, signal && { signal });
    } catch (error) {
      if (!signal?.aborted) throw error;
    }
  },
};

const realProcesses: Processes = { spawn: spawnGroup, isAlive };

function spawnGroup(command: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  const child = nodeSpawn(command, args, {
    cwd: options.cwd,
    env: { ...options.env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.on('data', (chunk: Uint8Array) => options.onStdout?.(chunk));
  child.stderr.on('data', (chunk: Uint8Array) => options.onStderr?.(chunk));
  const exit = new Promise<ProcessExit>((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal }));
    child.on('error', (error) => resolve({ code: null, signal: null, failure: error.message }));
  });
  const pid = child.pid ?? -1;
  return { pid, exit, kill: (signal) => killGroup(pid, signal) };
}

function killGroup(pid: number, signal: NodeJS.Signals): void {
  if (pid <= 0) return;
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if (!hasErrno(error, 'ESRCH')) throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return hasErrno(error, 'EPERM');
  }
}
