import type { KernelSession, Region } from '../kernel-session.ts';

/** Which items each user met: row u's items are `indices[offsets[u] .. offsets[u + 1] - 1]`, distinct. */
interface MetItems {
  readonly users: number;
  readonly items: number;
  readonly offsets: Int32Array;
  readonly indices: Int32Array;
}

/** The sums of pairs of items, in a session's memory; row i holds item i itself, too. */
export interface CoOccurrence {
  readonly items: number;
  /** items + 1 integers. */
  readonly offsets: Region;
  /** The other item of each entry (integers), in no order. */
  readonly others: Region;
  /** The sum of each entry (floats). */
  readonly sums: Region;
  /** By item, the sum with itself, in doubles. */
  readonly diagonal: Float64Array;
}

/**
 * For each pair of items the sum of the shares of the users who met both: X' S X for the 0-1 matrix X and
 * the diagonal S of shares, all above 0. Sums run in doubles by ascending user and are kept as floats.
 * Holds 8 bytes for each pair that any user met, and 12 a thread and item.
 */
export async function coOccurrence(
  session: KernelSession,
  byUser: MetItems,
  byItem: MetItems,
  shares: Float64Array,
): Promise<CoOccurrence> {
  const { items } = byUser;
  const scratchBytes = Math.ceil((12 * items) / 64) * 64;
  const given = [
    ...[items, session.place(byItem.offsets).address, session.place(byItem.indices).address],
    ...[session.place(byUser.offsets).address, session.place(byUser.indices).address],
    session.place(shares).address,
  ];
  const counts = session.allocate(4 * items);
  const offsets = session.allocate(4 * (items + 1));
  const scratch = [session.allocate(session.threads * scratchBytes).address, scratchBytes];
  await session.run('coOccurrence', [
    ...given,
    ...[counts.address, offsets.address, 0, 0],
    ...scratch,
  ]);
  const total = accumulate(session.int32(counts), session.int32(offsets));
  const [others, sums] = [session.allocate(4 * total), session.allocate(4 * total)];
  await session.run('coOccurrence', [
    ...given,
    ...[counts.address, offsets.address, others.address, sums.address],
    ...scratch,
  ]);
  return { items, offsets, others, sums, diagonal: diagonalOf(byItem, shares) };
}

/** Writes where each row begins; gives the number of all entries, which may be more than an Int32 holds. */
function accumulate(counts: Int32Array, offsets: Int32Array): number {
  let total = 0;
  counts.forEach((count, item) => {
    total += count;
    offsets[item + 1] = total;
  });
  return total;
}

function diagonalOf({ users: items, offsets, indices }: MetItems, shares: Float64Array) {
  return Float64Array.from({ length: items }, (_, item) => {
    let sum = 0;
    for (let at = offsets[item]!; at < offsets[item + 1]!; at++) sum += shares[indices[at]!]!;
    return sum;
  });
}

/** The same in plain TypeScript, dense (items x items), in doubles. */
export function plainCoOccurrence(byUser: MetItems, shares: Float64Array): Float64Array {
  const { users, items, offsets, indices } = byUser;
  const sums = new Float64Array(items * items);
  for (let user = 0; user < users; user++) {
    const met = indices.subarray(offsets[user], offsets[user + 1]);
    for (const one of met) {
      for (const other of met) sums[one * items + other]! += shares[user]!;
    }
  }
  return sums;
}
