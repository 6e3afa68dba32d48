import { inverseFactor } from '../factor.ts';
import type { KernelSession, Region } from '../kernel-session.ts';
import { type RowSystem, type SolveScratch, solveRows } from '../solve-rows.ts';
import { symmetricEigen } from '../symmetric-eigen.ts';

/** Memory that sweeps of any side share. */
export interface SweepScratch {
  /** Rows of the longer side by the width of a block. */
  readonly turned: Region;
  readonly steps: Region;
  /** As the two before; only with penalties by row. */
  readonly starts: Region | undefined;
  readonly panels: Region;
  readonly spectrum: Region;
  /** A float for each entry. */
  readonly predictions: Region;
  readonly tiles: Region;
  readonly solve: SolveScratch;
}

/** What a sweep reads and what it moves. */
interface BlockSweep {
  readonly system: RowSystem;
  readonly alpha: number;
  /** One penalty for all rows, or each row's own. */
  readonly penalty: number | Region;
  /** The rows that move and those that they face (rows x columns floats, room for a multiple of 4 rows). */
  readonly rows: Region;
  readonly facing: Region;
  readonly facingRows: number;
  /** The facing rows' Gram matrix. */
  readonly gram: Float64Array;
  /** A multiple of 8. */
  readonly columns: number;
  /** The width of a block, a multiple of 8; the last may be narrower. */
  readonly width: number;
  readonly scratch: SweepScratch;
}

/** Memory for sweeps of blocks of `width` over sides of so many rows and systems of so many entries. */
export function sweepScratch(
  session: KernelSession,
  size: { readonly rows: number; readonly entries: number; readonly columns: number },
  width: number,
  byRow: boolean,
  solve: SolveScratch,
): SweepScratch {
  const bytes = Math.ceil(size.rows / 4) * 4 * width * 4;
  return {
    turned: session.allocate(bytes),
    steps: session.allocate(bytes),
    starts: byRow ? session.allocate(bytes) : undefined,
    panels: session.allocate(size.columns * width * 4),
    spectrum: session.allocate(width * 4),
    predictions: session.allocate(size.entries * 4),
    tiles: session.allocate(session.threads * 128),
    solve,
  };
}

/**
 * One pass over the blocks of dimensions of all rows of an implicit factorisation (Rendle et al. 2021, iALS++,
 * algorithm 2): for block p of row u with entries i, confidences a_i, penalty l and the facing Gram
 * matrix G, u_p moves by -(G_pp + l I + sum a_i v_ip v_ip')^-1 times the gradient
 * (G u)_p + l u_p + sum (a_i u v_i - 1 - a_i) v_ip, a step of Newton's that never raises the objective.
 * Blocks are solved in the coordinates in which G_pp and the penalty are the identity.
 */
export async function sweepBlocks(session: KernelSession, sweep: BlockSweep): Promise<void> {
  const { system, rows, facing, columns, scratch } = sweep;
  await session.run('entryProducts', [
    ...[system.offsets.address, system.indices.address, system.rows],
    ...[rows.address, facing.address, columns, scratch.predictions.address],
  ]);
  for (let first = 0; first < columns; first += sweep.width) {
    await moveBlock(session, sweep, first, Math.min(sweep.width, columns - first));
  }
}

async function moveBlock(
  session: KernelSession,
  sweep: BlockSweep,
  first: number,
  width: number,
): Promise<void> {
  const { scratch, columns, gram, penalty } = sweep;
  const byRow = typeof penalty === 'object';
  const basis = await blockBasis(session, sweep, first, width);
  const own = [sweep.rows.address + first * 4, columns, sweep.system.rows] as const;
  const turn = transposed(basis, width);
  const multiply = productOf(session, scratch);
  const there = [sweep.facing.address + first * 4, columns, sweep.facingRows] as const;
  await multiply(there, turn, width, scratch.turned.address, width);
  const slopes = slopeMatrix(gram, byRow ? 0 : penalty, columns, first, width, basis);
  await multiply(
    [sweep.rows.address, ...own.slice(1)],
    slopes,
    width,
    scratch.steps.address,
    width,
  );
  if (byRow) await multiply(own, turn, width, scratch.starts!.address, width);
  await solveRows(session, sweep.system, {
    alpha: sweep.alpha,
    z: scratch.turned,
    columns: width,
    spectrum: byRow ? { values: scratch.spectrum, penalties: penalty } : undefined,
    step: { predictions: scratch.predictions, starts: scratch.starts },
    out: scratch.steps,
    scratch: scratch.solve,
  });
  const steps = [scratch.steps.address, width, sweep.system.rows] as const;
  await multiply(steps, basis, width, own[0], columns, true);
}

