import {
  gram,
  inverseFactor,
  type KernelSession,
  multiply,
  openKernels,
  packSquare,
  type Region,
  type RowSystem,
  type SolveScratch,
  solveRows,
  solveScratch,
  symmetricEigen,
} from '@backlot/compute';
import { seededRandom } from '@backlot/core';
import type { FitOptions } from '../../fit-options.ts';
import { float32, float64, type RecommenderModel } from '../../fitted-model.ts';
import type { Specification } from '../../specification.ts';
import type { ImplicitALSValues } from '../implicit-als.ts';
import { type Interactions, transpose } from '../interactions.ts';
import { blockRounds } from './block-rounds.ts';
import { rowPenalties } from './penalty.ts';

type Hyper = ImplicitALSValues;

/** What one half of a round needs: the rows it solves for, and memory for both sides. */
export interface Half {
  readonly session: KernelSession;
  readonly hyper: Hyper;
  /** The number of factors, padded to a multiple of 8 with zeros. */
  readonly columns: number;
  /** Two buffers, each wide enough for either side. */
  readonly buffers: readonly [Region, Region];
  readonly panels: Region;
  readonly spectrum: Region;
  readonly scratch: SolveScratch;
}

export interface Side {
  readonly system: RowSystem;
  readonly rows: number;
  /** Only with frequency scaling. */
  readonly penalties: Region | undefined;
}

/**
 * Fits from random item vectors by rounds of users, then items, and users once more: the users' vectors are
 * exact beside the items', and a user's place among the rows does not matter.
 */
export async function fitImplicitALS(
  specification: Specification<string, ImplicitALSValues>,
  interactions: Interactions,
  options: FitOptions,
): Promise<RecommenderModel> {
  const hyper = specification.parameters;
  await using session = await openKernels({
    ...(options.threads !== undefined && { threads: options.threads }),
    signal: options.signal,
  });
  const users = placeSide(session, interactions, hyper);
  const items = placeSide(session, transpose(interactions), hyper);
  const half = prepare(session, hyper, users, items);
  const seed = options.seed ?? 0;
  const [near, far] = half.buffers;
  startFactors(session.float32(near), items.rows, hyper.factors, half.columns, seed);
  const total = 2 * hyper.iterations + 1;
  const report = (step: number): void =>
    options.onProgress?.({ step: step % 2 === 1 ? 'users' : 'items', done: step, total });
  const rounds = hyper.block === null ? wholeRounds : blockRounds;
  await rounds(half, users, items, report);
  const itemFactors = unpad(session.float32(near), items.rows, hyper.factors, half.columns);
  const itemGram = await solveSide(half, near, items.rows, users, far);
  report(total);
  const userFactors = unpad(session.float32(far), users.rows, hyper.factors, half.columns);
  return {
    kind: specification.kind,
    specification,
    seed,
    signature: {
      users: interactions.users,
      items: interactions.items,
      interactions: interactions.indices.length,
    },
    tensors: {
      userFactors: float32([users.rows, hyper.factors], userFactors),
      itemFactors: float32([items.rows, hyper.factors], itemFactors),
      itemGram: float64([hyper.factors, hyper.factors], unpadGram(itemGram, hyper, half.columns)),
    },
  };
}

/** Rounds of all users and then all items, the items' vectors in the first buffer before and after. */
async function wholeRounds(
  half: Half,
  users: Side,
  items: Side,
  report: (step: number) => void,
): Promise<void> {
  let [near, far] = half.buffers;
  for (let step = 1; step <= 2 * half.hyper.iterations; step++) {
    const [side, other] = step % 2 === 1 ? [users, items] : [items, users];
    await solveSide(half, near, other.rows, side, far);
    [near, far] = [far, near];
    report(step);
  }
}

