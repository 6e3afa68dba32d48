import type { KernelSession, Region } from '../kernel-session.ts';
import { counterBelow, counterShuffle } from './counter-draw.ts';
import type { PairCells } from './pair-cells.ts';
import { type EpochLoss, epochLoss } from './pairwise-steps.ts';

/** Where the vectors of weighted pairs lie, and what their steps are. */
export interface ConstrainedModel {
  /** Floats, users x columns. */
  readonly users: Region;
  /** Floats, items x columns. */
  readonly items: Region;
  /** A multiple of 8, of which `factors` are not padding. */
  readonly columns: number;
  readonly factors: number;
  /** What each user met, ascending (int32, users + 1 and entries). */
  readonly historyOffsets: Region;
  readonly historyItems: Region;
  /** Floats whose products weigh drawn pairs. */
  readonly userScales: Region;
  readonly itemScales: Region;
  /** Items that are drawn for a pair of a weight above 0. */
  readonly negatives: number;
  /** The weight of each drawn pair: this, and this times the scales of both. */
  readonly negative: number;
  readonly negativeScaled: number;
  /** What both vectors of a pair of a weight above 0 are pulled to 0 by. */
  readonly decay: number;
}

interface Scratch {
  readonly losses: Region;
  readonly userSquares: Region;
  readonly itemSquares: Region;
  readonly threads: Region;
  readonly bytes: number;
}

const scratches = new WeakMap<PairCells, Scratch>();

/** One scratch for each dealing: mean squares belong to its pairs. */
function scratchOf(session: KernelSession, cells: PairCells, model: ConstrainedModel): Scratch {
  const bytes = Math.ceil((128 + 8 * model.columns + 4 * model.negatives) / 64) * 64;
  const rows = (region: Region): number => region.bytes / model.columns;
  const held = scratches.get(cells) ?? {
    losses: session.allocate(cells.blocks ** 2 * 16),
    userSquares: session.allocate(rows(model.users)),
    itemSquares: session.allocate(rows(model.items)),
    threads: session.allocate(session.threads * bytes),
    bytes,
  };
  scratches.set(cells, held);
  return held;
}

/**
 * Walks all records once. For a pair (u, i) of weight a above 0, a step down
 * a ln(1 + e^-uv_i) + decay / 2 (|u|^2 + |v_i|^2) + sum over drawn j not met of b_j ln(1 + e^uv_j),
 * b_j = negative + negativeScaled s_u s_j; for one below 0 down |a| ln(1 + e^-uv_i). Steps are the gradient
 * times rate over the root of a running mean, by row, of its mean square (which keeps 0.99 of itself; as
 * RMSProp, but one number a row). The loss is told by a record.
 */
export async function constrainedEpoch(
  session: KernelSession,
  cells: PairCells,
  model: ConstrainedModel,
  rate: number,
): Promise<EpochLoss> {
  const scratch = scratchOf(session, cells, model);
  for (let round = 0; round < cells.blocks; round++) {
    await session.run('constrained', [
      ...[round, cells.blocks, cells.cellOffsets.address, cells.records.address],
      ...[cells.blockOffsets.address, cells.blockItems.address, cells.keys.address],
      ...[model.historyOffsets.address, model.historyItems.address],
      ...[model.users.address, model.items.address],
      ...[scratch.userSquares.address, scratch.itemSquares.address],
      ...[model.userScales.address, model.itemScales.address, model.columns, 1 / model.factors],
      ...[model.negatives, model.negative, model.negativeScaled, rate, model.decay],
      ...[scratch.losses.address, scratch.threads.address, scratch.bytes],
    ]);
  }
  return epochLoss(session.float64(scratch.losses));
}

/** A row and its running mean square. */
interface PlainRow {
  readonly vector: Float64Array;
  squares: number;
}

/** What `plainConstrainedCell` reads and moves. */
interface PlainConstrained {
  readonly users: readonly PlainRow[];
  readonly items: readonly PlainRow[];
  readonly histories: readonly ReadonlySet<number>[];
  readonly userScales: ArrayLike<number>;
  readonly itemScales: ArrayLike<number>;
  readonly negatives: number;
  readonly negative: number;
  readonly negativeScaled: number;
  readonly rate: number;
  readonly decay: number;
}

/** The steps of one cell in plain TypeScript and doubles; returns the sum of losses. */
export function plainConstrainedCell(
  model: PlainConstrained,
  records: readonly (readonly [number, number, number])[],
  pool: readonly number[],
  key: number,
): number {
  let counter = records.length;
  let total = 0;
  for (const at of counterShuffle(key, records.length)) {
    const [user, item, weight] = records[at]!;
    const u = model.users[user]!.vector.slice();
    const decay = weight > 0 ? model.decay : 0;
    const v = model.items[item]!;
    const score = product(u, v.vector);
    const pull = -Math.abs(weight) / (1 + Math.exp(score));
    total += Math.abs(weight) * Math.log1p(Math.exp(-score));
    total += (decay / 2) * (product(u, u) + product(v.vector, v.vector));
    const slope = u.map((value, k) => pull * v.vector[k]! + decay * value);
    moveRow(
      v,
      u.map((value, k) => pull * value + decay * v.vector[k]!),
      model.rate,
    );
    if (weight > 0) {
      const drawn: number[] = [];
      for (let draw = 0; draw < model.negatives; draw++) {
        const other = pool[counterBelow(key, counter++, pool.length)]!;
        if (!model.histories[user]!.has(other)) drawn.push(other);
      }
      for (let first = 0; first < drawn.length; first += 4) {
        const four = drawn.slice(first, first + 4);
        const loss = plainPush(model, user, u, four, slope);
        if (first === 0) total += (loss * drawn.length) / four.length;
      }
    }
    moveRow(model.users[user]!, slope, model.rate);
  }
  return total;
}

/** Four items from where they were before: of one drawn twice, the later step is what remains. */
function plainPush(
  model: PlainConstrained,
  user: number,
  u: Float64Array,
  four: readonly number[],
  slope: Float64Array,
): number {
  let loss = 0;
  const before = four.map((item) => model.items[item]!.vector.slice());
  four.forEach((item, place) => {
    const weight =
      model.negative + model.negativeScaled * model.userScales[user]! * model.itemScales[item]!;
    const score = product(u, before[place]!);
    const push = weight / (1 + Math.exp(-score));
    loss += weight * Math.log1p(Math.exp(score));
    before[place]!.forEach((value, k) => {
      slope[k]! += push * value;
    });
    model.items[item]!.vector.set(before[place]!);
    moveRow(
      model.items[item]!,
      u.map((value) => push * value),
      model.rate,
    );
  });
  return loss;
}

function moveRow(row: PlainRow, slope: Float64Array, rate: number): void {
  const squares = product(slope, slope) / slope.length;
  row.squares = row.squares > 0 ? 0.99 * row.squares + 0.01 * squares : squares;
  const step = rate / Math.sqrt(row.squares + 1e-12);
  slope.forEach((value, k) => {
    row.vector[k]! -= step * value;
  });
}

function product(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, k) => sum + value * b[k]!, 0);
}
