import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, type Io, realIo } from '@backlot/core';
import type { MotoServer } from '@backlot/testing';
import type { CollectableObjects } from './objects.ts';
import type { S3Bucket } from './s3-address.ts';
import { type Fetch, S3Client } from './s3-client.ts';
import { openS3Objects, type S3ObjectsOptions } from './s3-objects.ts';

/** A clock of tests whose pauses pass at once; limits, which have a signal, take their time. */
export function hastyClock(clock: Clock): Clock {
  return {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    sleep: (ms, signal) =>
      signal ? realIo().clock.sleep(ms, signal) : new Promise((resolve) => setImmediate(resolve)),
  };
}

export interface S3World {
  readonly where: S3Bucket;
  readonly io: Io;
  readonly folder: string;
  readonly client: S3Client;
  /** Opens the objects of the bucket; each with a cache of its own unless it is named. */
  open(options?: Partial<S3ObjectsOptions>): Promise<CollectableObjects>;
  /** Uploads in parts that are unfinished, and files that are half written. */
  leftovers(): Promise<readonly string[]>;
  remove(): void;
}

let buckets = 0;

/** An empty bucket, and what objects on it need. */
export async function s3World(
  server: MotoServer,
  options: { readonly clock?: Clock; readonly fetch?: Fetch } = {},
): Promise<S3World> {
  const bucket = `bucket-${buckets++}`;
  await server.bucket(bucket);
  const folder = mkdtempSync(join(tmpdir(), 'backlot-s3-'));
  const io: Io = { ...realIo(), clock: hastyClock(options.clock ?? realIo().clock) };
  const where = {
    bucket,
    region: 'us-east-1',
    endpoint: server.endpoint,
    prefix: 'media/objects/',
  };
  const credentials = async () => ({ accessKeyId: 'test', secretAccessKey: 'secret' });
  const fetch = options.fetch ?? globalThis.fetch;
  const client = new S3Client({ io, fetch: globalThis.fetch, where, credentials });
  let caches = 0;
  return {
    ...{ where, io, folder, client },
    open: (more = {}) =>
      openS3Objects({
        ...{ ...where, io, fetch, credentials, cache: join(folder, `cache-${caches++}`) },
        ...more,
      }),
    leftovers: async () => {
      const files = readdirSync(folder).flatMap((cache) =>
        cache.startsWith('cache-') && existsSync(join(folder, cache, 'incoming'))
          ? readdirSync(join(folder, cache, 'incoming'))
          : [],
      );
      return [...files, ...(await client.unfinishedUploads('')).map(({ key }) => key)];
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