function placeSide(session: KernelSession, interactions: Interactions, hyper: Hyper): Side {
  const { users: rows, offsets, indices, weights } = interactions;
  const length = (row: number): number => offsets[row + 1]! - offsets[row]!;
  const order = Int32Array.from({ length: rows }, (_, row) => row);
  order.sort((a, b) => length(b) - length(a) || a - b);
  const scaled = hyper.frequencyScaling > 0;
  return {
    rows,
    penalties: scaled ? session.place(rowPenalties(interactions, hyper)) : undefined,
    system: {
      order: session.place(order),
      rows,
      offsets: session.place(offsets),
      indices: session.place(indices),
      weights: weights && session.place(weights),
      longestRow: rows === 0 ? 0 : length(order[0]!),
    },
  };
}

function prepare(session: KernelSession, hyper: Hyper, users: Side, items: Side): Half {
  const columns = Math.ceil(hyper.factors / 8) * 8;
  const bytes = Math.ceil(Math.max(users.rows, items.rows) / 4) * 4 * columns * 4;
  const longest = Math.max(users.system.longestRow, items.system.longestRow);
  return {
    session,
    hyper,
    columns,
    buffers: [session.allocate(bytes), session.allocate(bytes)],
    panels: session.allocate(columns * columns * 4),
    spectrum: session.allocate(columns * 4),
    scratch: solveScratch(session, longest, columns, hyper.frequencyScaling > 0),
  };
}

function startFactors(
  near: Float32Array,
  rows: number,
  factors: number,
  columns: number,
  seed: number,
): void {
  const random = seededRandom(seed);
  const scale = 0.2 / Math.sqrt(factors) / 2 ** 32;
  for (let row = 0; row < rows; row++) {
    for (let k = 0; k < factors; k++) {
      near[row * columns + k] = (random.uint32() - 2 ** 31) * scale;
    }
  }
}

/**
 * Solves for the side, into `far`, from the other side's factors in `near`, which is overwritten: transformed
 * factors go to `far`, transformed solutions to `near`. Returns the other side's Gram matrix.
 */
async function solveSide(
  half: Half,
  near: Region,
  otherRows: number,
  side: Side,
  far: Region,
): Promise<Float64Array> {
  const { session, columns, panels } = half;
  const total = await gram(session, near, otherRows, columns);
  const basis = await (side.penalties ? spectralBasis : whiteBasis)(half, total);
  packSquare(basis, columns, true, session.float32(panels));
  const inward = side.penalties ? 'dense' : 'upper';
  await multiply(session, near, otherRows, columns, panels, inward, far);
  await solveRows(session, side.system, {
    alpha: half.hyper.alpha,
    z: far,
    columns,
    spectrum: side.penalties && { values: half.spectrum, penalties: side.penalties },
    out: near,
    scratch: half.scratch,
  });
  packSquare(basis, columns, false, session.float32(panels));
  const outward = side.penalties ? 'dense' : 'lower';
  await multiply(session, near, side.rows, columns, panels, outward, far);
  return total;
}

/** Coordinates, as rows, in which the Gram matrix and the penalty together are the identity. */
function whiteBasis(half: Half, total: Float64Array): Promise<Float64Array> {
  const { columns, hyper } = half;
  const matrix = total.slice();
  for (let k = 0; k < columns; k++) {
    matrix[k * columns + k]! += k < hyper.factors ? hyper.regularisation : 1;
  }
  return inverseFactor(half.session, matrix, columns);
}

/** Eigenvectors of the Gram matrix, as rows: with them each row may have a penalty of its own. */
async function spectralBasis(half: Half, total: Float64Array): Promise<Float64Array> {
  const { values, vectors } = symmetricEigen(total, half.columns);
  const spectrum = half.session.float32(half.spectrum);
  values.forEach((value, at) => {
    spectrum[at] = Math.max(value, 0);
  });
  return vectors;
}

function unpad(
  padded: Float32Array,
  rows: number,
  factors: number,
  columns: number,
): Float32Array<ArrayBuffer> {
  const kept = new Float32Array(rows * factors);
  for (let row = 0; row < rows; row++) {
    kept.set(padded.subarray(row * columns, row * columns + factors), row * factors);
  }
  return kept;
}

function unpadGram(total: Float64Array, { factors }: Hyper, columns: number): Float64Array {
  return Float64Array.from(
    { length: factors * factors },
    (_, at) => total[Math.floor(at / factors) * columns + (at % factors)]!,
  );
}
