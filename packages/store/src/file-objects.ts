import { join } from 'node:path';
import {
  BacklotError,
  createId,
  type Digest,
  DigestStream,
  digestHex,
  digestOfBytes,
  type Io,
  parseDigest,
} from '@backlot/core';
import type { Objects, StoredObject } from './objects.ts';

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

/** Objects as files under a folder: `aa/<64 digits>`, published by write, sync, rename, sync folder. */
export async function openFileObjects(io: Io, root: string): Promise<Objects> {
  await io.files.makeFolder(join(root, 'incoming'));
  return new FileObjects(io, root);
}

class FileObjects implements Objects {
  readonly #io: Io;
  readonly #root: string;

  constructor(io: Io, root: string) {
    this.#io = io;
    this.#root = root;
  }

  async put(content: Uint8Array | AsyncIterable<Uint8Array>): Promise<StoredObject> {
    if (content instanceof Uint8Array) {
      const digest = digestOfBytes(content);
      if (await this.has(digest)) return { digest, bytes: content.byteLength };
    }
    const path = join(this.#root, 'incoming', createId(this.#io.random));
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
    return this.#publish(path, { digest: hash.finish(), bytes: hash.bytes });
  }

  async adopt(path: string): Promise<StoredObject> {
    await this.#io.files.sync(path);
    const hash = new DigestStream();
    for await (const chunk of this.#io.files.stream(path)) hash.update(chunk);
    return this.#publish(path, { digest: hash.finish(), bytes: hash.bytes });
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
    return (await this.#io.files.stat(this.#path(digest)))?.kind === 'file';
  }

  async localPath(digest: Digest): Promise<string> {
    if (!(await this.has(digest))) throw new ObjectMissing(digest);
    return this.#path(digest);
  }

  async *list(): AsyncIterable<StoredObject> {
    for (const shelf of await this.#io.files.list(this.#root)) {
      if (shelf.length !== 2) continue;
      for (const name of await this.#io.files.list(join(this.#root, shelf))) {
        const stat = await this.#io.files.stat(join(this.#root, shelf, name));
        if (stat) yield { digest: parseDigest(`sha256:${name}`), bytes: stat.bytes };
      }
    }
  }

  async remove(digest: Digest): Promise<void> {
    await this.#io.files.remove(this.#path(digest));
  }

  async #publish(from: string, object: StoredObject): Promise<StoredObject> {
    const shelf = join(this.#root, digestHex(object.digest).slice(0, 2));
    await this.#io.files.makeFolder(shelf);
    await this.#io.files.syncFolder(this.#root);
    await this.#io.files.rename(from, this.#path(object.digest));
    await this.#io.files.syncFolder(shelf);
    return object;
  }

  #path(digest: Digest): string {
    const hex = digestHex(digest);
    return join(this.#root, hex.slice(0, 2), hex);
  }
}
