import type { KernelSession, Region } from '../kernel-session.ts';
import type { CentredRows } from './centred-rows.ts';

/** What the rows nearest to each centre add up to. */
export interface Assignment {
  /** By centre the weighted sum of its rows and their weight (centres x (columns + 1)). */
  readonly sums: Float64Array;
  /** Rows whose label is another than in the round before. */
  readonly changed: number;
}

/** As `blockRows` in assembly/assign.ts. */
const blockRows = 256;
const mostSegments = 64;
const mostSumBytes = 64 * 2 ** 20;

/**
 * Rounds of Lloyd's algorithm over rows in shared memory: labels, bounds and sums are kept from round to
 * round, so that a round reads only the rows whose nearest centre may have changed (Hamerly 2010).
 */
export class LloydRounds {
  readonly #session: KernelSession;
  readonly #rows: CentredRows;
  readonly #centres: number;
  readonly #weights: Region | undefined;
  readonly #segments: number;
  readonly #segmentRows: number;
  readonly #regions: Readonly<Record<RegionName, Region>>;
  #before: Float64Array | undefined;

  constructor(
    session: KernelSession,
    rows: CentredRows,
    centres: number,
    weights?: Float64Array | undefined,
  ) {
    this.#session = session;
    this.#rows = rows;
    this.#centres = centres;
    this.#weights = weights && session.place(weights);
    const bytes = centres * (rows.columns + 1) * 8;
    const most = Math.max(1, Math.min(mostSegments, Math.floor(mostSumBytes / bytes)));
    this.#segmentRows = Math.ceil(rows.rows / most / blockRows) * blockRows;
    this.#segments = Math.ceil(rows.rows / this.#segmentRows);
    this.#regions = allocateRegions(session, rows, centres, this.#segments * bytes);
    this.restart();
  }

  /** Forgets labels, bounds and sums. */
  restart(): void {
    this.#session.int32(this.#regions.labels).fill(-1);
    this.#session.float64(this.#regions.sums).fill(0);
    this.#before = undefined;
  }

  /** Labels each row by its nearest centre (centres x columns, less the rows' means), the lower of equals. */
  async assign(centres: Float64Array): Promise<Assignment> {
    const [session, count] = [this.#session, this.#centres];
    const { rows, columns, x, squares } = this.#rows;
    const r = this.#regions;
    const rounded = Float64Array.from(centres, Math.fround);
    const largest = packCentres(session, rounded, count, columns, r);
    this.#setMoves(rounded);
    this.#before = rounded;
    const scratchBytes = scratchBytesOf(count);
    await session.run('assign', [
      ...[x.address, rows, columns, squares.address, this.#weights?.address ?? 0],
      ...[r.panels.address, r.halves.address, count, r.moves.address],
      ...[(columns + 8) * 2 ** -23, largest],
      ...[r.labels.address, r.upper.address, r.lower.address, this.#segments, this.#segmentRows],
      ...[r.sums.address, r.changes.address, r.scratch.address, scratchBytes],
    ]);
    return this.#total();
  }

  /** The rows' labels as they lie in shared memory. */
  get labels(): Int32Array {
    return this.#session.int32(this.#regions.labels);
  }

  #total(): Assignment {
    const length = this.#centres * (this.#rows.columns + 1);
    const parts = this.#session.float64(this.#regions.sums);
    const sums = new Float64Array(length);
    for (let segment = 0; segment < this.#segments; segment++) {
      for (let at = 0; at < length; at++) sums[at]! += parts[segment * length + at]!;
    }
    const changes = this.#session.int32(this.#regions.changes).subarray(0, this.#segments);
    return { sums, changed: changes.reduce((sum, one) => sum + one, 0) };
  }

  /** For each centre its own move, the largest move of another, half the distance to the nearest other. */
  #setMoves(centres: Float64Array): void {
    const [count, { columns }] = [this.#centres, this.#rows];
    const moves = this.#session.float32(this.#regions.moves);
    const before = this.#before;
    // Distances between centres save less than they cost where centres are many beside the rows.
    const apart = count * 8 <= this.#rows.rows;
    const own = Float64Array.from({ length: count }, (_, j) =>
      before ? outwards * distance(centres, j, before, j, columns) : 0,
    );
    const order = Array.from(own.keys()).sort((a, b) => own[b]! - own[a]!);
    for (let j = 0; j < count; j++) {
      const other = order[0] === j ? order[1] : order[0];
      const nearest = apart ? nearestOther(centres, j, columns) : 0;
      moves[3 * j] = own[j]!;
      moves[3 * j + 1] = other === undefined ? 0 : own[other]!;
      moves[3 * j + 2] = nearest / 2 / outwards;
    }
  }
}

function nearestOther(centres: Float64Array, j: number, columns: number): number {
  let nearest = Infinity;
  for (let k = 0; k < centres.length / columns; k++) {
    if (k !== j) nearest = Math.min(nearest, distance(centres, j, centres, k, columns));
  }
  return nearest;
}

/** Distances between centres are in doubles; this covers their rounding to floats. */
const outwards = 1 + 2 ** -22;

type RegionName =
  | 'panels'
  | 'halves'
  | 'moves'
  | 'labels'
  | 'upper'
  | 'lower'
  | 'sums'
  | 'changes'
  | 'scratch';

function allocateRegions(
  session: KernelSession,
  { rows, columns }: CentredRows,
  centres: number,
  sumBytes: number,
): Readonly<Record<RegionName, Region>> {
  const padded = Math.ceil(centres / 8) * 8;
  const depth = columns + (columns & 1);
  return {
    panels: session.allocate(padded * depth * 4),
    halves: session.allocate(padded * 4),
    moves: session.allocate(centres * 12),
    labels: session.allocate(rows * 4),
    upper: session.allocate(rows * 4),
    lower: session.allocate(rows * 4),
    sums: session.allocate(sumBytes),
    changes: session.allocate(mostSegments * 4),
    scratch: session.allocate(session.threads * scratchBytesOf(centres)),
  };
}

function scratchBytesOf(centres: number): number {
  return blockRows * 4 + 4 * Math.ceil(centres / 8) * 8 * 4;
}

/** Panels of eight centres and half their squared lengths; returns the largest squared length. */
function packCentres(
  session: KernelSession,
  centres: Float64Array,
  count: number,
  columns: number,
  regions: Readonly<Record<'panels' | 'halves', Region>>,
): number {
  const panels = session.float32(regions.panels);
  const halves = session.float32(regions.halves).fill(Infinity);
  const depth = columns + (columns & 1);
  let largest = 0;
  for (let j = 0; j < count; j++) {
    const start = (j >> 3) * depth * 8 + (j & 7);
    let square = 0;
    for (let k = 0; k < columns; k++) {
      const value = centres[j * columns + k]!;
      panels[start + k * 8] = value;
      square += value * value;
    }
    halves[j] = square / 2;
    largest = Math.max(largest, square);
  }
  return largest;
}

function distance(a: Float64Array, i: number, b: Float64Array, j: number, columns: number): number {
  let sum = 0;
  for (let k = 0; k < columns; k++) sum += (a[i * columns + k]! - b[j * columns + k]!) ** 2;
  return Math.sqrt(sum);
}
