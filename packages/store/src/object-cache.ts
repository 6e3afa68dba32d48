import { dirname, join } from 'node:path';
import { createId, type Digest, digestHex, type Io, isDigest } from '@backlot/core';

/** Copies of objects on this machine, verified once and then given out by path. */
export class ObjectCache {
  readonly #io: Io;
  readonly #root: string;
  readonly #limitBytes: number;
  readonly #staging = new Map<Digest, Promise<string>>();
  /** When this process last gave out each path, so that its mark is not written at each use. */
  readonly #marked = new Map<Digest, number>();

  constructor(io: Io, root: string, limitBytes: number) {
    this.#io = io;
    this.#root = root;
    this.#limitBytes = limitBytes;
  }

  /** Removes what a crash left half written: for the owner of the state, at its start. */
  async clear(): Promise<void> {
    await this.#io.files.remove(join(this.#root, 'incoming'));
  }

  /** A path for something that is to be kept; nobody else uses it. */
  async incomingPath(): Promise<string> {
    const folder = join(this.#root, 'incoming');
    await this.#io.files.makeFolder(folder);
    return join(folder, createId(this.#io.random));
  }

  /** The path of a copy, marked as used now; `undefined` when there is none. */
  async find(digest: Digest): Promise<string | undefined> {
    const path = this.#path(digest);
    if (!(await this.#stands(path))) return undefined;
    await this.#mark(digest, path);
    // Another process may have removed it before it saw the mark.
    return (await this.#stands(path)) ? path : undefined;
  }

  /** The path of a copy, which `fill` writes when there is none; once for all who ask meanwhile. */
  stage(digest: Digest, fill: (path: string) => Promise<void>): Promise<string> {
    const running = this.#staging.get(digest);
    if (running) return running;
    const staging = this.#stage(digest, fill).finally(() => this.#staging.delete(digest));
    this.#staging.set(digest, staging);
    return staging;
  }

  async #stage(digest: Digest, fill: (path: string) => Promise<void>): Promise<string> {
    const found = await this.find(digest);
    if (found) return found;
    const incoming = await this.incomingPath();
    try {
      await fill(incoming);
      return await this.keep(digest, incoming);
    } finally {
      await this.#io.files.remove(incoming);
    }
  }

  /** Takes over a file whose digest is known. It is synced first: a name stands for whole bytes. */
  async keep(digest: Digest, from: string): Promise<string> {
    const { files } = this.#io;
    const path = this.#path(digest);
    await files.makeFolder(dirname(path));
    await files.sync(from);
    await files.rename(from, path);
    this.#marked.delete(digest);
    await this.#mark(digest, path);
    await this.#evict();
    return path;
  }

  async remove(digest: Digest): Promise<void> {
    this.#marked.delete(digest);
    await this.#io.files.remove(this.#path(digest));
    await this.#io.files.remove(`${this.#path(digest)}${used}`);
  }

  /** A small file beside the copy tells all processes when one of them last gave it out. */
  async #mark(digest: Digest, path: string): Promise<void> {
    const now = this.#io.clock.now();
    if (now - (this.#marked.get(digest) ?? Number.NEGATIVE_INFINITY) < markAfterMs) return;
    const mark = await this.#io.files.append(`${path}${used}`);
    await mark.write(Uint8Array.of(10));
    await mark.close();
    this.#marked.set(digest, now);
  }

  async #stands(path: string): Promise<boolean> {
    return (await this.#io.files.stat(path))?.kind === 'file';
  }

  /** Removes the copies that were used longest ago, though none that somebody may still open. */
  async #evict(): Promise<void> {
    const copies = await this.#copies();
    let total = copies.reduce((sum, { bytes }) => sum + bytes, 0);
    const oldest = this.#io.clock.now() - holdMs;
    for (const { digest, bytes, usedAt } of copies.sort((a, b) => a.usedAt - b.usedAt)) {
      if (total <= this.#limitBytes || usedAt >= oldest) return;
      await this.remove(digest);
      total -= bytes;
    }
  }

  async #copies(): Promise<{ digest: Digest; bytes: number; usedAt: number }[]> {
    const { files } = this.#io;
    const copies: { digest: Digest; bytes: number; usedAt: number }[] = [];
    for (const shelf of await files.list(this.#root)) {
      if (shelf.length !== 2) continue;
      for (const name of await files.list(join(this.#root, shelf))) {
        const digest = `sha256:${name}`;
        if (!isDigest(digest)) continue;
        const path = join(this.#root, shelf, name);
        const [copy, mark] = [await files.stat(path), await files.stat(`${path}${used}`)];
        if (!copy) continue;
        const usedAt = Math.max(copy.modifiedAt, mark?.modifiedAt ?? 0);
        copies.push({ digest, bytes: copy.bytes, usedAt });
      }
    }
    return copies;
  }

  #path(digest: Digest): string {
    const hex = digestHex(digest);
    return join(this.#root, hex.slice(0, 2), hex);
  }
}

const used = '.used';
const markAfterMs = 600_000;
/** How long a path that was given out stays good, whatever the limit says. */
const holdMs = 3_600_000;
