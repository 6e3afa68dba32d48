import type { KernelSession } from '../kernel-session.ts';
import type { CoOccurrence } from './co-occurrence.ts';

export interface ColumnWeightsOptions {
  /** How many items, those of the largest cosine, may have a weight for an item; at least 1. */
  readonly candidates: number;
  /** The weight of the sum of absolute weights. */
  readonly l1: number;
  /** By item that predicts, the weight of half its squared weight; above 0. */
  readonly penalties: Float64Array;
  readonly nonNegative: boolean;
  /** Stops once no weight moves its own gradient by more than this part of the item's own sum. */
  readonly tolerance: number;
  /** The most passes over an item's candidates. */
  readonly maxSweeps: number;
}

/** For item j the items `indices[offsets[j] .. offsets[j + 1] - 1]` with their weights, none of them 0. */
export interface ColumnWeights {
  readonly offsets: Int32Array;
  readonly indices: Int32Array;
  readonly weights: Float32Array;
}

/**
 * For each item the weights of others that predict who met it (elastic net, Ning and Karypis 2011, with
 * their selection of features): w minimises |x - X w|^2 / 2 + l1 |w| + w' P w / 2 over its candidates,
 * by coordinate descent on sums of pairs. Rows of sums are gathered only for weights that become other than
 * zero. The result does not depend on the threads.
 */
export async function columnWeights(
  session: KernelSession,
  pairs: CoOccurrence,
  options: ColumnWeightsOptions,
): Promise<ColumnWeights> {
  const { items } = pairs;
  const candidates = Math.max(1, Math.min(options.candidates, items - 1));
  const scratchBytes = scratchSize(items, candidates);
  const counts = session.allocate(4 * items);
  const [outItems, outWeights] = [0, 0].map(() => session.allocate(4 * items * candidates));
  await session.run('columnWeights', [
    ...[items, pairs.offsets.address, pairs.others.address, pairs.sums.address],
    ...[session.place(pairs.diagonal).address, session.place(options.penalties).address],
    ...[candidates, options.l1, options.nonNegative ? 1 : 0, options.tolerance, options.maxSweeps],
    ...[counts.address, outItems!.address, outWeights!.address],
    ...[session.allocate(session.threads * scratchBytes).address, scratchBytes],
  ]);
  const offsets = new Int32Array(items + 1);
  session.int32(counts).forEach((count, item) => {
    offsets[item + 1] = offsets[item]! + count;
  });
  const indices = new Int32Array(offsets[items]!);
  const weights = new Float32Array(offsets[items]!);
  const [foundItems, foundWeights] = [session.int32(outItems!), session.float32(outWeights!)];
  for (let item = 0; item < items; item++) {
    const [at, count] = [item * candidates, offsets[item + 1]! - offsets[item]!];
    indices.set(foundItems.subarray(at, at + count), offsets[item]);
    weights.set(foundWeights.subarray(at, at + count), offsets[item]);
  }
  return { offsets, indices, weights };
}

/** Seven lists of the candidates, the places of all items, and the candidates' rows. */
function scratchSize(items: number, candidates: number): number {
  const lists = 7 * 8 * (Math.ceil(candidates / 2) * 2);
  const rows = candidates * 4 * Math.ceil((candidates + 1) / 4) * 4;
  return Math.ceil((lists + 4 * Math.ceil(items / 4) * 4 + rows) / 64) * 64;
}

/** The same in plain TypeScript for one item, from dense sums (items x items): a weight for each item. */
export function plainColumnWeights(
  sums: Float64Array,
  items: number,
  item: number,
  options: ColumnWeightsOptions,
): Float64Array {
  const { candidates, l1, penalties, nonNegative, tolerance, maxSweeps } = options;
  const sum = (a: number, b: number): number => Math.fround(sums[a * items + b]!);
  const own = (one: number): number => sums[one * items + one]!;
  const key = (one: number): number => sum(item, one) / Math.sqrt(own(one));
  const chosen = Array.from({ length: items }, (_, one) => one)
    .filter((one) => one !== item && sum(item, one) > 0)
    .sort((a, b) => key(b) - key(a) || a - b)
    .slice(0, candidates);
  const weights = new Float64Array(items);
  for (let sweep = 0, change = Infinity; sweep < maxSweeps; sweep++, change = 0) {
    for (const one of chosen) {
      let pull = sum(item, one);
      for (const other of chosen) if (other !== one) pull -= sum(one, other) * weights[other]!;
      const curvature = own(one) + penalties[one]!;
      const shrunk = Math.max(0, Math.abs(pull) - l1) / curvature;
      const after = pull > 0 ? shrunk : nonNegative ? 0 : -shrunk;
      change = sweep === 0 ? Infinity : Math.max(change, Math.abs(after - weights[one]!));
      weights[one] = after;
    }
    if (change <= tolerance) break;
  }
  return weights;
}
