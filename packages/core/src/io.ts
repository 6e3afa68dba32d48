/**
 * The io port: files, time, randomness and processes. Durable code touches the world through it
 * alone, so that a simulated disk can crash it at each operation.
 */
export interface Io {
  readonly files: Files;
  readonly clock: Clock;
  readonly random: Randomness;
  readonly processes: Processes;
}

/** Files. Nothing is durable until it, and the folder that names it, have been synced. */
export interface Files {
  /** Opens a new file for writing; an `EEXIST` error when the path is taken. */
  create(path: string): Promise<WritableFile>;
  /** Opens a file for writing at its end, and makes it when absent. */
  append(path: string): Promise<WritableFile>;
  /** The whole file; refuses one larger than the limit. */
  read(path: string, options?: { readonly limitBytes?: number }): Promise<Uint8Array>;
  /** The file in pieces, from `start` (inclusive) to `end` (exclusive) in bytes. */
  stream(path: string, range?: ByteRange): AsyncIterable<Uint8Array>;
  /** What stands at a path, or `undefined`. Links are not followed. */
  stat(path: string): Promise<FileStat | undefined>;
  /** The names in a folder, sorted; an empty list when there is no such folder. */
  list(folder: string): Promise<readonly string[]>;
  /** Makes a folder and its parents. */
  makeFolder(folder: string): Promise<void>;
  /** Moves a file; one that stands at the target is replaced. */
  rename(from: string, to: string): Promise<void>;
  /** Cuts a file to a length in bytes. */
  truncate(path: string, bytes: number): Promise<void>;
  /** Removes a file, or a folder with all in it; nothing happens when it is absent. */
  remove(path: string): Promise<void>;
  /** Makes a file's bytes durable, whoever wrote them. */
  sync(path: string): Promise<void>;
  /** Makes a folder's names durable. */
  syncFolder(folder: string): Promise<void>;
}

export interface ByteRange {
  readonly start: number;
  readonly end?: number;
}

export interface FileStat {
  readonly kind: 'file' | 'folder' | 'other';
  readonly bytes: number;
  /** Milliseconds since 1970, UTC. */
  readonly modifiedAt: number;
}

export interface WritableFile {
  write(bytes: Uint8Array): Promise<void>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

export interface Clock {
  /** Wall time, milliseconds since 1970, UTC. It can jump. */
  now(): number;
  /** Milliseconds since some fixed moment of this process. It never goes back. */
  monotonic(): number;
  /** Resolves after a while, or at once when the signal fires (without an error). */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Unpredictable bytes, for identifiers, salts, keys and tokens. */
export interface Randomness {
  bytes(count: number): Uint8Array;
}

export interface Processes {
  /** Starts a process at the head of its own group. */
  spawn(command: string, args: readonly string[], options: SpawnOptions): ChildProcess;
  /** Whether a process of that id exists. */
  isAlive(pid: number): boolean;
}

export interface SpawnOptions {
  readonly cwd?: string;
  /** The whole environment: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly onStdout?: (chunk: Uint8Array) => void;
  readonly onStderr?: (chunk: Uint8Array) => void;
}

export interface ChildProcess {
  readonly pid: number;
  /** Resolves when the process is gone; never rejects. */
  readonly exit: Promise<ProcessExit>;
  /** Signals the whole group. */
  kill(signal: 'SIGTERM' | 'SIGKILL' | 'SIGINT'): void;
}

export interface ProcessExit {
  readonly code: number | null;
  readonly signal: string | null;
  /** Why the process could not be started, when it could not. */
  readonly failure?: string;
}
