import { join } from 'node:path';
import type { Io, WritableFile } from '@backlot/core';

/** A log takes this many bytes of one attempt; what comes after is dropped, and the log says so. */
const maxLogBytes = 16 * 2 ** 20;

interface OpenLog {
  bytes: number;
  queue: Promise<void>;
  file: WritableFile | undefined;
}

/**
 * What attempts print, one file for each under `runs/<run>/`. A log is no promise: it is written in
 * order but not synced, and when it cannot be written the attempt goes on without.
 */
export class AttemptLogs {
  readonly #io: Io;
  readonly #home: string;
  readonly #open = new Map<string, OpenLog>();
  readonly #onFault: (error: unknown) => void;

  constructor(io: Io, home: string, onFault: (error: unknown) => void) {
    this.#io = io;
    this.#home = home;
    this.#onFault = onFault;
  }

  /** Resolves when the chunk is written, or dropped. */
  append(log: string, chunk: Uint8Array): Promise<void> {
    const open = this.#open.get(log) ?? { bytes: 0, queue: Promise.resolve(), file: undefined };
    this.#open.set(log, open);
    if (open.bytes >= maxLogBytes) return open.queue;
    open.bytes += chunk.byteLength;
    const last = new TextEncoder().encode('\n[the log is full]\n');
    const text = open.bytes >= maxLogBytes ? Buffer.concat([chunk, last]) : chunk;
    open.queue = open.queue.then(() => this.#write(log, open, text)).catch(this.#onFault);
    return open.queue;
  }

  /** Resolves when all is written and the file is let go of. */
  async close(log: string): Promise<void> {
    const open = this.#open.get(log);
    if (!open) return;
    this.#open.delete(log);
    await open.queue;
    await open.file?.close();
  }

  async #write(log: string, open: OpenLog, chunk: Uint8Array): Promise<void> {
    if (!open.file) {
      const path = join(this.#home, log);
      await this.#io.files.makeFolder(join(path, '..'));
      open.file = await this.#io.files.append(path);
    }
    await open.file.write(chunk);
  }
}

/** Where the log of an attempt lies, from the state folder on. */
export function logPath(run: string, node: string, number: number): string {
  return `runs/${run}/${fileName(node)}.${number}.log`;
}

/** Where an attempt may put files of its own, from the state folder on. */
export function scratchPath(run: string, attempt: string): string {
  return `runs/${run}/scratch.${attempt}`;
}

/** A node's id as a file's name: the only sign in it that a shell or a URL could mistake is `#`. */
function fileName(node: string): string {
  return node.replace('#', '+');
}
