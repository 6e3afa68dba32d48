import {
  type KernelSession,
  openKernels,
  packedBytes,
  packRows,
  rank,
  rankScratch,
} from '@backlot/compute';
import type { Tensor } from '../../fitted-model.ts';
import type { RankOptions, Recommendations } from '../recommender-kind.ts';

/** Users that are ranked between two reports of progress; a bound on memory, too. */
const batchUsers = 4096;

/** The best items for each row of user vectors by inner product, on all threads. */
export async function rankFactors(
  userFactors: Float32Array,
  itemFactors: Tensor<'float32'>,
  query: RankOptions,
): Promise<Recommendations> {
  const [items, width] = [itemFactors.shape[0]!, itemFactors.shape[1]!];
  await using session = await openKernels({
    ...(query.threads !== undefined && { threads: query.threads }),
    signal: query.signal,
  });
  const depth = Math.ceil(width / 8) * 8;
  const batch = await prepare(session, itemFactors.data, items, width, depth, query);
  const found = {
    users: query.users,
    k: query.k,
    items: new Int32Array(query.users.length * query.k),
    scores: new Float32Array(query.users.length * query.k),
  };
  for (let first = 0; first < query.users.length; first += batchUsers) {
    const count = Math.min(batchUsers, query.users.length - first);
    const vectors = userFactors.subarray(first * width, (first + count) * width);
    pad(vectors, width, session.float32(batch.users), depth);
    session
      .int32(batch.excludedOffsets)
      .set(query.excludedOffsets.subarray(first, first + count + 1));
    await rank(session, { ...batch, count });
    const end = count * query.k;
    found.items.set(session.int32(batch.outItems).subarray(0, end), first * query.k);
    found.scores.set(session.float32(batch.outScores).subarray(0, end), first * query.k);
    query.onProgress?.({ step: 'users', done: first + count, total: query.users.length });
  }
  return found;
}

async function prepare(
  session: KernelSession,
  itemFactors: Float32Array,
  items: number,
  width: number,
  depth: number,
  query: RankOptions,
) {
  const rows = Math.min(batchUsers, Math.ceil(query.users.length / 4) * 4);
  const padded = session.allocate(items * depth * 4);
  pad(itemFactors, width, session.float32(padded), depth);
  const panels = session.allocate(packedBytes(items, depth));
  await packRows(session, padded, items, depth, panels);
  return {
    users: session.allocate(rows * depth * 4),
    depth,
    panels,
    items,
    excludedOffsets: session.allocate((rows + 1) * 4),
    excluded: session.place(query.excluded),
    k: query.k,
    outItems: session.allocate(rows * query.k * 4),
    outScores: session.allocate(rows * query.k * 4),
    scratch: rankScratch(session),
  };
}

function pad(from: Float32Array, width: number, to: Float32Array, depth: number): void {
  for (let row = 0; row * width < from.length; row++) {
    to.set(from.subarray(row * width, (row + 1) * width), row * depth);
  }
}
