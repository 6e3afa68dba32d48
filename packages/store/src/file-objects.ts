import { dirname, join } from 'node:path';
import {
  BacklotError,
  createId,
  type Digest,
  DigestStream,
  DurabilityLost,
  digestHex,
  digestOfBytes,
  hasErrno,
  type Io,
  isDigest,
  parseDigest,
} from '@backlot/core';
import { makeFolderDurably, withRoom } from './durable-files.ts';
import type { CollectableObjects, StoredObject } from './objects.ts';

/** No object of that digest is here. */
export class ObjectMissing extends BacklotError {
  constructor(digest: Digest) {
    super({ code: 'E-STORE-002', kind: 'notFound', reason: `no object ${digest} is stored here` });
  }
}

/** An object's bytes no longer match its name. */
export class ObjectCorrupt extends BacklotError {
  constructor(digest: Digest) {
    super({
      code: 'E-STORE-003',
      kind: 'failed',
      reason: `the bytes stored as ${digest} have another digest`,
      mend: 'backlot restore BACKUP',
    });
  }
}

export interface FileObjectsOptions {
  /**
   * The opener owns the state folder: what a crash left in `incoming/` is removed, and what a
   * crashed garbage collection had set aside is put back. Worker processes leave it off.
   */
  readonly owner?: boolean;
}

/**
 * Ends the name of an object that was set aside. It stays in its folder, since a move between two
 * folders could be half forgotten: the old name gone, the new one not there.
 */
const aside = '.aside';

/** An object that is stored again after this long is written anew, so that its age starts over. */
export const refreshAfterMs: number = 3_600_000;

/**
 * Objects as files under a folder: `aa/<64 digits>`, published by write, sync, rename, sync folder.
 * After a sync has failed, every later `put` and `adopt` fails with the same `DurabilityLost`.
 */
export async function openFileObjects(
  io: Io,
  root: string,
  { owner = false }: FileObjectsOptions = {},
): Promise<CollectableObjects> {
  const objects = new FileObjects(io, root);
  await objects.open(owner);
  return objects;
}

class FileObjects implements CollectableObjects {
  readonly #io: Io;
  readonly #root: string;
  #lost: DurabilityLost | undefined;

  constructor(io: Io, root: string) {
    this.#io = io;
    this.#root = root;
  }

