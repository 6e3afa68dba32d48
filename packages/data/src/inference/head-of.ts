import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { hasErrno, type Io } from '@backlot/core';
import { SourceRefused } from '../deliveries/source-refused.ts';
import type { SourceCompression } from '../sources/source-bytes.ts';

interface HeadOptions {
  readonly io: Io;
  readonly path: string;
  readonly compression: SourceCompression;
}

/** The first bytes of a file, decompressed, and whether they are all. */
export async function headOf(
  { io, path, compression }: HeadOptions,
  maxBytes: number,
): Promise<{ readonly bytes: Buffer; readonly whole: boolean }> {
  const raw = io.files.stream(path);
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of compression === 'gzip' ? gunzip(raw) : raw) {
    parts.push(part);
    length += part.byteLength;
    if (length > maxBytes) return { bytes: Buffer.concat(parts, maxBytes), whole: false };
  }
  return { bytes: Buffer.concat(parts), whole: true };
}

async function* gunzip(raw: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const inflate = createGunzip();
  const failure: { error?: unknown } = {};
  const source = async function* (): AsyncGenerator<Uint8Array> {
    try {
      yield* raw;
    } catch (error) {
      // The disk's fault is not the file's: it is thrown as it is.
      failure.error = error;
      throw error;
    }
  };
  // What goes wrong comes out of the iteration below.
  pipeline(
    Readable.from(source(), { objectMode: true, highWaterMark: 1 }),
    inflate,
    () => undefined,
  );
  try {
    yield* inflate as AsyncIterable<Uint8Array>;
  } catch (error) {
    if (failure.error !== undefined) throw failure.error;
    if (!['Z_DATA_ERROR', 'Z_BUF_ERROR', 'Z_NEED_DICT'].some((name) => hasErrno(error, name))) {
      throw error;
    }
    throw new SourceRefused('bad-compression', 'the gzip data is broken or cut short');
  }
}
