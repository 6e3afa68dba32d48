import {
  assert,
  BacklotError,
  type Digest,
  DigestStream,
  digestHex,
  digestOfBytes,
  FileTooLarge,
  type Io,
} from '@backlot/core';
import { ObjectCorrupt, ObjectMissing, refreshAfterMs } from './file-objects.ts';
import { ObjectCache } from './object-cache.ts';
import type { CollectableObjects, StoredObject } from './objects.ts';
import type { S3Bucket } from './s3-address.ts';
import { type Fetch, S3Client, type S3Entry } from './s3-client.ts';
import { ObjectStoreUnreachable } from './s3-error.ts';
import type { S3Credentials } from './s3-signature.ts';
import { uploadFile } from './s3-upload.ts';

export interface S3ObjectsOptions extends S3Bucket {
  readonly io: Io;
  readonly fetch: Fetch;
  /** Asked at each request, so that short-lived credentials may be renewed. */
  readonly credentials: () => Promise<S3Credentials>;
  /** A folder for copies that engines read by path; processes of one machine may share it. */
  readonly cache: string;
  /** How much the copies may take, in bytes; 20 GiB by default. */
  readonly cacheBytes?: number;
  /** Larger objects are uploaded in parts of about this size, in bytes; 16 MiB by default. */
  readonly partBytes?: number;
  /** A request, or a pause within an answer, may take this long; one minute by default. */
  readonly timeoutMs?: number;
  /** How often a request is tried; 6 by default. */
  readonly attempts?: number;
  /** The opener owns the state: it clears what crashes left of copies and uploads. */
  readonly owner?: boolean;
}

/**
 * Objects in a bucket of S3 or of a service that speaks its protocol, read-after-write consistent
 * and with conditional puts.
 *
 * An object stands under `<64 digits>/<hour>`: the hour in which it was stored, counted from 1970 by
 * the server's clock. Storing it again within the hour finds that key taken; storing it later writes
 * another key and then removes the older ones. So a key is written once and never made young again,
 * and garbage collection can remove the very keys that it looked at, however late its request
 * arrives: an object that was stored again meanwhile stands under another key. S3 has no other means:
 * a delete on condition of the ETag cannot tell an object from the same bytes stored again.
 *
 * @throws ObjectStoreRefused when the description, the bucket or the credentials will not do
 */
export async function openS3Objects(options: S3ObjectsOptions): Promise<CollectableObjects> {
  const objects = new S3Objects(options);
  await objects.open(options.owner ?? false);
  return objects;
}

class S3Objects implements CollectableObjects {
  readonly #io: Io;
  readonly #client: S3Client;
  readonly #cache: ObjectCache;
  readonly #prefix: string;
  readonly #partBytes: number;
  /** The keys that a running garbage collection looked at. */
  readonly #aside = new Map<Digest, readonly string[]>();

