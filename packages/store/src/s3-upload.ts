import type { Files } from '@backlot/core';
import type { S3Client } from './s3-client.ts';

/**
 * Stores a file where nothing stands yet: in one request, or in parts when it is larger than one. An
 * upload that does not end well is aborted: its parts would cost money and show nowhere.
 *
 * @returns `false` where something stands there already
 */
export async function uploadFile(options: {
  readonly client: S3Client;
  readonly files: Files;
  readonly path: string;
  readonly bytes: number;
  readonly key: string;
  readonly partBytes: number;
}): Promise<boolean> {
  const { client, files, path, bytes, key } = options;
  if (bytes <= options.partBytes) return client.putNew(key, await files.read(path));
  const partBytes = Math.max(options.partBytes, Math.ceil(bytes / maxParts));
  const count = Math.ceil(bytes / partBytes);
  const uploadId = await client.beginUpload(key);
  let finished = false;
  try {
    const tags: string[] = [];
    let next = 0;
    const work = async (): Promise<void> => {
      for (let part = next++; part < count; part = next++) {
        const range = { start: part * partBytes, end: Math.min(bytes, (part + 1) * partBytes) };
        const body = await readRange(files, path, range);
        tags[part] = await client.uploadPart(key, uploadId, part + 1, body);
      }
    };
    // All have ended before an upload is aborted, or a late part would be left over.
    const ends = await Promise.allSettled(Array.from({ length: concurrentParts }, work));
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
    finished = await client.finishUpload(key, uploadId, tags);
    return finished;
  } finally {
    if (!finished) await client.abortUpload(key, uploadId);
  }
}

const maxParts = 10_000;
/** Parts that are in memory at once. */
const concurrentParts = 3;

async function readRange(
  files: Files,
  path: string,
  range: { readonly start: number; readonly end: number },
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of files.stream(path, range)) chunks.push(chunk);
  return Buffer.concat(chunks);
}
