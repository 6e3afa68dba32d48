import type { KernelSession, Region } from '../kernel-session.ts';
import { counterBelow, counterShuffle } from './counter-draw.ts';
import type { PairCells } from './pair-cells.ts';

/** Where the factors of a pairwise ranking lie, and what its steps are. */
export interface PairwiseModel {
  /** Floats, users x columns. */
  readonly users: Region;
  /** Floats, items x columns. */
  readonly items: Region;
  /** Floats, items. */
  readonly biases: Region;
  /** A multiple of 8. */
  readonly columns: number;
  /** What each user met, ascending (int32, users + 1 and entries). */
  readonly historyOffsets: Region;
  readonly historyItems: Region;
  /** Negatives by popularity rather than all alike. */
  readonly popular: boolean;
  /** What vectors and biases are pulled to 0 by, for each step that they are in. */
  readonly decay: number;
  readonly biasDecay: number;
}

/** What an epoch lost. */
export interface EpochLoss {
  /** The mean over steps, each before it moved anything. */
  readonly loss: number;
  /** Pairs for which a negative was found. */
  readonly steps: number;
}

const lossRegions = new WeakMap<PairCells, Region>();

/**
 * Walks all pairs once: for each, x = u (v_i - v_j) + b_i - b_j for a drawn item j that the user has not met,
 * and a step down -ln sigma(x) + decay / 2 (|u|^2 + |v_i|^2 + |v_j|^2) (Rendle et al. 2009, figure 4).
 */
export async function pairwiseEpoch(
  session: KernelSession,
  cells: PairCells,
  model: PairwiseModel,
  rate: number,
): Promise<EpochLoss> {
  const losses = lossRegions.get(cells) ?? session.allocate(cells.blocks ** 2 * 16);
  lossRegions.set(cells, losses);
  for (let round = 0; round < cells.blocks; round++) {
    await session.run('pairwise', [
      ...[round, cells.blocks, cells.cellOffsets.address, cells.records.address],
      ...[cells.blockOffsets.address, cells.blockItems.address, cells.keys.address],
      ...[Number(model.popular), model.historyOffsets.address, model.historyItems.address],
      ...[model.users.address, model.items.address, model.biases.address, model.columns],
      ...[rate, model.decay, model.biasDecay, losses.address],
    ]);
  }
  return epochLoss(session.float64(losses));
}

/** From the sum of losses and the number of steps of each cell. */
export function epochLoss(cells: Float64Array): EpochLoss {
  let [loss, steps] = [0, 0];
  for (let at = 0; at < cells.length; at += 2) {
    loss += cells[at]!;
    steps += cells[at + 1]!;
  }
  return { loss: loss / Math.max(1, steps), steps };
}

/** What `plainPairwiseCell` reads and moves: rows as lists of numbers. */
interface PlainPairwise {
  readonly users: readonly Float64Array[];
  readonly items: readonly Float64Array[];
  readonly biases: Float64Array;
  readonly histories: readonly ReadonlySet<number>[];
  readonly rate: number;
  readonly decay: number;
  readonly biasDecay: number;
}

/**
 * The steps of one cell in plain TypeScript and doubles; `pool` is what negatives are drawn from. The records
 * are reordered as the kernel does.
 */
export function plainPairwiseCell(
  model: PlainPairwise,
  records: (readonly [number, number])[],
  pool: () => readonly number[],
  key: number,
): EpochLoss {
  const order = counterShuffle(key, records.length);
  const shuffled = Array.from(order, (at) => records[at]!);
  records.splice(0, records.length, ...shuffled);
  const negatives = pool();
  let counter = records.length;
  let [loss, steps] = [0, 0];
  for (const [user, item] of records) {
    let other = -1;
    for (let attempt = 0; attempt < 16 && other < 0; attempt++) {
      const drawn = negatives[counterBelow(key, counter++, negatives.length)]!;
      if (!model.histories[user]!.has(drawn)) other = drawn;
    }
    if (other < 0) continue;
    loss += plainStep(model, user, item, other);
    steps++;
  }
  return { loss: loss / Math.max(1, steps), steps };
}

function plainStep(model: PlainPairwise, user: number, item: number, other: number): number {
  const { biases, rate, decay, biasDecay } = model;
  const [u, i, j] = [model.users[user]!, model.items[item]!, model.items[other]!];
  const margin =
    u.reduce((sum, value, k) => sum + value * (i[k]! - j[k]!), 0) + biases[item]! - biases[other]!;
  const slope = rate / (1 + Math.exp(margin));
  const kept = 1 - rate * decay;
  u.forEach((value, k) => {
    const [a, b] = [i[k]!, j[k]!];
    u[k] = kept * value + slope * (a - b);
    i[k] = kept * a + slope * value;
    j[k] = kept * b - slope * value;
  });
  biases[item] = (1 - rate * biasDecay) * biases[item]! + slope;
  biases[other] = (1 - rate * biasDecay) * biases[other]! - slope;
  return Math.log1p(Math.exp(-margin));
}
