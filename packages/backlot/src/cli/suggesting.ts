import { BacklotError } from '@backlot/core';

/**
 * Does work that names something. When there is no such thing, the error also says which names that
 * there are were probably meant.
 *
 * @param names asked only then
 */
export async function suggesting<T>(
  name: string,
  names: () => Promise<readonly string[]>,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof BacklotError) || error.kind !== 'notFound') throw error;
    const near = nearest(name, await names());
    if (near.length === 0) throw error;
    const { code, kind, reason, place } = error;
    throw new BacklotError({
      ...{ code, kind, reason, cause: error, mend: `did you mean ${near.join(' or ')}?` },
      ...(place !== undefined && { place }),
    });
  }
}

const mostNames = 3;

/** The names that are few edits away from one, or begin with it; the nearest first. */
export function nearest(name: string, candidates: readonly string[]): readonly string[] {
  const most = Math.max(1, Math.floor(name.length / 3));
  return candidates
    .map((candidate) => ({
      candidate,
      edits: candidate.startsWith(name) ? 0 : editsBetween(name, candidate),
    }))
    .filter(({ edits }) => edits <= most)
    .sort((a, b) => a.edits - b.edits || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, mostNames)
    .map(({ candidate }) => candidate);
}

/** Insertions, deletions, replacements and swaps of neighbours that make one text the other. */
function editsBetween(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const now = [row];
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1];
      let least = Math.min(
        last[column]! + 1,
        now[column - 1]! + 1,
        last[column - 1]! + (same ? 0 : 1),
      );
      const swapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (row > 1 && column > 1 && swapped) least = Math.min(least, beforeLast[column - 2]! + 1);
      now.push(least);
    }
    [beforeLast, last] = [last, now];
  }
  return last[to.length]!;
}