/** Rows that turn the block so that its part of the problem is the identity, or diagonal with a spectrum. */
async function blockBasis(
  session: KernelSession,
  { gram, columns, penalty, scratch }: BlockSweep,
  first: number,
  width: number,
): Promise<Float64Array> {
  const part = new Float64Array(width * width);
  for (let i = 0; i < width; i++) {
    const from = (first + i) * columns + first;
    part.set(gram.subarray(from, from + width), i * width);
  }
  if (typeof penalty === 'object') {
    const { values, vectors } = symmetricEigen(part, width);
    session.float32(scratch.spectrum).set(values.map((value) => Math.max(value, 0)));
    return vectors;
  }
  // Columns that only pad are 0 in the Gram matrix and stay so; the pivot's root must have a float's inverse.
  for (let i = 0; i < width; i++) part[i * width + i]! += Math.max(penalty, 1e-30);
  return inverseFactor(session, part, width);
}

/** -(G + penalty I)[all, block] basis': what rows are multiplied with for minus their turned gradient. */
function slopeMatrix(
  gram: Float64Array,
  penalty: number,
  columns: number,
  first: number,
  width: number,
  basis: Float64Array,
): Float64Array {
  const out = new Float64Array(columns * width);
  for (let row = 0; row < columns; row++) {
    const from = gram.slice(row * columns + first, row * columns + first + width);
    if (row >= first && row < first + width) from[row - first]! += penalty;
    for (let i = 0; i < width; i++) {
      let sum = 0;
      for (let k = 0; k < width; k++) sum += from[k]! * basis[i * width + k]!;
      out[row * width + i] = -sum;
    }
  }
  return out;
}

function transposed(matrix: Float64Array, n: number): Float64Array {
  return matrix.map((_, at) => matrix[(at % n) * n + Math.floor(at / n)]!);
}

/** Products of rows at an address (with the floats from row to row, and their number) and a matrix. */
function productOf(session: KernelSession, { panels, tiles }: SweepScratch) {
  return async (
    left: readonly number[],
    matrix: Float64Array,
    columns: number,
    out: number,
    outStride: number,
    keep = false,
  ): Promise<void> => {
    const depth = matrix.length / columns;
    const packed = session.float32(panels);
    for (let row = 0; row < depth; row++) {
      for (let column = 0; column < columns; column++) {
        const to = (column >> 3) * depth * 8 + row * 8 + (column & 7);
        packed[to] = matrix[row * columns + column]!;
      }
    }
    const [address, stride, rows] = left as readonly [number, number, number];
    await session.run('product', [
      ...[address, stride * 4, rows, depth, panels.address, columns],
      ...[out, outStride * 4, Number(keep), tiles.address],
    ]);
  };
}

/**
 * The same for one row in plain TypeScript and doubles: the row after one pass over its blocks. Solved in the
 * row's own coordinates by elimination.
 */
export function plainSweepRow(
  row: ArrayLike<number>,
  entries: readonly ArrayLike<number>[],
  confidences: ArrayLike<number>,
  gram: ArrayLike<number>,
  penalty: number,
  width: number,
): Float64Array {
  const u = Float64Array.from(row);
  const n = u.length;
  for (let first = 0; first < n; first += width) {
    const size = Math.min(width, n - first);
    const slope = plainSlope(u, entries, confidences, gram, penalty);
    const table = Array.from({ length: size }, (_, i) =>
      Float64Array.from({ length: size + 1 }, (_, j) => {
        if (j === size) return -slope[first + i]!;
        let value = gram[(first + i) * n + first + j]! + (i === j ? penalty : 0);
        entries.forEach((v, at) => {
          value += confidences[at]! * v[first + i]! * v[first + j]!;
        });
        return value;
      }),
    );
    eliminate(table).forEach((move, i) => {
      u[first + i]! += move;
    });
  }
  return u;
}

function plainSlope(
  u: Float64Array,
  entries: readonly ArrayLike<number>[],
  confidences: ArrayLike<number>,
  gram: ArrayLike<number>,
  penalty: number,
): Float64Array {
  const n = u.length;
  const slope = u.map((value, i) => {
    let sum = penalty * value;
    for (let k = 0; k < n; k++) sum += gram[i * n + k]! * u[k]!;
    return sum;
  });
  entries.forEach((v, at) => {
    const product = u.reduce((sum, value, k) => sum + value * v[k]!, 0);
    const by = confidences[at]! * product - 1 - confidences[at]!;
    for (let k = 0; k < n; k++) slope[k]! += by * v[k]!;
  });
  return slope;
}

/** Positive definite, so that no pivot has to be looked for. */
function eliminate(table: readonly Float64Array[]): Float64Array {
  const n = table.length;
  for (let k = 0; k < n; k++) {
    for (let i = 0; i < n; i++) {
      if (i === k) continue;
      const factor = table[i]![k]! / table[k]![k]!;
      for (let j = k; j <= n; j++) table[i]![j]! -= factor * table[k]![j]!;
    }
  }
  return Float64Array.from(table, (row, i) => row[n]! / row[i]!);
}
