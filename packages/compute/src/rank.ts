import type { KernelSession, Region } from './kernel-session.ts';

/** What each user's best items are picked from. */
export interface RankQuery {
  /** Factors of the users, one after another (count x depth, room for a multiple of 4 rows). */
  readonly users: Region;
  readonly count: number;
  /** A multiple of 8. */
  readonly depth: number;
  /** The items' factors as `packRows` left them. */
  readonly panels: Region;
  readonly items: number;
  /** For each user where its excluded items begin and end (count + 1). */
  readonly excludedOffsets: Region;
  /** Excluded items, ascending within a user. */
  readonly excluded: Region;
  readonly k: number;
  /** int32, count x k. */
  readonly outItems: Region;
  /** float32, count x k. */
  readonly outScores: Region;
  /** From `rankScratch`. */
  readonly scratch: Region;
}

const blockUsers = 64;
const blockItems = 128;
const scratchBytes = blockUsers * blockItems * 4 + blockUsers * 4;

/** The scratch memory that ranking needs in a session. */
export function rankScratch(session: KernelSession): Region {
  return session.allocate(session.threads * scratchBytes);
}

/** Bytes of the panels of so many rows. */
export function packedBytes(rows: number, depth: number): number {
  return Math.ceil(rows / 8) * 8 * depth * 4;
}

/** Packs rows (rows x depth) in panels of eight, for `rank`. */
export async function packRows(
  session: KernelSession,
  x: Region,
  rows: number,
  depth: number,
  panels: Region,
): Promise<void> {
  await session.run('pack', [x.address, rows, depth, panels.address]);
}

/**
 * The k items of largest inner product for each user, best first, equal scores by item index. A place that
 * stays empty holds item -1 and score -Infinity.
 */
export async function rank(session: KernelSession, query: RankQuery): Promise<void> {
  await session.run('rank', [
    query.users.address,
    query.count,
    query.depth,
    query.panels.address,
    query.items,
    query.excludedOffsets.address,
    query.excluded.address,
    query.k,
    query.outItems.address,
    query.outScores.address,
    query.scratch.address,
    scratchBytes,
  ]);
}

/** The k best of one row of scores in plain TypeScript; excluded items are ascending. */
export function plainBest(
  scores: Float32Array | Float64Array,
  k: number,
  excluded: ArrayLike<number>,
): { readonly items: Int32Array; readonly scores: Float32Array } {
  const out = new Set(Array.from(excluded));
  const order = Array.from(scores.keys())
    .filter((item) => !out.has(item) && scores[item]! > -Infinity)
    .sort((a, b) => scores[b]! - scores[a]! || a - b)
    .slice(0, k);
  const items = new Int32Array(k).fill(-1);
  const best = new Float32Array(k).fill(-Infinity);
  items.set(order);
  best.set(order.map((item) => scores[item]!));
  return { items, scores: best };
}
