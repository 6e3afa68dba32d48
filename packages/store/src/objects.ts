import type { Digest } from '@backlot/core';

/**
 * The object port: bytes named by their SHA-256, written once, never changed.
 * Implementations: `openFileObjects`, `openS3Objects`.
 */
export interface Objects {
  /** Stores bytes; resolves once they are durable. Storing the same bytes again changes nothing. */
  put(content: Uint8Array | AsyncIterable<Uint8Array>): Promise<StoredObject>;
  /** Takes over a file that something else wrote: syncs it, hashes it, moves it into place. */
  adopt(path: string): Promise<StoredObject>;
  /** The bytes, checked against the digest. */
  get(digest: Digest, options?: { readonly limitBytes?: number }): Promise<Uint8Array>;
  /** The bytes in pieces; an error at the end when they do not match the digest. */
  stream(digest: Digest): AsyncIterable<Uint8Array>;
  has(digest: Digest): Promise<boolean>;
  /** A local file that holds the object, for engines that read files by themselves. */
  localPath(digest: Digest): Promise<string>;
  list(): AsyncIterable<StoredObject>;
  remove(digest: Digest): Promise<void>;
}

export interface StoredObject {
  readonly digest: Digest;
  readonly bytes: number;
}

/** Objects whose garbage can be collected beside running work; see `collectGarbage`. */
export interface CollectableObjects extends Objects {
  list(): AsyncIterable<StoredObject & { readonly modifiedAt: number }>;
  /**
   * Marks an object as about to go and answers when it was last stored, or `undefined` when absent. Where
   * that takes it out of the readers' way, one who asks for it puts it back.
   */
  setAside(digest: Digest): Promise<number | undefined>;
  /** Puts back an object that was set aside; nothing happens when there is none. */
  restore(digest: Digest): Promise<void>;
  /** Removes an object that was set aside, and answers whether it still was. */
  discard(digest: Digest): Promise<boolean>;
}
