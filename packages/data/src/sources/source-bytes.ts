import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { type Digest, DigestStream, hasErrno, type Io, throwIfCancelled } from '@backlot/core';
import type { Objects } from '@backlot/store';
import { SourceChanged } from '../data-error.ts';
import type { DeliveryLimits } from '../deliveries/limits.ts';
import { SourceRefused } from '../deliveries/source-refused.ts';

export type SourceFormat = 'csv' | 'jsonl' | 'parquet';
export type SourceCompression = 'gzip' | 'none';

/** Where a delivery's bytes are and how to read them. */
export type Source = {
  readonly format: SourceFormat;
  readonly compression?: SourceCompression;
} & ({ readonly path: string } | { readonly object: Digest });

/** What a source turned out to be. */
export interface SourceFacts {
  readonly digest: Digest;
  readonly bytes: number;
}

export interface SourceContext {
  readonly io: Io;
  readonly objects: Objects;
  readonly limits: DeliveryLimits;
  readonly signal?: AbortSignal | undefined;
}

/** The file that holds the source, on this machine. */
export async function sourcePath(source: Source, { objects }: SourceContext): Promise<string> {
  return 'path' in source ? source.path : objects.localPath(source.object);
}

/** Names the source by reading it once. */
export async function sourceFacts(source: Source, context: SourceContext): Promise<SourceFacts> {
  const path = await sourcePath(source, context);
  const stat = await context.io.files.stat(path);
  if (stat?.kind === 'file' && stat.bytes > context.limits.maxSourceBytes) throw tooLarge();
  if ('object' in source) return { digest: source.object, bytes: stat?.bytes ?? 0 };
  const hash = new DigestStream();
  for await (const chunk of context.io.files.stream(path)) {
    throwIfCancelled(context.signal, 'the delivery');
    hash.update(chunk);
    if (hash.bytes > context.limits.maxSourceBytes) throw tooLarge();
  }
  return { digest: hash.finish(), bytes: hash.bytes };
}

function tooLarge(): SourceRefused {
  return new SourceRefused('too-large', 'the source has more bytes than are allowed');
}

/**
 * The source's bytes, decompressed, in pieces. Refuses more bytes or a greater ratio than the limits
 * allow, and bytes that are not those of `facts`.
 */
export async function* sourceBytes(
  source: Source,
  facts: SourceFacts,
  context: SourceContext,
  onRead: (sourceBytes: number) => void,
): AsyncGenerator<Uint8Array> {
  const raw = rawBytes(source, facts, context, onRead);
  let bytes = 0;
  for await (const chunk of source.compression === 'gzip' ? gunzip(raw, facts, context) : raw) {
    throwIfCancelled(context.signal, 'the delivery');
    bytes += chunk.byteLength;
    if (bytes > context.limits.maxBytes) throw tooLarge();
    yield chunk;
  }
}

async function* rawBytes(
  source: Source,
  facts: SourceFacts,
  context: SourceContext,
  onRead: (sourceBytes: number) => void,
): AsyncGenerator<Uint8Array> {
  const hash = new DigestStream();
  for await (const chunk of context.io.files.stream(await sourcePath(source, context))) {
    hash.update(chunk);
    onRead(hash.bytes);
    yield chunk;
  }
  if (hash.finish() !== facts.digest) throw new SourceChanged();
}

const ratioFreeBytes = 2 ** 20;

async function* gunzip(
  raw: AsyncIterable<Uint8Array>,
  facts: SourceFacts,
  { limits }: SourceContext,
): AsyncGenerator<Uint8Array> {
  const inflate = createGunzip({ chunkSize: 256 * 1024 });
  const failure: { error?: unknown } = {};
  // The error is thrown by the iteration below; keeping it tells its own errors from the source's.
  pipeline(Readable.from(raw, { objectMode: true, highWaterMark: 1 }), inflate, (error) => {
    if (error) failure.error = error;
  });
  let bytes = 0;
  try {
    for await (const chunk of inflate as AsyncIterable<Uint8Array>) {
      bytes += chunk.byteLength;
      const consumed = Math.max(inflate.bytesWritten, 1);
      if (bytes > ratioFreeBytes && bytes > consumed * limits.maxRatio) throw ratioRefused();
      yield chunk;
    }
  } catch (error) {
    if (isZlibError(error)) {
      throw new SourceRefused('bad-compression', 'the gzip data is broken or cut short');
    }
    throw error;
  }
  if (inflate.bytesWritten < facts.bytes) {
    throw new SourceRefused('bad-compression', 'bytes that are not gzip follow the gzip data');
  }
}

function ratioRefused(): SourceRefused {
  return new SourceRefused('compression-ratio', 'the data unpacks to far more bytes than it has');
}

function isZlibError(error: unknown): boolean {
  return ['Z_DATA_ERROR', 'Z_BUF_ERROR', 'Z_NEED_DICT', 'Z_MEM_ERROR', 'Z_STREAM_ERROR'].some(
    (name) => hasErrno(error, name),
  );
}