  async open(owner: boolean): Promise<void> {
    const { files } = this.#io;
    await files.makeFolder(this.#root);
    await files.syncFolder(dirname(this.#root));
    await files.makeFolder(join(this.#root, 'incoming'));
    await files.syncFolder(this.#root);
    if (!owner) return;
    for (const name of await files.list(join(this.#root, 'incoming'))) {
      await files.remove(join(this.#root, 'incoming', name));
    }
    for await (const name of this.#names()) {
      if (name.endsWith(aside))
        await this.restore(parseDigest(`sha256:${name.slice(0, -aside.length)}`));
    }
  }

  put(content: Uint8Array | AsyncIterable<Uint8Array>): Promise<StoredObject> {
    return this.#durably(async () => {
      if (content instanceof Uint8Array) {
        const object = { digest: digestOfBytes(content), bytes: content.byteLength };
        if (await this.#isFresh(object)) return object;
      }
      const path = join(this.#root, 'incoming', createId(this.#io.random));
      return withRoom(this.#io, path, async () =>
        this.#publish(path, await this.#writeIncoming(path, content)),
      );
    });
  }

  adopt(path: string): Promise<StoredObject> {
    return this.#durably(async () => {
      await this.#io.files.sync(path);
      const hash = new DigestStream();
      for await (const chunk of this.#io.files.stream(path)) hash.update(chunk);
      return this.#publish(path, { digest: hash.finish(), bytes: hash.bytes });
    });
  }

  async get(digest: Digest, options?: { readonly limitBytes?: number }): Promise<Uint8Array> {
    const bytes = await this.#io.files.read(await this.localPath(digest), options);
    if (digestOfBytes(bytes) !== digest) throw new ObjectCorrupt(digest);
    return bytes;
  }

  async *stream(digest: Digest): AsyncIterable<Uint8Array> {
    const hash = new DigestStream();
    for await (const chunk of this.#io.files.stream(await this.localPath(digest))) {
      hash.update(chunk);
      yield chunk;
    }
    if (hash.finish() !== digest) throw new ObjectCorrupt(digest);
  }

  async has(digest: Digest): Promise<boolean> {
    if (await this.#stands(this.#path(digest))) return true;
    return this.#stands(this.#asidePath(digest));
  }

  async localPath(digest: Digest): Promise<string> {
    if (await this.#stands(this.#path(digest))) return this.#path(digest);
    await this.restore(digest);
    if (!(await this.#stands(this.#path(digest)))) throw new ObjectMissing(digest);
    return this.#path(digest);
  }

  async *list(): AsyncIterable<StoredObject & { readonly modifiedAt: number }> {
    for await (const name of this.#names()) {
      const digest = `sha256:${name}`;
      if (!isDigest(digest)) continue;
      const stat = await this.#io.files.stat(this.#path(digest));
      if (stat) yield { digest, bytes: stat.bytes, modifiedAt: stat.modifiedAt };
    }
  }

  async *#names(): AsyncIterable<string> {
    for (const shelf of await this.#io.files.list(this.#root)) {
      if (shelf.length === 2) yield* await this.#io.files.list(join(this.#root, shelf));
    }
  }

  async remove(digest: Digest): Promise<void> {
    await this.#io.files.remove(this.#path(digest));
    await this.#io.files.remove(this.#asidePath(digest));
  }

  async setAside(digest: Digest): Promise<number | undefined> {
    await this.#move(this.#path(digest), this.#asidePath(digest));
    return (await this.#io.files.stat(this.#asidePath(digest)))?.modifiedAt;
  }

  async restore(digest: Digest): Promise<void> {
    if (await this.#move(this.#asidePath(digest), this.#path(digest))) {
      await this.#io.files.syncFolder(dirname(this.#path(digest)));
    }
  }

  async discard(digest: Digest): Promise<boolean> {
    const path = this.#asidePath(digest);
    if (!(await this.#stands(path))) return false;
    await this.#io.files.remove(path);
    return true;
  }

  /** Answers whether it was there to be moved: another process may have been first. */
  async #move(from: string, to: string): Promise<boolean> {
    try {
      await this.#io.files.rename(from, to);
      return true;
    } catch (error) {
      if (hasErrno(error, 'ENOENT')) return false;
      throw error;
    }
  }

  async #durably<T>(work: () => Promise<T>): Promise<T> {
    if (this.#lost) throw this.#lost;
    try {
      return await work();
    } catch (error) {
      if (error instanceof DurabilityLost) this.#lost = error;
      throw error;
    }
  }

  /**
   * Whether the object stands, whole, and too young to be collected. Its name is synced again,
   * since another process may have moved it into place and not have come to the sync.
   */
  async #isFresh(object: StoredObject): Promise<boolean> {
    const path = this.#path(object.digest);
    const stat = await this.#io.files.stat(path);
    if (stat?.kind !== 'file' || stat.bytes !== object.bytes) return false;
    if (stat.modifiedAt + refreshAfterMs < this.#io.clock.now()) return false;
    await this.#io.files.syncFolder(this.#root);
    await this.#io.files.syncFolder(dirname(path));
    return true;
  }

  async #writeIncoming(
    path: string,
    content: Uint8Array | AsyncIterable<Uint8Array>,
  ): Promise<StoredObject> {
    const file = await this.#io.files.create(path);
    const hash = new DigestStream();
    try {
      for await (const chunk of content instanceof Uint8Array ? [content] : content) {
        hash.update(chunk);
        await file.write(chunk);
      }
      await file.sync();
    } finally {
      await file.close();
    }
    return { digest: hash.finish(), bytes: hash.bytes };
  }

  async #publish(from: string, object: StoredObject): Promise<StoredObject> {
    const path = this.#path(object.digest);
    await makeFolderDurably(this.#io, dirname(path));
    await this.#io.files.rename(from, path);
    await this.#io.files.syncFolder(dirname(path));
    return object;
  }

  async #stands(path: string): Promise<boolean> {
    return (await this.#io.files.stat(path))?.kind === 'file';
  }

  #path(digest: Digest): string {
    const hex = digestHex(digest);
    return join(this.#root, hex.slice(0, 2), hex);
  }

  #asidePath(digest: Digest): string {
    return `${this.#path(digest)}${aside}`;
  }
}
