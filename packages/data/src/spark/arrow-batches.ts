import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { assert } from '@backlot/core';
import {
  CompressionType,
  compressionRegistry,
  type RecordBatch,
  RecordBatchReader,
} from 'apache-arrow';

// Batches arrive compressed, for the network is slower than zstd.
compressionRegistry.set(CompressionType.ZSTD, {
  encode: (data) => new Uint8Array(zstdCompressSync(data)),
  // Arrow for Java writes nothing at all for an empty buffer, which is no frame of zstd.
  decode: (data) => (data.length === 0 ? data : new Uint8Array(zstdDecompressSync(data))),
});

/** The part of a response that carries rows. */
interface Carrier {
  readonly arrowBatch?:
    | {
        readonly rowCount?: bigint | undefined;
        readonly data?: Uint8Array | undefined;
        readonly startOffset?: bigint | undefined;
        readonly chunkIndex?: bigint | undefined;
        readonly chunksInBatch?: bigint | undefined;
      }
    | undefined;
}

/**
 * Decodes the rows of responses: each batch is a whole Arrow stream, in one piece or in numbered
 * chunks. That rows and chunks follow each other without a gap is asserted, across reattachments.
 */
export async function* decodeBatches(
  responses: AsyncIterable<Carrier>,
): AsyncGenerator<RecordBatch> {
  let chunks: Uint8Array[] = [];
  let rows = 0n;
  for await (const { arrowBatch } of responses) {
    if (!arrowBatch) continue;
    const { chunkIndex = 0n, chunksInBatch = 1n, startOffset = rows } = arrowBatch;
    assert(chunkIndex === BigInt(chunks.length), 'the chunks of a batch follow each other');
    assert(startOffset === rows, 'the batches of a result follow each other');
    chunks.push(arrowBatch.data ?? new Uint8Array());
    if (BigInt(chunks.length) < chunksInBatch) continue;
    rows += arrowBatch.rowCount ?? 0n;
    // A copy of its own, for Arrow's arrays must stand at whole multiples of their width.
    yield* RecordBatchReader.from(new Uint8Array(Buffer.concat(chunks)));
    chunks = [];
  }
  assert(chunks.length === 0, 'a result ends with a whole batch');
}
