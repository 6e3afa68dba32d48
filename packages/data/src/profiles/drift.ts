import type { ColumnProfile, SnapshotProfile } from '../duckdb/profile.ts';

/** How far a column has moved from one snapshot to the next; what cannot be told is absent. */
export interface ColumnDrift {
  readonly name: string;
  /** The share of missing values now, less that before; -1 to 1. */
  readonly nulls: number;
  /** The population stability index over ten equal shares of before: 0 none, over 0.2 a lot. */
  readonly psi?: number;
  /** Kolmogorov-Smirnov: the greatest gap between the distributions, 0 to 1. */
  readonly ks?: number;
  /** Total variation between the shares of the top values, the rest taken together; 0 to 1. */
  readonly top?: number;
}

/** The drift of each column that both profiles have. */
export function driftBetween(
  before: SnapshotProfile,
  after: SnapshotProfile,
): readonly ColumnDrift[] {
  const known = new Map(before.columns.map((column) => [column.name, column]));
  return after.columns.flatMap((column) => {
    const old = known.get(column.name);
    if (!old || before.rows === 0 || after.rows === 0) return [];
    const top = topDistance(present(old, before), present(column, after), old, column);
    return [
      {
        name: column.name,
        nulls: column.nulls / after.rows - old.nulls / before.rows,
        ...(old.grid && column.grid && gridDrift(old.grid, column.grid)),
        ...(top !== undefined && { top }),
      },
    ];
  });
}

function present(column: ColumnProfile, { rows }: SnapshotProfile): number {
  return rows - column.nulls;
}

/** Share of values at or below `value`, from quantiles at equal steps, linear between them. */
function shareBelow(grid: readonly number[], value: number, strictly: boolean): number {
  const last = grid.length - 1;
  if (strictly ? value <= grid[0]! : value < grid[0]!) return 0;
  if (strictly ? value > grid[last]! : value >= grid[last]!) return 1;
  // The last place whose quantile is not beyond the value: many may be equal where values repeat.
  let place = 0;
  while (place < last && (strictly ? grid[place + 1]! < value : grid[place + 1]! <= value)) place++;
  const [low, high] = [grid[place]!, grid[place + 1]!];
  const part = high > low ? Math.min(1, (value - low) / (high - low)) : 0;
  return (place + part) / last;
}

function gridDrift(
  before: readonly number[],
  after: readonly number[],
): { readonly psi: number; readonly ks: number } {
  let ks = 0;
  for (const value of [...before, ...after]) {
    for (const strictly of [false, true]) {
      const gap = shareBelow(before, value, strictly) - shareBelow(after, value, strictly);
      ks = Math.max(ks, Math.abs(gap));
    }
  }
  return { psi: stability(before, after), ks };
}

const parts = 10;
/** Stands for an empty part: its logarithm has to be finite. */
const leastShare = 1e-4;

function stability(before: readonly number[], after: readonly number[]): number {
  const step = (before.length - 1) / parts;
  const inner = Array.from({ length: parts - 1 }, (_, index) => before[(index + 1) * step]!);
  const edges = [...new Set(inner)];
  let [psi, seenBefore, seenAfter] = [0, 0, 0];
  for (const edge of [...edges, Number.POSITIVE_INFINITY]) {
    const toBefore = shareBelow(before, edge, false);
    const toAfter = shareBelow(after, edge, false);
    const old = Math.max(toBefore - seenBefore, leastShare);
    const now = Math.max(toAfter - seenAfter, leastShare);
    psi += (now - old) * Math.log(now / old);
    [seenBefore, seenAfter] = [toBefore, toAfter];
  }
  return psi;
}

/** A lower bound of the distance: values that neither list holds are taken together. */
function topDistance(
  rowsBefore: number,
  rowsAfter: number,
  before: ColumnProfile,
  after: ColumnProfile,
): number | undefined {
  if (!before.top || !after.top || rowsBefore === 0 || rowsAfter === 0) return undefined;
  const old = new Map(before.top.map(({ value, rows }) => [value, rows / rowsBefore]));
  const now = new Map(after.top.map(({ value, rows }) => [value, rows / rowsAfter]));
  // A value that fell out of one list has some share below that list's least: it counts as rest.
  const both = [...old.keys()].filter((value) => now.has(value));
  const complete = (map: Map<string, number>): boolean =>
    [...map.values()].reduce((sum, share) => sum + share, 0) > 1 - 1e-9;
  const values =
    complete(old) && complete(now) ? [...new Set([...old.keys(), ...now.keys()])] : both;
  let [gap, restBefore, restAfter] = [0, 1, 1];
  for (const value of values) {
    const [was, is] = [old.get(value) ?? 0, now.get(value) ?? 0];
    gap += Math.abs(is - was);
    restBefore -= was;
    restAfter -= is;
  }
  return (gap + Math.abs(restAfter - restBefore)) / 2;
}
