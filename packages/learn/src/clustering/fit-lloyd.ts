import { type CentredRows, centredRows, LloydRounds, openKernels } from '@backlot/compute';
import { seededRandom, throwIfCancelled } from '@backlot/core';
import type { FitOptions } from '../fit-options.ts';
import type { Matrix } from '../matrix.ts';
import { seedCentres } from './seed-centres.ts';

/** Centres and how well they fit the rows. */
export interface Centres {
  /** clusters x columns. */
  readonly centres: Float64Array;
  /** The weighted sum of squared distances to the nearest centre. */
  readonly inertia: number;
  readonly rounds: number;
}

interface LloydSettings {
  readonly clusters: number;
  readonly rounds: number;
  readonly tolerance: number;
  readonly restarts: number;
}

/** The best of some restarts of Lloyd's algorithm, the first of equals. */
export async function fitLloyd(
  matrix: Matrix,
  weights: Float64Array | undefined,
  settings: LloydSettings,
  options: FitOptions,
): Promise<Centres> {
  const { threads, signal } = options;
  await using session = await openKernels({ ...(threads && { threads }), signal });
  const rows = await centredRows(session, matrix);
  const lloyd = new LloydRounds(session, rows, settings.clusters, weights);
  const total = scatterOf(session.float32(rows.squares), weights);
  let best: Centres | undefined;
  for (let restart = 0; restart < settings.restarts; restart++) {
    const random = seededRandom(options.seed ?? 0, restart);
    const start = seedCentres(matrix, weights, settings.clusters, random);
    shift(start, rows.means, -1);
    lloyd.restart();
    const found = await descend(lloyd, rows, start, total, settings, options);
    if (!best || found.inertia < best.inertia) best = found;
  }
  shift(best!.centres, rows.means, 1);
  return best!;
}

async function descend(
  lloyd: LloydRounds,
  { rows, columns }: CentredRows,
  start: Float64Array,
  total: { readonly squares: number; readonly weight: number },
  settings: LloydSettings,
  options: FitOptions,
): Promise<Centres> {
  const least = (settings.tolerance * total.squares) / total.weight / columns;
  let centres = start;
  let done = 0;
  for (; done < settings.rounds; done++) {
    throwIfCancelled(options.signal, 'the fit');
    const { sums, changed } = await lloyd.assign(centres);
    const loss = inertiaOf(sums, centres, columns, total.squares);
    options.onProgress?.({ step: 'rounds', done: done + 1, total: settings.rounds, loss });
    if (changed === 0 && rows > 0) return { centres, inertia: loss, rounds: done + 1 };
    const next = means(sums, centres, columns);
    const moved = next.reduce((sum, value, at) => sum + (value - centres[at]!) ** 2, 0);
    centres = next;
    if (moved <= least) break;
  }
  const { sums } = await lloyd.assign(centres);
  const inertia = inertiaOf(sums, centres, columns, total.squares);
  return { centres, inertia, rounds: Math.min(done + 1, settings.rounds) };
}

/** The means of each centre's rows; a centre without rows stays where it is. */
function means(sums: Float64Array, before: Float64Array, columns: number): Float64Array {
  // Kept to floats, in which the rows are measured.
  return before.map((old, at) => {
    const start = Math.floor(at / columns) * (columns + 1);
    const weight = sums[start + columns]!;
    return Math.fround(weight > 0 ? sums[start + (at % columns)]! / weight : old);
  });
}

/** The sum of |x|^2 - 2 x c + |c|^2 over the rows by their sums, rows being centred. */
function inertiaOf(
  sums: Float64Array,
  centres: Float64Array,
  columns: number,
  squares: number,
): number {
  let total = squares;
  centres.forEach((centre, at) => {
    const start = Math.floor(at / columns) * (columns + 1);
    total += centre * (sums[start + columns]! * centre - 2 * sums[start + (at % columns)]!);
  });
  return Math.max(0, total);
}

function scatterOf(
  squared: Float32Array,
  weights: Float64Array | undefined,
): { readonly squares: number; readonly weight: number } {
  let [squares, weight] = [0, 0];
  for (let row = 0; row < squared.length; row++) {
    const own = weights?.[row] ?? 1;
    squares += own * squared[row]!;
    weight += own;
  }
  return { squares, weight };
}

function shift(centres: Float64Array, by: Float64Array, sign: 1 | -1): void {
  for (let at = 0; at < centres.length; at++) centres[at]! += sign * by[at % by.length]!;
}