  constructor(options: S3ObjectsOptions) {
    const { io, fetch, credentials, cache, cacheBytes = 20 * 1024 ** 3 } = options;
    const { timeoutMs, attempts } = options;
    this.#io = io;
    this.#client = new S3Client({
      ...{ io, fetch, credentials, where: options },
      ...(timeoutMs !== undefined && { timeoutMs }),
      ...(attempts !== undefined && { attempts }),
    });
    this.#cache = new ObjectCache(io, cache, cacheBytes);
    this.#prefix = options.prefix ?? '';
    this.#partBytes = options.partBytes ?? 16 * 1024 ** 2;
    assert(this.#partBytes >= leastPartBytes, 'S3 takes parts of 5 MiB and more');
  }

  async open(owner: boolean): Promise<void> {
    if (!owner) return;
    await this.#cache.clear();
    const oldest = this.#io.clock.now() - abandonedAfterMs;
    for (const { key, id, begunAt } of await this.#client.unfinishedUploads(this.#prefix)) {
      // Others may keep objects of their own in the same bucket.
      const ours = key.startsWith(this.#prefix) && shape.test(key.slice(this.#prefix.length));
      if (ours && begunAt < oldest) await this.#client.abortUpload(key, id);
    }
  }

  async put(content: Uint8Array | AsyncIterable<Uint8Array>): Promise<StoredObject> {
    if (content instanceof Uint8Array && content.byteLength <= this.#partBytes) {
      const object = { digest: digestOfBytes(content), bytes: content.byteLength };
      return this.#store(object, (key) => this.#client.putNew(key, content));
    }
    // The key is the digest, which is known at the end of a stream: it goes through a local file.
    const path = await this.#cache.incomingPath();
    try {
      const object = await this.#write(path, content instanceof Uint8Array ? [content] : content);
      return await this.#storeFile(object, path);
    } finally {
      await this.#io.files.remove(path);
    }
  }

  async adopt(path: string): Promise<StoredObject> {
    const hash = new DigestStream();
    for await (const chunk of this.#io.files.stream(path)) hash.update(chunk);
    return this.#storeFile({ digest: hash.finish(), bytes: hash.bytes }, path);
  }

  async get(digest: Digest, options?: { readonly limitBytes?: number }): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [];
    let bytes = 0;
    for await (const piece of this.stream(digest)) {
      bytes += piece.byteLength;
      if (bytes > (options?.limitBytes ?? bytes)) throw new FileTooLarge(options!.limitBytes!);
      pieces.push(piece);
    }
    return new Uint8Array(Buffer.concat(pieces));
  }

  async *stream(digest: Digest): AsyncIterable<Uint8Array> {
    const path = await this.#cache.find(digest);
    if (!path) return yield* this.#download(digest);
    const hash = new DigestStream();
    for await (const chunk of this.#io.files.stream(path)) {
      hash.update(chunk);
      yield chunk;
    }
    if (hash.finish() === digest) return;
    // The copy was changed; the object itself may be whole, and the next one to ask gets it.
    await this.#cache.remove(digest);
    throw new ObjectCorrupt(digest);
  }

  async has(digest: Digest): Promise<boolean> {
    return (await this.#generations(digest)).entries.length > 0;
  }

  localPath(digest: Digest): Promise<string> {
    return this.#cache.stage(digest, async (path) => {
      await this.#write(path, this.#download(digest));
    });
  }

  async *list(): AsyncIterable<StoredObject & { readonly modifiedAt: number }> {
    let current: (StoredObject & { readonly modifiedAt: number }) | undefined;
    for await (const entry of this.#entries(this.#prefix)) {
      const hex = shape.exec(entry.key.slice(this.#prefix.length))?.[1];
      if (!hex) continue;
      const digest: Digest = `sha256:${hex}`;
      const { bytes, modifiedAt } = entry;
      // The keys of an object follow each other.
      if (current && current.digest !== digest) yield current;
      else if (current && current.modifiedAt > modifiedAt) continue;
      current = { digest, bytes, modifiedAt };
    }
    if (current) yield current;
  }

  async remove(digest: Digest): Promise<void> {
    for (const { key } of (await this.#generations(digest)).entries) await this.#client.remove(key);
    await this.#cache.remove(digest);
  }

  /** Readers still find it: nothing moves, the keys that stand now are only remembered. */
  async setAside(digest: Digest): Promise<number | undefined> {
    const { entries } = await this.#generations(digest);
    if (entries.length === 0) return undefined;
    this.#aside.set(
      digest,
      entries.map(({ key }) => key),
    );
    return Math.max(...entries.map(({ modifiedAt }) => modifiedAt));
  }

  async restore(digest: Digest): Promise<void> {
    this.#aside.delete(digest);
  }

  async discard(digest: Digest): Promise<boolean> {
    const keys = this.#aside.get(digest);
    if (!keys) return false;
    this.#aside.delete(digest);
    for (const key of keys) await this.#client.remove(key);
    await this.#cache.remove(digest);
    return true;
  }

  async #storeFile(object: StoredObject, path: string): Promise<StoredObject> {
    const options = {
      client: this.#client,
      files: this.#io.files,
      path,
      partBytes: this.#partBytes,
    };
    await this.#store(object, (key) => uploadFile({ ...options, key, bytes: object.bytes }));
    await this.#cache.keep(object.digest, path);
    return object;
  }

  /** Stores an object under this hour's key, unless it was stored within an hour; then the older keys go. */
  async #store(
    object: StoredObject,
    upload: (key: string) => Promise<boolean>,
  ): Promise<StoredObject> {
    for (let attempt = 0; attempt < 3; attempt++) {
      const { entries, at } = await this.#generations(object.digest);
      const whole = entries.filter(({ bytes }) => bytes === object.bytes);
      if (whole.some(({ modifiedAt }) => at < modifiedAt + refreshAfterMs)) return object;
      const key = this.#key(object.digest, at);
      // Something else put other bytes there; those of this object are at hand.
      if (entries.some((entry) => entry.key === key)) await this.#client.remove(key);
      if (!(await upload(key))) continue;
      for (const older of entries) if (older.key !== key) await this.#client.remove(older.key);
      return object;
    }
    throw new ObjectStoreUnreachable(this.#client.place, 'it neither holds nor takes an object');
  }

  /** The object's bytes, going on where an answer was cut; checked at the end. */
  async *#download(digest: Digest): AsyncIterable<Uint8Array> {
    const hash = new DigestStream();
    let entry = await this.#newest(digest);
    for (let cuts = 0; hash.bytes < entry.bytes; cuts++) {
      if (cuts > maxCuts) {
        throw new ObjectStoreUnreachable(this.#client.place, `its answer was cut ${cuts} times`);
      }
      if (cuts > 0) await this.#io.clock.sleep(100 * cuts);
      const body = await this.#client.get(entry.key, hash.bytes);
      // It was stored again meanwhile and stands under another key, or it was collected.
      if (!body) entry = await this.#newest(digest);
      else yield* uncut(body, hash);
    }
    if (hash.finish() !== digest) throw new ObjectCorrupt(digest);
  }

  async #newest(digest: Digest): Promise<S3Entry> {
    const { entries } = await this.#generations(digest);
    const newest = entries.reduce<S3Entry | undefined>(
      (best, entry) => (best && best.modifiedAt > entry.modifiedAt ? best : entry),
      undefined,
    );
    if (!newest) throw new ObjectMissing(digest);
    return newest;
  }

  /** The keys under which an object stands, mostly one, and the server's time. */
  #generations(
    digest: Digest,
  ): Promise<{ readonly entries: readonly S3Entry[]; readonly at: number }> {
    return this.#client.list(`${this.#prefix}${digestHex(digest)}/`);
  }

  async *#entries(prefix: string): AsyncIterable<S3Entry> {
    let next: string | undefined;
    do {
      const page = await this.#client.list(prefix, next);
      yield* page.entries;
      next = page.next;
    } while (next);
  }

  async #write(
    path: string,
    content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  ): Promise<StoredObject> {
    const file = await this.#io.files.create(path);
    const hash = new DigestStream();
    try {
      for await (const chunk of content) {
        hash.update(chunk);
        await file.write(chunk);
      }
    } finally {
      await file.close();
    }
    return { digest: hash.finish(), bytes: hash.bytes };
  }

  #key(digest: Digest, at: number): string {
    return `${this.#prefix}${digestHex(digest)}/${Math.floor(at / refreshAfterMs)}`;
  }
}

/** The pieces of an answer until it ends or is cut. */
async function* uncut(
  body: AsyncIterable<Uint8Array>,
  hash: DigestStream,
): AsyncIterable<Uint8Array> {
  const pieces = body[Symbol.asyncIterator]();
  try {
    for (;;) {
      let piece: IteratorResult<Uint8Array>;
      try {
        piece = await pieces.next();
      } catch (error) {
        if (error instanceof BacklotError) throw error;
        return;
      }
      if (piece.done) return;
      hash.update(piece.value);
      yield piece.value;
    }
  } finally {
    await pieces.return?.();
  }
}

const shape = /^([0-9a-f]{64})\/\d+$/;
const leastPartBytes = 5 * 1024 ** 2;
/** An upload that was begun this long ago belongs to a process that is gone. */
const abandonedAfterMs = 86_400_000;
const maxCuts = 5;
